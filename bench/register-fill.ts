import { sql, type RawBuilder } from 'kysely';
import type { Store } from '../src/store/store.ts';

/** What a store is filled with: who there is, and how much they do. */
const OTHERS = { entities: 40, clients: 500, providers: 12, persons: 2_500_000 };

export interface Fill {
  readonly logins: number;
  /** When the first one began, and how far one is from the next, in milliseconds. */
  readonly start: number;
  readonly step: number;
}

/** Content of an entry. */
export const FILLER_BYTES = 16;

/** Logins in one statement. */
const BATCH = 250_000;

/**
 * Entries of other entities than the measured one, made by SQL: every column as long and as mixed as a gateway writes it,
 * but with little content instead of some thousand bytes, and in no chain. Indexes are dropped and made again around it,
 * which is faster than keeping them. Entries are in order of time, as they come in life; a few services, providers and
 * citizens have most of the logins.
 */
export async function fillRegister(store: Store, fill: Fill): Promise<void> {
  const indexes = await indexesOf(store);
  if (store.dialect === 'sqlite') await pragmas(store, IN_HASTE);
  for (const { name } of indexes) await sql`drop index ${sql.ref(name)}`.execute(store.db);
  for (let from = 0; from < fill.logins; from += BATCH)
    await insert(store, fill, from, Math.min(from + BATCH, fill.logins) - 1);
  for (const { definition } of indexes) await sql.raw(definition).execute(store.db);
  if (store.dialect === 'sqlite') await pragmas(store, AS_IN_LIFE);
}

/** Nothing is written twice or waited for, sorting has a gigabyte and a second thread: a fill cut off is thrown away anyway. */
const IN_HASTE = ['journal_mode = off', 'synchronous = off', 'cache_size = -1000000', 'threads = 2'];
/** What the store sets, and SQLite's own for the rest. */
const AS_IN_LIFE = ['journal_mode = wal', 'synchronous = full', 'cache_size = -2000', 'threads = 0'];

async function pragmas({ db }: Store, settings: readonly string[]): Promise<void> {
  for (const setting of settings) await sql.raw(`pragma ${setting}`).execute(db);
}

async function indexesOf({ dialect, db }: Store): Promise<{ name: string; definition: string }[]> {
  const query =
    dialect === 'postgres'
      ? sql<{ name: string; definition: string }>`
          select indexname as name, indexdef as definition from pg_indexes
          where tablename = 'register_entries' and indexname <> 'register_entries_pk'`
      : sql<{ name: string; definition: string }>`
          select name, sql as definition from sqlite_master
          where tbl_name = 'register_entries' and type = 'index' and sql is not null`;
  return (await query.execute(db)).rows;
}

async function insert({ dialect, db }: Store, fill: Fill, from: number, to: number): Promise<void> {
  const { hex, month, whole, numbers } = dialect === 'postgres' ? POSTGRES : SQLITE;
  const { entities, clients, providers, persons } = OTHERS;
  const skewed = (seed: RawBuilder<unknown>, count: number) => whole(squared(seed, count));
  await sql`
    with chosen as materialized (
      select i, ${skewed(sql`i * 7919`, clients)} as client, ${skewed(sql`i * 104729`, providers)} as provider,
        ${skewed(sql`i * 15485863`, persons)} as person
      from ${numbers(from, to)}
    ), login as materialized (
      select i, ${sql.lit(fill.start)} + i * ${sql.lit(fill.step)} as began, ${hex(mixed(sql`i`))} as id, ${hex(sql`i`)} as number,
        'comune-' || (client % ${sql.lit(entities)}) as entity, 'client-' || client as client,
        'https://idp-' || provider || '.example.it' as provider,
        ${hex(mixed(sql`person`))} || ${hex(sql`person`)} || 'mB3fYkQ2sZx8wLr0TnVhGdAJpc4' as person
      from chosen
    ), entry as (
      select 'request' as kind, 1 as place, 0 as later union all select 'response', 2, 40000
      union all select 'granted', 3, 40500 union all select 'tokens', 4, 41000
    )
    insert into register_entries (entity_id, seq, transaction_id, reference, at, month, kind, source, client_id,
      provider, request_id, message_id, assertion_id, outcome, level, claims, person_hash, digest, hash, content)
    select entity, i * 4 + place, id || '-5d1c-4e0b-9b1f-' || number || '7a31',
      substr(id, 1, 4) || '-' || substr(id, 5, 4), began + later, ${month(sql`(began + later) / 1000`)}, kind, 'spid',
      client, provider,
      case when kind in ('request', 'response') then '_q' || id || number || '0b54d1f29c7e4a86' end,
      case when kind = 'response' then '_r' || id || number || '9c7e4a860b54d1f2' end,
      case when kind = 'response' then '_a' || id || number || '4a86f29c7e0b54d1' end,
      case when kind = 'response' then 'accepted' end, 2, null,
      case when kind <> 'request' then person end,
      'dGhlIGRpZ2VzdCBvZiB0aGUgZXZpZGVuY2UgaGVyZQ0', id || 'aGUgaGFzaCBvZiB0aGUgZW50cnkgaGVyZSE',
      ${Buffer.alloc(FILLER_BYTES, 1)}
    from login cross join entry`.execute(db);
}

/** Spreads numbers over 32 bits, each to another one: identifiers come in no order. */
function mixed(number: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`((${number} * 2654435761) & 4294967295)`;
}

/** From 0 up to `count`, the low ones far more often: the square of what is even. */
function squared(seed: RawBuilder<unknown>, count: number): RawBuilder<unknown> {
  const even = sql`((${seed} % 1000003) / 1000003.0)`;
  return sql`floor(${even} * ${even} * ${sql.lit(count)})`;
}

/** What the engines have different names for. */
interface Engine {
  readonly hex: (number: RawBuilder<unknown>) => RawBuilder<unknown>;
  readonly month: (seconds: RawBuilder<unknown>) => RawBuilder<unknown>;
  readonly whole: (number: RawBuilder<unknown>) => RawBuilder<unknown>;
  readonly numbers: (from: number, to: number) => RawBuilder<unknown>;
}

const SQLITE: Engine = {
  hex: (number) => sql`printf('%08x', ${number})`,
  month: (seconds) => sql`strftime('%Y-%m', ${seconds}, 'unixepoch')`,
  whole: (number) => sql`cast(${number} as integer)`,
  numbers: (from, to) =>
    sql`(with recursive n(i) as (select ${sql.lit(from)} union all select i + 1 from n where i < ${sql.lit(to)}) select i from n)`,
};

const POSTGRES: Engine = {
  hex: (number) => sql`lpad(to_hex(${number}), 8, '0')`,
  month: (seconds) => sql`to_char(to_timestamp(${seconds}) at time zone 'UTC', 'YYYY-MM')`,
  whole: (number) => sql`cast(${number} as bigint)`,
  numbers: (from, to) => sql`generate_series(${sql.lit(from)}::bigint, ${sql.lit(to)}::bigint) as n(i)`,
};
