import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { cipherOf } from '../src/keys/cipher.ts';
import { keyedHashOf } from '../src/keys/keyed-hash.ts';
import { systemClock } from '../src/operations/clock.ts';
import type { Entry } from '../src/register/entry.ts';
import { RegisterKeys } from '../src/register/keys.ts';
import { Register } from '../src/register/register.ts';
import { searchEntries, type EntryFilter } from '../src/register/search.ts';
import { verifyChain } from '../src/register/verify.ts';
import { openStore, type Store } from '../src/store/store.ts';
import { onEveryEngine } from './engines.ts';
import { machine, median, table } from './measure.ts';

/** Entries of one login: request, response, code, tokens. */
const KINDS = ['request', 'response', 'granted', 'tokens'] as const;
/** Logins in one database transaction: the cost of the entries is to be seen, not that of the disk. */
const BATCH = 25;
/** Of so many rows the first are compared with the last. */
const EDGE = 10_000;
const START = Date.UTC(2026, 0, 1);
const SEARCHES = 20;

const personHash = keyedHashOf([{ id: 'person', key: randomBytes(32) }]);
/** As long as a certificate, and the same in every message of a provider. */
const CERTIFICATE = randomBytes(900).toString('base64');

interface Measured {
  readonly rows: number;
  /** Milliseconds per row. */
  readonly first: number;
  readonly last: number;
  /** Milliseconds. */
  readonly searches: readonly number[];
  readonly verifiedPerSecond: number;
  readonly bytesPerLogin: number;
  readonly faults: number;
}

/**
 * The register as it grows: cost of an entry, searches, verification, size. Written through the real path, entry by
 * entry. @param sizes.rows entries on each engine, at most @param sizes.minutes for writing on each engine, at most
 */
export async function benchRegister(sizes: {
  readonly rows: number;
  readonly minutes: number;
  readonly engine: string;
}): Promise<string> {
  const measured = await onEveryEngine(sizes.engine, (storeUrl) => measure(storeUrl, sizes));
  const row = (name: string, value: (of: Measured) => string) => [
    name,
    ...measured.map(([, of]) => value(of)),
  ];
  return [
    `The register, ${KINDS.length} entries a login (${machine()}):`,
    '',
    table(
      ['', ...measured.map(([name]) => name)],
      [
        row('entries', ({ rows }) => rows.toLocaleString('en')),
        row(`append, first ${EDGE.toLocaleString('en')}: ms an entry`, ({ first }) => first.toFixed(3)),
        row(`append, last ${EDGE.toLocaleString('en')}: ms an entry`, ({ last }) => last.toFixed(3)),
        row('**last × first**', ({ first, last }) => (last / first).toFixed(2)),
        ...['person', 'reference', 'period'].map((what, at) =>
          row(`search by ${what}: ms, median of ${SEARCHES}`, ({ searches }) =>
            (searches[at] ?? 0).toFixed(1),
          ),
        ),
        row('verified: entries a second', ({ verifiedPerSecond }) => verifiedPerSecond.toFixed(0)),
        row('bytes a login, with indexes', ({ bytesPerLogin }) => bytesPerLogin.toFixed(0)),
        row('faults found', ({ faults }) => String(faults)),
      ],
    ),
  ].join('\n');
}

async function measure(
  storeUrl: string,
  { rows, minutes }: { readonly rows: number; readonly minutes: number },
): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-bench-keys-'));
  const store = await openStore(storeUrl, systemClock);
  try {
    const master = cipherOf([{ id: 'master', key: randomBytes(32) }]);
    const register = new Register(new RegisterKeys(directory, master), personHash);
    const until = systemClock.now().getTime() + minutes * 60_000;
    const batches: number[] = [];
    for (let login = 0; login * KINDS.length < rows && systemClock.now().getTime() < until; login += BATCH) {
      const began = performance.now();
      await store.transaction(async (transaction) => {
        for (let at = login; at < login + BATCH; at++)
          for (const kind of KINDS) await register.append(transaction, entryOf(at, kind));
      });
      batches.push((performance.now() - began) / (BATCH * KINDS.length));
    }
    const edge = EDGE / (BATCH * KINDS.length);
    const logins = batches.length * BATCH;
    const began = performance.now();
    const { entries, faults } = await verifyChain(store.db, 'unione', register.keys.of('unione'), []);
    const seconds = (performance.now() - began) / 1000;
    return {
      ...{ rows: entries, verifiedPerSecond: entries / seconds, faults: faults.length },
      ...{ first: median(batches.slice(0, edge)), last: median(batches.slice(-edge)) },
      searches: await searched(store, logins),
      bytesPerLogin: (await bytesOf(store)) / logins,
    };
  } finally {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A person has twenty logins; one every ten seconds. */
function entryOf(login: number, kind: (typeof KINDS)[number]): Entry {
  const answered = kind === 'response';
  return {
    ...{
      transactionId: `transaction-${login}`,
      reference: `R${login}`,
      kind,
      source: 'spid' as const,
      entityId: 'unione',
    },
    ...{ at: new Date(START + login * 10_000), clientId: `client-${login % 50}`, level: 2 as const },
    ...{ provider: `https://idp-${login % 12}.example.it`, requestId: `_q${login}` },
    ...(answered ? { messageId: `_r${login}`, assertionId: `_a${login}`, outcome: 'accepted' } : {}),
    ...(kind === 'request' ? {} : { person: { kind: 'it-fiscal' as const, value: personOf(login) } }),
    evidence: kind === 'request' || answered ? { message: message() } : { idHash: random(32) },
  };
}

function personOf(login: number): string {
  return `PERSON${Math.floor(login / 20)}`;
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

/** Medians, each time for another person, reference or day. */
async function searched({ db }: Store, logins: number): Promise<number[]> {
  const some = Array.from({ length: SEARCHES }, (_, at) => Math.floor((logins * at) / SEARCHES));
  const kinds: ((login: number) => EntryFilter)[] = [
    (login) => ({ personHashes: [personHash.hash(`it-fiscal:${personOf(login)}`)] }),
    (login) => ({ reference: `R${login}` }),
    (login) => ({
      from: new Date(START + login * 10_000),
      to: new Date(START + login * 10_000 + 24 * 60 * 60 * 1000),
      clientId: `client-${login % 50}`,
    }),
  ];
  const medians: number[] = [];
  for (const filterOf of kinds) {
    const times: number[] = [];
    for (const login of some) {
      const began = performance.now();
      await searchEntries(db, filterOf(login), 100);
      times.push(performance.now() - began);
    }
    medians.push(median(times));
  }
  return medians;
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
