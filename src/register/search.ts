import { sql, type ExpressionBuilder, type ExpressionWrapper, type RawBuilder, type SqlBool } from 'kysely';
import type { Database } from '../store/schema.ts';
import type { Queryable } from '../store/store.ts';
import { SUMMARY, summaryOf, type EntryKind, type EntryRow, type EntrySummary } from './entry.ts';

/** What to look for; all of it has to be so. Nothing is opened. */
export interface EntryFilter {
  /** Hashes a person is known by, under every key. */
  readonly personHashes?: readonly string[] | undefined;
  readonly reference?: string | undefined;
  readonly transactionId?: string | undefined;
  /** ID of a request, of a message or of an assertion. */
  readonly messageId?: string | undefined;
  readonly entityId?: string | undefined;
  readonly clientId?: string | undefined;
  readonly provider?: string | undefined;
  readonly kinds?: readonly EntryKind[] | undefined;
  readonly from?: Date | undefined;
  /** Not included. */
  readonly to?: Date | undefined;
  /** Only what comes after this one, in the order in which entries are found. */
  readonly after?: EntryPlace | undefined;
}

/** Where an entry stands in what is found. */
export interface EntryPlace {
  readonly at: Date;
  readonly entityId: string;
  readonly seq: number;
}

/** More at once nobody reads. */
const MOST = 1000;

/** Newest first. @param limit 1 to 1000 */
export async function searchEntries(
  db: Queryable,
  filter: EntryFilter,
  limit = MOST,
): Promise<EntrySummary[]> {
  const rows = await entryQuery(db, filter, limit).execute();
  return rows.map(summaryOf);
}

/**
 * The query of a search. One criterion leads it: the narrowest that is given, by an index of its own; what else is asked
 * only sifts what that one finds. Planners are not left to choose, for they choose by statistics, which SQLite does not
 * have and PostgreSQL estimates: with millions of entries a wrong choice reads all of a service to find one person.
 */
export function entryQuery(db: Queryable, filter: EntryFilter, limit: number) {
  const [lead, ...others] = criteriaOf(filter);
  const { from, to, after } = filter;
  const at = lead?.narrow ? sifting.time('at') : sql<number>`${sql.ref('at')}`;
  return db
    .selectFrom('register_entries')
    .select(SUMMARY)
    .where((where) =>
      where.and([
        ...(lead ? [anyOf(where, lead, (column) => sql<string>`${sql.ref(column)}`)] : []),
        ...others.map((criterion) => anyOf(where, criterion, sifting.text)),
        ...(from ? [where(at, '>=', from.getTime())] : []),
        ...before(where, at, to, after),
      ]),
    )
    .orderBy(at, 'desc')
    .orderBy('entity_id')
    .orderBy('seq', 'desc')
    .limit(Math.min(limit, MOST));
}

/** Columns that have to have one of some values: all of them, or any of them where there are several. */
interface Criterion {
  readonly columns: readonly (keyof EntryRow)[];
  readonly values: readonly string[];
  /** Finds so little that it is read whole and put in order then; where not, an index gives it in order of time. */
  readonly narrow: boolean;
}

/** What is asked for, the narrowest first. */
function criteriaOf(filter: EntryFilter): Criterion[] {
  const { transactionId, messageId, reference, personHashes, clientId, provider, entityId, kinds } = filter;
  const asked = (
    columns: Criterion['columns'],
    given: string | readonly string[] | undefined,
    narrow = false,
  ): Criterion[] =>
    given === undefined ? [] : [{ columns, values: typeof given === 'string' ? [given] : given, narrow }];
  return [
    ...asked(['transaction_id'], transactionId, true),
    ...asked(['request_id', 'message_id', 'assertion_id'], messageId, true),
    ...asked(['reference'], reference, true),
    ...asked(['person_hash'], personHashes, true),
    ...asked(['client_id'], clientId),
    ...asked(['provider'], provider),
    ...asked(['entity_id'], entityId),
    ...asked(['kind'], kinds),
  ];
}

type Where = ExpressionBuilder<Database, 'register_entries'>;
type Condition = ExpressionWrapper<Database, 'register_entries', SqlBool>;

function anyOf(
  where: Where,
  { columns, values }: Criterion,
  valueOf: (column: string) => RawBuilder<string>,
): Condition {
  if (values.length === 0) return where.or([]);
  return where.or(columns.map((column) => where(valueOf(column), 'in', values)));
}

/** The value of a column, in a form that no index has: so that nothing but the lead is looked up. */
const sifting = {
  text: (column: string): RawBuilder<string> => sql`${sql.ref(column)} || ''`,
  time: (column: string): RawBuilder<number> => sql`${sql.ref(column)} + 0`,
};

/** The end of the period, or the place after which to go on, which may come from anybody: whichever is earlier. */
function before(
  where: Where,
  at: RawBuilder<number>,
  to: Date | undefined,
  after: EntryPlace | undefined,
): Condition[] {
  if (after && (!to || after.at < to)) return [following(where, at, after)];
  return to ? [where(at, '<', to.getTime())] : [];
}

/** What comes after a place. That it is not later is said by itself, so that an index begins there. */
function following(where: Where, at: RawBuilder<number>, { at: date, entityId, seq }: EntryPlace): Condition {
  const time = date.getTime();
  return where.and([
    where(at, '<=', time),
    where.or([
      where(at, '<', time),
      where('entity_id', '>', entityId),
      where.and([where('entity_id', '=', entityId), where('seq', '<', seq)]),
    ]),
  ]);
}

/** A place as an address has it. */
export function writtenPlace({ at, entityId, seq }: EntryPlace): string {
  return `${at.getTime()}.${entityId}.${seq}`;
}

/** Where the page before ended; undefined, which is the first page, where the address says nothing or nonsense. */
export function placeIn(value: string | string[] | undefined): EntryPlace | undefined {
  const [, at, entityId, seq] = /^(\d{1,15})\.([a-z0-9_-]{1,40})\.(\d{1,15})$/.exec(String(value)) ?? [];
  return entityId === undefined ? undefined : { at: new Date(Number(at)), entityId, seq: Number(seq) };
}
