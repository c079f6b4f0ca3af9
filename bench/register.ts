import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { AuditTrail } from '../src/audit/trail.ts';
import { cipherOf } from '../src/keys/cipher.ts';
import { keyedHashOf } from '../src/keys/keyed-hash.ts';
import { systemClock } from '../src/operations/clock.ts';
import { accessesOf } from '../src/register/accesses.ts';
import type { EntrySummary, Entry } from '../src/register/entry.ts';
import { inspectRegister } from '../src/register/inspect.ts';
import { RegisterKeys } from '../src/register/keys.ts';
import { monthOf } from '../src/register/month.ts';
import { Register } from '../src/register/register.ts';
import { destroyDue, overdueRows } from '../src/register/retention.ts';
import { searchEntries } from '../src/register/search.ts';
import { oldestMonth, rowCount } from '../src/register/size.ts';
import { registeredEntities } from '../src/register/verify.ts';
import { openStore, type Store } from '../src/store/store.ts';
import { onEveryEngine } from './engines.ts';
import { machine, median, table } from './measure.ts';
import { FILLER_BYTES, fillRegister } from './register-fill.ts';

/** Entries of one login: request, response, code, tokens. */
const KINDS = ['request', 'response', 'granted', 'tokens'] as const;
/** Entries in one database transaction: the cost of the entries is to be seen, not that of the disk. */
const BATCH = 100;
/** Entries of the measured body before the store is filled, and again afterwards. */
const EDGE = 10_000;
const BATCHES = EDGE / BATCH;
const MEASURED = 'unione';
const DAY_MS = 24 * 60 * 60 * 1000;
const SPAN_MS = 730 * DAY_MS;
const START = Date.UTC(2024, 10, 24);
const SEARCHES = 20;
/** As many as the console asks for. */
const ON_A_PAGE = 101;

const personHash = keyedHashOf([{ id: 'person', key: randomBytes(32) }]);
/** As long as a certificate, and the same in every message of a provider. */
const CERTIFICATE = randomBytes(900).toString('base64');

/** Milliseconds. */
interface Taken {
  readonly median: number;
  readonly most: number;
}

interface Measured {
  readonly transactions: number;
  /** Milliseconds for an entry. */
  readonly first: number;
  readonly last: number;
  /** Into an empty register, at the same time as the last ones. */
  readonly beside: number;
  readonly questions: ReadonlyMap<string, Taken>;
  readonly verifiedPerSecond: number;
  readonly faults: number;
  /** Milliseconds for an entry. */
  readonly destroyed: number;
  readonly contentPerLogin: number;
  readonly filledBytes: number;
}

/**
 * The register at its size: a body's first and last entries through the real path (hash, compression, encryption, head),
 * with the store filled in between with other bodies' entries, which SQL makes; then what is asked of it, the body's chain
 * verified with every entry opened, its first month destroyed.
 * @param sizes.transactions logins in the store; a login has four entries
 */
export async function benchRegister(sizes: {
  readonly transactions: number;
  readonly engine: string;
}): Promise<string> {
  const measured = await onEveryEngine(sizes.engine, (storeUrl) => measure(storeUrl, sizes.transactions));
  const row = (name: string, value: (of: Measured) => string) => [
    name,
    ...measured.map(([, of]) => value(of)),
  ];
  const questions = [...(measured[0]?.[1].questions.keys() ?? [])];
  const edge = EDGE.toLocaleString('en');
  return [
    `The register, ${KINDS.length} entries a transaction (${machine()}):`,
    '',
    table(
      ['', ...measured.map(([name]) => name)],
      [
        row('transactions', ({ transactions }) => transactions.toLocaleString('en')),
        row(`append, first ${edge}: ms an entry`, ({ first }) => first.toFixed(3)),
        row(`append, last ${edge}: ms an entry`, ({ last }) => last.toFixed(3)),
        row('append, meanwhile into an empty register: ms an entry', ({ beside }) => beside.toFixed(3)),
        row('**last × meanwhile**', ({ last, beside }) => (last / beside).toFixed(2)),
        ...questions.map((question) =>
          row(`${question}: ms`, ({ questions: taken }) => {
            const { median: half, most } = taken.get(question) ?? { median: NaN, most: NaN };
            return `${half.toFixed(1)} (${most.toFixed(1)})`;
          }),
        ),
        row('verified: entries a second', ({ verifiedPerSecond }) => verifiedPerSecond.toFixed(0)),
        row('faults found', ({ faults }) => String(faults)),
        row('destroyed: ms an entry', ({ destroyed }) => destroyed.toFixed(3)),
        row('a login: bytes of sealed content', ({ contentPerLogin }) => contentPerLogin.toFixed(0)),
        row('a login: bytes of everything else, with indexes', ({ filledBytes }) => filledBytes.toFixed(0)),
      ],
    ),
  ].join('\n');
}

