import { sql, type RawBuilder } from 'kysely';
import { daysUpTo, monthIn } from '../src/figures/day.ts';
import { LOGIN_STEPS } from '../src/figures/step.ts';
import type { Client } from '../src/clients/client.ts';
import { columnsOf } from '../src/clients/registered.ts';
import { systemClock } from '../src/operations/clock.ts';
import type { Store } from '../src/store/store.ts';

export interface Seed {
  readonly clients: number;
  readonly logins: number;
  readonly provider: string;
}

/** Where the seeded part of the register's chain begins: far behind what the gateway itself writes meanwhile. */
const FIRST_SEQ = 1_000_000_000;
const DAYS = 14;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Fills a store as years of use would: services with a version and a secret each, the register with request and answer
 * of every login, the counters of two weeks. Written by SQL: what no page reads, such as evidence, is filler.
 */
export async function seed(store: Store, { clients, logins, provider }: Seed): Promise<void> {
  await seedClients(store, clients);
  await seedRegister(store, { clients, logins, provider });
  await seedCounts(store, { clients, logins, provider });
  if (store.dialect === 'postgres') await sql`analyze`.execute(store.db);
}

async function seedClients(store: Store, count: number): Promise<void> {
  const at = systemClock.now().getTime();
  for (let from = 0; from < count; from += 200) {
    const page = Array.from({ length: Math.min(200, count - from) }, (_, step) => clientOf(from + step));
    const rows = page.map((client) => ({ client, metadata: JSON.stringify(client) }));
    await store.transaction(async (transaction) => {
      await transaction
        .insertInto('clients')
        .values(
          rows.map(({ client }) => ({
            ...columnsOf(client),
            id: client.id,
            origin: 'console',
            state: 'live',
            version: 1,
            created_at: at,
            updated_at: at,
          })),
        )
        .execute();
      await transaction
        .insertInto('client_versions')
        .values(
          rows.map(({ client: { id }, metadata }) => ({
            client_id: id,
            version: 1,
            state: 'live',
            metadata,
            author_hash: null,
            at,
          })),
        )
        .execute();
    });
  }
}

function clientOf(number: number): Client {
  const id = idOf(number);
  const purpose = { it: 'intestare la domanda', en: 'to put a name on the application' };
  return {
    id,
    entity: 'unione',
    sector: 'unione',
    applicationType: 'web',
    authMethod: 'client_secret_basic',
    name: { it: `Servizio numero ${number}`, en: `Service number ${number}` },
    minimumLevel: 2,
    homePage: `https://${id}.example.it/`,
    redirectUris: [`https://${id}.example.it/callback`],
    postLogoutRedirectUris: [],
    idTokenAlgorithm: 'RS256',
    refreshTokens: false,
    attributes: [
      { name: 'name', purpose, required: true },
      { name: 'familyName', purpose, required: true },
      { name: 'fiscalNumber', purpose, required: true },
    ],
  };
}

export function idOf(number: number): string {
  return `s-${String(number).padStart(7, '0')}`;
}

/** The support reference of a seeded login. */
export function referenceOf(login: number): string {
  const digits = String(login).padStart(7, '0');
  return `B${digits.slice(0, 3)}-${digits.slice(3)}`;
}

async function seedRegister({ db, dialect }: Store, { clients, logins, provider }: Seed): Promise<void> {
  const now = systemClock.now().getTime();
  const month = systemClock.now().toISOString().slice(0, 7);
  const filler = Buffer.alloc(400, 1);
  const numbers = (from: number, to: number): RawBuilder<unknown> =>
    dialect === 'postgres'
      ? sql`generate_series(${from}::bigint, ${to}::bigint) as n(i)`
      : sql`(with recursive n(i) as (select ${from} union all select i + 1 from n where i < ${to}) select i from n)`;
  const digits = dialect === 'postgres' ? sql`lpad(i::text, 7, '0')` : sql`printf('%07d', i)`;
  const service =
    dialect === 'postgres'
      ? sql`lpad((i % ${clients}::bigint)::text, 7, '0')`
      : sql`printf('%07d', i % ${clients})`;
  const BATCH = 50_000;
  for (let from = 0; from < logins; from += BATCH) {
    const to = Math.min(from + BATCH, logins) - 1;
    for (const [kind, offset, outcome] of [
      ['request', 0, null],
      ['response', 1, 'accepted'],
    ] as const) {
      await sql`
        insert into register_entries (entity_id, seq, transaction_id, reference, at, month, kind, source, client_id,
          provider, request_id, message_id, assertion_id, outcome, level, claims, person_hash, digest, hash, content)
        select 'unione', ${sql.lit(FIRST_SEQ)} + i * 2 + ${sql.lit(offset)}, 'transaction-' || ${digits},
          'B' || substr(${digits}, 1, 3) || '-' || substr(${digits}, 4), ${sql.lit(now)} - i * 60000,
          ${sql.lit(month)}, ${sql.lit(kind)}, 'spid', 's-' || ${service}, ${sql.lit(provider)},
          '_request-' || ${digits}, ${outcome === null ? sql`null` : sql`'_answer-' || ${digits}`},
          ${outcome === null ? sql`null` : sql`'_assertion-' || ${digits}`}, ${sql.lit(outcome)}, 2, null,
          ${outcome === null ? sql`null` : sql`'person-' || (i % 200000)`}, 'digest', 'hash-' || ${digits}, ${filler}
        from ${numbers(from, to)}`.execute(db);
    }
  }
}

/** Figures of two weeks and of the month: of everything, and of each service. */
async function seedCounts(store: Store, { clients, logins, provider }: Seed): Promise<void> {
  const now = systemClock.now();
  const days = daysUpTo(now, DAYS);
  const each = Math.ceil(logins / DAYS / clients);
  const row = (day: string, dimension: string, clientId: string, value: string, count: number) => ({
    day,
    dimension,
    client_id: clientId,
    entity_id: 'unione',
    value,
    ...(Object.fromEntries(LOGIN_STEPS.map((step) => [step, count])) as Record<
      (typeof LOGIN_STEPS)[number],
      number
    >),
    expires_at: now.getTime() + 300 * DAY_MS,
  });
  const rowsOf = (day: string, clientId: string, count: number) => [
    row(day, 'total', clientId, '', count),
    row(day, 'source', clientId, 'spid', count),
    row(day, 'level', clientId, '2', count),
    ...Array.from({ length: 3 }, (_, at) => row(day, 'provider', clientId, `${provider}/${at}`, count)),
    row(day, 'error', clientId, 'spid_nr25', count),
  ];
  const periods = [...days.map((day) => [day, each] as const), [monthIn(now), each * DAYS] as const];
  for (const [period, count] of periods) {
    const rows = [...rowsOf(period, '', count * clients)];
    for (let number = 0; number < clients; number++) rows.push(...rowsOf(period, idOf(number), count));
    await store.transaction(async (one) => {
      for (let at = 0; at < rows.length; at += 200)
        await one
          .insertInto('login_counts')
          .values(rows.slice(at, at + 200))
          .onConflict((c) => c.doNothing())
          .execute();
    });
  }
}
