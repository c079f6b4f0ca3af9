import { kindsFor } from '../clients/policy.ts';
import { isOfAge } from './age.ts';
import type { Missing, RequestFacts, SessionFacts } from '../provider/facts.ts';

/** How long a session of each level may answer for the citizen, in milliseconds. Level 3 has none: it is never reused. */
export interface ReusePolicy {
  readonly level1Ms: number;
  readonly level2Ms: number;
}

/**
 * Whether an identity that a browser holds may answer a client's request without a new authentication
 * (spid-register-and-logout, 2.1). Pure: everything it weighs is in its arguments. What makes the identity useless for
 * the request comes first, what a further step at the provider can add to it comes last.
 * @returns what is missing, or undefined when the session suffices
 */
export function missingForReuse(
  session: SessionFacts | undefined,
  request: RequestFacts,
  policy: ReusePolicy,
  now: Date,
): Missing | undefined {
  if (!session) return 'session';
  if (!session.ofStage) return 'source';
  // Sessions are not shared among bodies above level 1, and at level 1 the provider's own session serves.
  if (session.entityId !== request.client.entity) return 'entity';
  if (request.loginHint !== undefined && !session.answersTo(request.loginHint)) return 'person';
  const { policy: clientPolicy = {} } = request.client;
  if (!kindsFor(clientPolicy.purpose).includes(session.kind)) return 'identity-kind';
  if (clientPolicy.sources && !clientPolicy.sources.includes(session.source)) return 'source';
  if (session.age !== undefined && !isOfAge(session.age, clientPolicy.age)) return 'age';
  if (clientPolicy.reuse === false) return 'reuse';
  if (request.prompts.includes('login')) return 'fresh-authentication';
  if (request.level === 3 || session.level < request.level) return 'level';
  // A service of a lower level gets nothing from an access that was for one act only.
  if (session.level === 3) return 'fresh-authentication';
  const age = now.getTime() - session.authenticatedAt.getTime();
  if (age >= (session.level === 1 ? policy.level1Ms : policy.level2Ms)) return 'fresh-authentication';
  if (request.maxAge !== undefined && (request.maxAge === 0 || age > request.maxAge * 1000))
    return 'fresh-authentication';
  if (!request.attributes.every((name) => session.attributes.includes(name))) return 'attributes';
  return undefined;
}
