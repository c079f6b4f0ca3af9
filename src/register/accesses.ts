import { randomUUID } from 'node:crypto';
import { Refused } from '../operations/errors.ts';
import type { RegisterTables } from '../store/schema/register.ts';
import type { Queryable, Store } from '../store/store.ts';
import { searchEntries } from './search.ts';

/** A citizen entered a service: once for each code that the service got. */
export interface Access {
  readonly transactionId: string;
  readonly reference: string;
  readonly at: Date;
  readonly clientId: string;
  readonly provider: string;
  readonly level: number;
  /** Names of the claims that the service read of this login. */
  readonly claims: readonly string[];
  /** She has said that it was not she. */
  readonly reported: boolean;
}

export type AccessReport = RegisterTables['access_reports'];

/**
 * What a person entered, newest first, across all services and bodies of the gateway.
 * @param personHashes what she is known by, under every key
 */
export async function accessesOf(db: Queryable, personHashes: readonly string[]): Promise<Access[]> {
  const entries = await searchEntries(db, { personHashes, kinds: ['granted', 'released'] });
  const reports = await db
    .selectFrom('access_reports')
    .select(['transaction_id', 'client_id'])
    .where('person_hash', 'in', [...personHashes])
    .execute();
  const key = (transactionId: string, clientId: string | null) => JSON.stringify([transactionId, clientId]);
  const reported = new Set(reports.map((row) => key(row.transaction_id, row.client_id)));
  const claims = new Map<string, Set<string>>();
  for (const entry of entries) {
    const of = key(entry.transactionId, entry.clientId);
    claims.set(of, new Set([...(claims.get(of) ?? []), ...entry.claims]));
  }
  return entries
    .filter(({ kind }) => kind === 'granted')
    .map((entry) => {
      const of = key(entry.transactionId, entry.clientId);
      return {
        ...{ transactionId: entry.transactionId, reference: entry.reference, at: entry.at },
        ...{ clientId: entry.clientId ?? '', provider: entry.provider ?? '', level: entry.level ?? 0 },
        claims: [...(claims.get(of) ?? [])],
        reported: reported.has(of),
      };
    });
}

/**
 * A citizen says that an access was not hers: opens a case, once.
 * @throws Refused `no_such_access` (404) when it is not among her own
 */
export async function reportAccess(
  store: Store,
  personHashes: readonly string[],
  access: Pick<Access, 'transactionId' | 'clientId'>,
  now: Date,
): Promise<void> {
  await store.transaction(async (transaction) => {
    const entry = await transaction
      .selectFrom('register_entries')
      .select(['reference', 'person_hash'])
      .where('transaction_id', '=', access.transactionId)
      .where('client_id', '=', access.clientId)
      .where('kind', '=', 'granted')
      .where('person_hash', 'in', [...personHashes])
      .executeTakeFirst();
    if (!entry?.person_hash) throw new Refused('no_such_access', 'no access of this person', { status: 404 });
    await transaction
      .insertInto('access_reports')
      .values({
        ...{ id: randomUUID(), transaction_id: access.transactionId, client_id: access.clientId },
        ...{ reference: entry.reference, person_hash: entry.person_hash, reported_at: now.getTime() },
        ...{ closed_at: null, closed_by: null },
      })
      .onConflict((conflict) => conflict.columns(['transaction_id', 'client_id']).doNothing())
      .execute();
  });
}

/** The cases that wait, oldest first; all with `closed`. */
export function listReports(db: Queryable, closed: boolean): Promise<AccessReport[]> {
  return db
    .selectFrom('access_reports')
    .selectAll()
    .$if(!closed, (query) => query.where('closed_at', 'is', null))
    .orderBy('reported_at')
    .execute();
}

/** @throws Refused `no_such_report` (404) */
export async function closeReport(db: Queryable, id: string, by: string, now: Date): Promise<void> {
  const closed = await db
    .updateTable('access_reports')
    .set({ closed_at: now.getTime(), closed_by: by })
    .where('id', '=', id)
    .where('closed_at', 'is', null)
    .executeTakeFirst();
  if (closed.numUpdatedRows !== 1n)
    throw new Refused('no_such_report', `no open case ${id}`, { status: 404 });
}
