import type { AuditEntry } from '../../../audit/entry.ts';
import { badCursor, pageOf, paged } from '../paging.ts';
import { route, type ApiRoom, type ApiRoute } from '../route.ts';
import * as schemas from '../schemas.ts';

/** What administrators did, newest first. */
export function auditRoutes({ store, trail }: ApiRoom): ApiRoute[] {
  return [
    route({
      method: 'GET',
      path: '/audit',
      operation: 'audit.read',
      status: 200,
      summary: 'The audit trail, newest first',
      query: ['limit', 'cursor'],
      response: schemas.auditPage,
      answer: async (visit) => {
        const { limit, after } = pageOf(visit);
        const before = after === undefined ? undefined : Number(after);
        if (before !== undefined && !Number.isSafeInteger(before)) throw badCursor();
        const { entityIds } = visit.scope;
        const found = await trail.list(store.db, { before, limit: limit + 1, entityIds });
        return paged(found, limit, ({ seq }) => String(seq), shown);
      },
    }),
  ];
}

function shown({ seq, at, actor, via, action, outcome, hash, ...entry }: AuditEntry) {
  return {
    seq,
    at,
    actor,
    via,
    action,
    outcome,
    hash,
    target: entry.target ?? null,
    entity: entry.entityId ?? null,
    address: entry.address ?? null,
    before: entry.before ?? null,
    after: entry.after ?? null,
  };
}
