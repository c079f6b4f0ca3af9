import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from 'kysely';
import type { Database } from '../store/schema.ts';
import type { Queryable } from '../store/store.ts';
import { SUMMARY, summaryOf, type EntryKind, type EntrySummary } from './entry.ts';

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
  const { personHashes, reference, transactionId, messageId, entityId, clientId, provider } = filter;
  const { kinds, from, to, after } = filter;
  const rows = await db
    .selectFrom('register_entries')
    .select(SUMMARY)
    .$if(personHashes !== undefined, (query) =>
      query.where('person_hash', 'in', [...(personHashes ?? []), '']),
    )
    .$if(reference !== undefined, (query) => query.where('reference', '=', reference ?? ''))
    .$if(transactionId !== undefined, (query) => query.where('transaction_id', '=', transactionId ?? ''))
    .$if(messageId !== undefined, (query) =>
      query.where((where) =>
        where.or([
          where('request_id', '=', messageId ?? ''),
          where('message_id', '=', messageId ?? ''),
          where('assertion_id', '=', messageId ?? ''),
        ]),
      ),
    )
    .$if(entityId !== undefined, (query) => query.where('entity_id', '=', entityId ?? ''))
    .$if(clientId !== undefined, (query) => query.where('client_id', '=', clientId ?? ''))
    .$if(provider !== undefined, (query) => query.where('provider', '=', provider ?? ''))
    .$if(kinds !== undefined, (query) => query.where('kind', 'in', [...(kinds ?? []), '']))
    .$if(from !== undefined, (query) => query.where('at', '>=', from?.getTime() ?? 0))
    .$if(to !== undefined, (query) => query.where('at', '<', to?.getTime() ?? 0))
    .$if(after !== undefined, (query) => query.where((where) => following(where, after ?? NOWHERE)))
    .orderBy('at', 'desc')
    .orderBy('entity_id')
    .orderBy('seq', 'desc')
    .limit(Math.min(limit, MOST))
    .execute();
  return rows.map(summaryOf);
}

const NOWHERE: EntryPlace = { at: new Date(0), entityId: '', seq: 0 };

function following(
  where: ExpressionBuilder<Database, 'register_entries'>,
  { at, entityId, seq }: EntryPlace,
): ExpressionWrapper<Database, 'register_entries', SqlBool> {
  const time = at.getTime();
  return where.or([
    where('at', '<', time),
    where.and([where('at', '=', time), where('entity_id', '>', entityId)]),
    where.and([where('at', '=', time), where('entity_id', '=', entityId), where('seq', '<', seq)]),
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