async function measure(storeUrl: string, transactions: number): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-bench-keys-'));
  const store = await openStore(storeUrl, systemClock);
  try {
    const master = cipherOf([{ id: 'master', key: randomBytes(32) }]);
    const register = new Register(new RegisterKeys(directory, master), personHash);
    const others = transactions - (2 * EDGE) / KINDS.length;
    const first = median(await appended(BATCHES, (batch) => append(store, register, batch)));
    await fillRegister(store, { logins: others, start: START, step: Math.floor(SPAN_MS / others) });
    await settle(store);
    const filledBytes = (await bytesOf(store)) / transactions - FILLER_BYTES * KINDS.length;
    const { last, beside } = await appendLast(store, register);
    const questions = await ask(store, register);
    const began = performance.now();
    const { entries, faults } = await inspectRegister(store.db, MEASURED, register.keys.of(MEASURED));
    const verifiedPerSecond = entries / ((performance.now() - began) / 1000);
    const contentPerLogin = await contentOf(store);
    return {
      transactions,
      first,
      last,
      beside,
      questions,
      verifiedPerSecond,
      contentPerLogin,
      filledBytes,
      faults: faults.length + (entries === 2 * EDGE ? 0 : 1),
      destroyed: await destroy(store, register),
    };
  } finally {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What autovacuum does on PostgreSQL by itself, sooner or later. Nothing does it on SQLite. */
async function settle({ dialect, db }: Store): Promise<void> {
  if (dialect === 'postgres') await sql`vacuum analyze register_entries`.execute(db);
}

/** Appends entries of the measured body in one transaction. @returns milliseconds for an entry */
async function append(store: Store, register: Register, batch: number): Promise<number> {
  const began = performance.now();
  await store.transaction(async (transaction) => {
    for (let entry = batch * BATCH; entry < (batch + 1) * BATCH; entry++)
      await register.append(
        transaction,
        entryOf(Math.floor(entry / KINDS.length), KINDS[entry % KINDS.length] ?? 'request'),
      );
  });
  return (performance.now() - began) / BATCH;
}

async function appended<T>(batches: number, one: (batch: number) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  for (let batch = 0; batch < batches; batch++) done.push(await one(batch));
  return done;
}

/**
 * Appends the body's last entries, and the same to a register that is empty, in turn: what else the machine does meanwhile
 * falls on both alike.
 */
async function appendLast(
  store: Store,
  register: Register,
): Promise<{ readonly last: number; readonly beside: number }> {
  const engine = store.dialect === 'postgres' ? 'postgresql' : 'sqlite';
  const [[, taken] = ['', []]] = await onEveryEngine(engine, async (emptyUrl) => {
    const empty = await openStore(emptyUrl, systemClock);
    try {
      return await appended(BATCHES, async (batch) => ({
        last: await append(store, register, BATCHES + batch),
        beside: await append(empty, register, batch),
      }));
    } finally {
      await empty.close();
    }
  });
  return { last: median(taken.map(({ last }) => last)), beside: median(taken.map(({ beside }) => beside)) };
}

/** The first logins of a body are on the first day of the register, the others on the last. */
function entryOf(login: number, kind: (typeof KINDS)[number]): Entry {
  const answered = kind === 'response';
  const began = login * KINDS.length < EDGE ? START : START + SPAN_MS;
  return {
    transactionId: `transaction-${login}`,
    reference: `R${login}`,
    kind,
    source: 'spid' as const,
    at: new Date(began + login * 10_000),
    clientId: `client-${login % 50}`,
    level: 2 as const,
    entityId: MEASURED,
    provider: `https://idp-${login % 12}.example.it`,
    requestId: `_q${login}`,
    ...(answered ? { messageId: `_r${login}`, assertionId: `_a${login}`, outcome: 'accepted' } : {}),
    ...(kind === 'request' ? {} : { person: { kind: 'it-fiscal' as const, value: `PERSON${login % 500}` } }),
    evidence: kind === 'request' || answered ? { message: message() } : { idHash: random(32) },
  };
}

/** About as long as a signed response, with as much in it that does not compress. */
function message(): Buffer {
  const attribute = (name: string) =>
    `<saml:Attribute Name="${name}"><saml:AttributeValue xsi:type="xs:string">${random(9)}</saml:AttributeValue></saml:Attribute>`;
  const signature = `<ds:Signature><ds:DigestValue>${random(32)}</ds:DigestValue><ds:SignatureValue>${random(256)}</ds:SignatureValue><ds:X509Certificate>${CERTIFICATE}</ds:X509Certificate></ds:Signature>`;
  const attributes = ['name', 'familyName', 'fiscalNumber', 'spidCode', 'email'].map(attribute).join('');
  return Buffer.from(
    `<samlp:Response ID="_${random(16)}">${signature}<saml:Assertion>${signature}${attributes}</saml:Assertion></samlp:Response>`,
  );
}

function random(bytes: number): string {
  return randomBytes(bytes).toString('base64');
}

/** What is asked of a register: by whoever consults it, by citizens, by those who trace a login, by the metrics. */
async function ask(store: Store, register: Register): Promise<ReadonlyMap<string, Taken>> {
  const { db } = store;
  const some = await samples(store);
  const search =
    (filterOf: (entry: EntrySummary, hash: string) => Parameters<typeof searchEntries>[1]) =>
    (entry: EntrySummary, hash: string) =>
      searchEntries(db, filterOf(entry, hash), ON_A_PAGE);
  const of = (entry: EntrySummary) => ({ clientId: entry.clientId ?? '', provider: entry.provider ?? '' });
  const days = ({ at }: EntrySummary, count: number) => ({
    from: at,
    to: new Date(at.getTime() + count * DAY_MS),
  });
  const through = monthOf(new Date(START - 31 * DAY_MS));
  const questions: Readonly<Record<string, (entry: EntrySummary, hash: string) => Promise<unknown>>> = {
    'search by person': search((_, hash) => ({ personHashes: [hash] })),
    'search by person and service': search((entry, hash) => ({
      personHashes: [hash],
      clientId: of(entry).clientId,
    })),
    'search by reference': search(({ reference }) => ({ reference })),
    'search by ID of the request': search(({ requestId }) => ({ messageId: requestId ?? '' })),
    'search by ID of the message': search(({ messageId }) => ({ messageId: messageId ?? '' })),
    'search by ID of the assertion': search(({ assertionId }) => ({ messageId: assertionId ?? '' })),
    'search by transaction': search(({ transactionId }) => ({ transactionId })),
    'search by period: a month': search((entry) => days(entry, 30)),
    'search by period and service': search((entry) => ({ ...days(entry, 30), clientId: of(entry).clientId })),
    'search by period and provider': search((entry) => ({
      ...days(entry, 30),
      provider: of(entry).provider,
    })),
    'search by period and body': search((entry) => ({ ...days(entry, 30), entityId: entry.entityId })),
    'search by period, body, service and provider': search((entry) => ({
      ...days(entry, 30),
      ...of(entry),
      entityId: entry.entityId,
    })),
    'search by two years and service, a later page': search((entry) => ({
      from: new Date(START),
      to: new Date(START + SPAN_MS),
      clientId: of(entry).clientId,
      after: entry,
    })),
    '`trace` by reference': ({ reference }) => register.trace(db, reference),
    '`/accessi` of a citizen, a page': (_, hash) => accessesOf(db, [hash]),
    'what the metrics ask, of all bodies': async () => {
      for (const entityId of await registeredEntities(db))
        await Promise.all([
          rowCount(db, entityId),
          oldestMonth(db, entityId),
          overdueRows(db, entityId, through),
        ]);
    },
  };
  const taken = new Map<string, Taken>();
  for (const [name, question] of Object.entries(questions)) {
    const times: number[] = [];
    for (const [entry, hash] of some) {
      const began = performance.now();
      await question(entry, hash);
      times.push(performance.now() - began);
    }
    taken.set(name, { median: median(times), most: Math.max(...times) });
  }
  return taken;
}

/** Responses out of the filled months, with whose they are. */
async function samples({ db }: Store): Promise<(readonly [EntrySummary, string])[]> {
  const found: (readonly [EntrySummary, string])[] = [];
  for (let at = 0; at < SEARCHES; at++) {
    const from = new Date(START + ((at + 0.5) * SPAN_MS) / SEARCHES);
    const [entry] = await searchEntries(
      db,
      { from: new Date(from.getTime() - DAY_MS), to: from, kinds: ['response'] },
      1,
    );
    const row = await db
      .selectFrom('register_entries')
      .select('person_hash')
      .where('entity_id', '=', entry?.entityId ?? '')
      .where('seq', '=', entry?.seq ?? 0)
      .executeTakeFirst();
    if (!entry || !row?.person_hash) throw new Error('nothing was filled in');
    found.push([entry, row.person_hash]);
  }
  return found;
}

/** Destroys the body's first entries, as retention does. @returns milliseconds for an entry */
async function destroy(store: Store, register: Register): Promise<number> {
  const trail = new AuditTrail({
    cipher: cipherOf([{ id: 'trail', key: randomBytes(32) }]),
    personHash,
    derived: () => ['mac'],
  });
  const began = performance.now();
  const { destroyed } = await destroyDue(
    { store, register, clock: systemClock, trail },
    ...([MEASURED, monthOf(new Date(START))] as const),
    { actor: { kind: 'operator', name: 'bench' }, via: 'command-line' },
  );
  return (performance.now() - began) / destroyed;
}

/** Of the real entries, on average. */
async function contentOf({ db }: Store): Promise<number> {
  const { bytes } = await db
    .selectFrom('register_entries')
    .select(sql<number>`avg(length(content))`.as('bytes'))
    .where('entity_id', '=', MEASURED)
    .executeTakeFirstOrThrow();
  return Number(bytes) * KINDS.length;
}

async function bytesOf({ dialect, db }: Store): Promise<number> {
  const query =
    dialect === 'postgres'
      ? sql<{ bytes: number }>`select pg_total_relation_size('register_entries') as bytes`
      : sql<{
          bytes: number;
        }>`select page_count * page_size as bytes from pragma_page_count(), pragma_page_size()`;
  return Number((await query.execute(db)).rows[0]?.bytes);
}
