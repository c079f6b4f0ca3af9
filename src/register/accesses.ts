import { randomUUID } from 'node:crypto';
import { Refused } from '../operations/errors.ts';
import type { RegisterTables } from '../store/schema/register.ts';
import type { Queryable, Store } from '../store/store.ts';
import { searchEntries, type EntryPlace } from './search.ts';

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
  /** She has said that it was not she, and what became of that. */
  readonly report: ReportState | undefined;
}

/** What was found out about an access that a citizen did not recognise. */
export const REPORT_OUTCOMES = ['hers', 'not-hers', 'unclear'] as const;
export type ReportOutcome = (typeof REPORT_OUTCOMES)[number];
export type ReportState = 'open' | ReportOutcome;

/** Accesses on one page. */
export const ACCESSES_ON_A_PAGE = 50;

export type AccessReport = RegisterTables['access_reports'];

/** Read at once for the whole list: each reading looks at everything of the person again. */
const MOST_AT_ONCE = 999;

/** Everything that a person ever entered and that is still kept, newest first. */
export async function allAccessesOf(db: Queryable, personHashes: readonly string[]): Promise<Access[]> {
  const accesses: Access[] = [];
  let after: EntryPlace | undefined;
  do {
    const page = await accessesOf(db, personHashes, after, MOST_AT_ONCE);
    accesses.push(...page.accesses);
    after = page.more;
  } while (after);
  return accesses;
}

/**
 * What a person entered, newest first, across all services and bodies of the gateway: a page of it.
 * @param personHashes what she is known by, under every key
 * @param after where the page before ended
 * @param size accesses on the page, at most 999
 */
export async function accessesOf(
  db: Queryable,
  personHashes: readonly string[],
  after?: EntryPlace,
  size = ACCESSES_ON_A_PAGE,
): Promise<{ readonly accesses: Access[]; readonly more: EntryPlace | undefined }> {
  const found = await searchEntries(db, { personHashes, kinds: ['granted'], after }, size + 1);
  const granted = found.slice(0, size);
  const transactions = [...new Set(granted.map(({ transactionId }) => transactionId)), ''];
  const released = await db
    .selectFrom('register_entries')
    .select(['transaction_id', 'client_id', 'claims'])
    .where('transaction_id', 'in', transactions)
    .where('kind', '=', 'released')
    .execute();
  const reports = await db
    .selectFrom('access_reports')
    .select(['transaction_id', 'client_id', 'outcome', 'closed_at'])
    .where('person_hash', 'in', [...personHashes])
    .where('transaction_id', 'in', transactions)
    .execute();
  const key = (transactionId: string, clientId: string | null) => JSON.stringify([transactionId, clientId]);
  const reported = new Map(
    reports.map((row) => [key(row.transaction_id, row.client_id), stateOf(row)] as const),
  );
  const claims = new Map<string, Set<string>>();
  for (const row of released) {
    const of = key(row.transaction_id, row.client_id);
    claims.set(of, new Set([...(claims.get(of) ?? []), ...(row.claims?.split(' ') ?? [])]));
  }
  const last = found.length > size ? granted.at(-1) : undefined;
  return {
    more: last && { at: last.at, entityId: last.entityId, seq: last.seq },
    accesses: granted.map((entry) => {
      const of = key(entry.transactionId, entry.clientId);
      return {
        transactionId: entry.transactionId,
        reference: entry.reference,
        at: entry.at,
        clientId: entry.clientId ?? '',
        provider: entry.provider ?? '',
        level: entry.level ?? 0,
        claims: [...(claims.get(of) ?? [])],
        report: reported.get(of),
      };
    }),
  };
}

/** Cases of before outcomes were kept were closed without one. */
function stateOf(row: Pick<AccessReport, 'closed_at' | 'outcome'>): ReportState {
  if (row.closed_at === null) return 'open';
  return REPORT_OUTCOMES.find((outcome) => outcome === row.outcome) ?? 'unclear';
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
    const entries = await transaction
      .selectFrom('register_entries')
      .select(['reference', 'person_hash', 'client_id', 'kind'])
      .where('transaction_id', '=', access.transactionId)
      .execute();
    const entry = entries.find(
      ({ kind, client_id, person_hash }) =>
        kind === 'granted' && client_id === access.clientId && personHashes.includes(person_hash ?? ''),
    );
    if (!entry?.person_hash) throw new Refused('no_such_access', 'no access of this person', { status: 404 });
    await transaction
      .insertInto('access_reports')
      .values({
        id: randomUUID(),
        transaction_id: access.transactionId,
        client_id: access.clientId,
        reference: entry.reference,
        person_hash: entry.person_hash,
        reported_at: now.getTime(),
        closed_at: null,
        closed_by: null,
        outcome: null,
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
export async function closeReport(
  db: Queryable,
  id: string,
  outcome: ReportOutcome,
  by: string,
  now: Date,
): Promise<void> {
  const closed = await db
    .updateTable('access_reports')
    .set({ closed_at: now.getTime(), closed_by: by, outcome })
    .where('id', '=', id)
    .where('closed_at', 'is', null)
    .executeTakeFirst();
  if (closed.numUpdatedRows !== 1n)
    throw new Refused('no_such_report', `no open case ${id}`, { status: 404 });
}

/** Closed cases whose access is kept nowhere any more go with it: they name a person, if by a hash. */
export async function forgetClosedReports(db: Queryable): Promise<void> {
  await db
    .deleteFrom('access_reports')
    .where('closed_at', 'is not', null)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('register_entries')
            .select('seq')
            .whereRef('register_entries.transaction_id', '=', 'access_reports.transaction_id'),
        ),
      ),
    )
    .execute();
}
