import type { RequestFacts, SessionFacts } from '../provider/facts.ts';

/** How long a session of each level may answer for the citizen, in milliseconds. Level 3 has none: it is never reused. */
export interface ReusePolicy {
  readonly level1Ms: number;
  readonly level2Ms: number;
}

/** Why a session cannot answer a request; `undefined` when it can. */
export type Missing =
  'session' | 'fresh-authentication' | 'entity' | 'level' | 'identity-kind' | 'attributes' | 'person';

/**
 * Whether the session a browser holds may answer a client's request without a new authentication
 * (spid-register-and-logout, 2.1). Pure: everything it weighs is in its arguments.
 * @returns what is missing, or undefined when the session suffices
 */
export function missingForReuse(
  session: SessionFacts | undefined,
  request: RequestFacts,
  policy: ReusePolicy,
  now: Date,
): Missing | undefined {
  if (!session) return 'session';
  if (request.prompts.includes('login')) return 'fresh-authentication';
  // Sessions are not shared among bodies above level 1, and at level 1 the provider's own session serves.
  if (session.entityId !== request.client.entity) return 'entity';
  if (session.level === 3 || session.level < request.level) return 'level';
  const age = now.getTime() - session.authenticatedAt.getTime();
  if (age >= (session.level === 1 ? policy.level1Ms : policy.level2Ms)) return 'fresh-authentication';
  if (request.maxAge !== undefined && age > request.maxAge * 1000) return 'fresh-authentication';
  if (session.kind !== 'citizen') return 'identity-kind';
  if (!request.attributes.every((name) => session.attributes.includes(name))) return 'attributes';
  if (request.loginHint !== undefined && !session.answersTo(request.loginHint)) return 'person';
  return undefined;
}
