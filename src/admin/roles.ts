/** Who may do what in the console. Municipality administrators see and change their own body only. */
export const ROLES = [
  'union-administrator',
  'municipality-administrator',
  'auditor',
  'data-protection-officer',
] as const;
export type Role = (typeof ROLES)[number];

/** A role that somebody has. */
export interface Grant {
  readonly id: string;
  readonly role: Role;
  /** The body it is for; undefined for the whole union. */
  readonly entityId: string | undefined;
  /** What the person is called in lists. */
  readonly name: string;
}

/** Whether a role is for one body (and needs one) or for the whole union (and has none). */
export function isForOneBody(role: Role): boolean {
  return role === 'municipality-administrator';
}

export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}

/** What of the union somebody sees with those of her roles that admit an operation. */
export interface Scope {
  /** Bodies; undefined for all. */
  readonly entityIds: readonly string[] | undefined;
}

/** @returns undefined when none of the grants admits the operation */
export function scopeOf(grants: readonly Grant[], admits: readonly Role[]): Scope | undefined {
  const fitting = grants.filter(({ role }) => admits.includes(role));
  if (fitting.length === 0) return undefined;
  const bodies = fitting.map(({ entityId }) => entityId);
  return bodies.includes(undefined)
    ? { entityIds: undefined }
    : { entityIds: bodies.filter((id) => id !== undefined) };
}

export function covers(scope: Scope, entityId: string): boolean {
  return scope.entityIds?.includes(entityId) ?? true;
}
