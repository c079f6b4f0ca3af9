import type { EntrySummary } from '../../register/entry.ts';
import { covers, type Scope } from '../roles.ts';

/**
 * What somebody may know of everything under a support reference: of her bodies all; otherwise what became of logins
 * that began at her own services, and of that only what is theirs. What another service got later by the same session
 * is that service's; a login that began elsewhere is not there for her, even where one of hers was entered after it.
 */
export function visibleEntries(scope: Scope, entries: readonly EntrySummary[]): EntrySummary[] {
  const own = new Set(
    entries.filter(({ clientId }) => clientId !== null && scope.own?.clientIds.includes(clientId)),
  );
  const begun = new Set(
    [...own].filter(({ kind }) => kind === 'request').map(({ transactionId }) => transactionId),
  );
  return entries.filter(
    (entry) => covers(scope, entry.entityId) || (own.has(entry) && begun.has(entry.transactionId)),
  );
}
