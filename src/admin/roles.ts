/**
 * Who may do what in the console. Municipality administrators see and change their own body only, service developers
 * the services of one body that are theirs.
 */
export const ROLES = [
  'union-administrator',
  'municipality-administrator',
  'auditor',
  'data-protection-officer',
  'service-developer',
] as const;
export type Role = (typeof ROLES)[number];

/** Roles that a program may have: what is one's own is for people. */
export const PROGRAM_ROLES = ROLES.filter((role) => role !== 'service-developer');

/** A role that somebody has. */
export interface Grant {
  readonly id: string;
  readonly role: Role;
  /** The body it is for; undefined for the whole union. */
  readonly entityId: string | undefined;
  /** Of a service developer: the services that are hers. */
  readonly clientIds?: readonly string[];
  /** What the person is called in lists. */
  readonly name: string;
}

/** Whether a role is for one body (and needs one) or for the whole union (and has none). */
export function isForOneBody(role: Role): boolean {
  return role === 'municipality-administrator' || role === 'service-developer';
}

export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}

/** What of the union somebody sees with those of her roles that admit an operation. */
export interface Scope {
  /** Bodies; undefined for all. */
  readonly entityIds: readonly string[] | undefined;
  /** Of bodies that she does not see whole: her role for each, by which she registers services, and those that are hers. */
  readonly own?: {
    readonly roles: ReadonlyMap<string, Grant['id']>;
    readonly clientIds: readonly string[];
  };
}

/** @returns undefined when none of the grants admits the operation */
export function scopeOf(grants: readonly Grant[], admits: readonly Role[]): Scope | undefined {
  const fitting = grants.filter(({ role }) => admits.includes(role));
  if (fitting.length === 0) return undefined;
  const developed = fitting.filter(({ role }) => role === 'service-developer');
  const bodies = fitting.filter((grant) => !developed.includes(grant)).map(({ entityId }) => entityId);
  if (bodies.includes(undefined)) return { entityIds: undefined };
  const entityIds = bodies.filter((id) => id !== undefined);
  if (developed.length === 0) return { entityIds };
  const own = {
    roles: new Map(developed.flatMap(({ entityId, id }) => (entityId === undefined ? [] : [[entityId, id]]))),
    clientIds: developed.flatMap(({ clientIds = [] }) => clientIds),
  };
  return { entityIds, own };
}

export function covers(scope: Scope, entityId: string): boolean {
  return scope.entityIds?.includes(entityId) ?? true;
}

/** Whether somebody knows of a role: of those of a body whoever administers it, of those for the whole union only the union. */
export function coversGrant(scope: Scope, { entityId }: Pick<Grant, 'entityId'>): boolean {
  return entityId === undefined ? scope.entityIds === undefined : covers(scope, entityId);
}

/** Whether somebody may take a role away: the union's administrators any, those of a body the role of its developers. */
export function mayRevoke(scope: Scope, grant: Pick<Grant, 'entityId' | 'role'>): boolean {
  return scope.entityIds === undefined || (grant.role === 'service-developer' && coversGrant(scope, grant));
}

/** Whether somebody deals with a service: of a body that is hers, or her own. */
export function coversService(scope: Scope, { id, entity }: { id: string; entity: string }): boolean {
  return covers(scope, entity) || (scope.own?.clientIds.includes(id) ?? false);
}

/** Whether somebody may register services in the name of a body. */
export function mayRegisterFor(scope: Scope, entityId: string): boolean {
  return covers(scope, entityId) || (scope.own?.roles.has(entityId) ?? false);
}
