import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EntryKind } from '../../src/register/entry.ts';
import { entryQuery, searchEntries, type EntryFilter } from '../../src/register/search.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { personHash, testRegister } from '../support/register.ts';
import { describeStores } from '../support/stores.ts';

const START = Date.parse('2026-03-30T10:00:00.000Z');
const HOUR = 60 * 60 * 1000;
const LOGINS = 60;

const at = (hour: number) => new Date(START + hour * HOUR);
const hashOf = (person: number) => personHash.hash(`it-fiscal:PERSON${person}`);

describeStores('searching the register', (openUrl) => {
  let store: Store;

  /** A login each hour: ten persons, three services, two providers, two bodies. */
  beforeAll(async () => {
    store = await openStore(await openUrl(), { now: () => at(0) });
    const register = testRegister();
    for (let login = 0; login < LOGINS; login++)
      await store.transaction(async (transaction) => {
        for (const kind of ['request', 'response', 'granted'] as const)
          await register.append(transaction, {
            transactionId: `t${login}`,
            reference: `R${login}`,
            at: at(login),
            kind,
            source: 'spid',
            entityId: login % 2 === 0 ? 'comune' : 'unione',
            clientId: `client-${login % 3}`,
            provider: `https://idp-${login % 2}.example.it`,
            requestId: `_q${login}`,
            ...(kind === 'response' ? { messageId: `_r${login}`, assertionId: `_a${login}` } : {}),
            ...(kind === 'request' ? {} : { person: { kind: 'it-fiscal', value: `PERSON${login % 10}` } }),
            evidence: {},
          });
      });
  });
  afterAll(() => store.close());

  const found = async (filter: EntryFilter, limit?: number) =>
    (await searchEntries(store.db, filter, limit)).map(
      ({ transactionId, kind }) => `${transactionId} ${kind}`,
    );
  const kinds: readonly EntryKind[] = ['granted'];

  it.each<[string, EntryFilter, string[]]>([
    ['a transaction', { transactionId: 't7', kinds }, ['t7 granted']],
    ['a reference', { reference: 'R7' }, ['t7 granted', 't7 response', 't7 request']],
    ['the ID of a request', { messageId: '_q7' }, ['t7 granted', 't7 response', 't7 request']],
    ['the ID of a message', { messageId: '_r7' }, ['t7 response']],
    ['the ID of an assertion', { messageId: '_a7' }, ['t7 response']],
    [
      'a person',
      { personHashes: [hashOf(7), hashOf(7)], kinds },
      [57, 47, 37, 27, 17, 7].map((n) => `t${n} granted`),
    ],
    [
      'a person and a service',
      { personHashes: [hashOf(7)], clientId: 'client-0', kinds },
      ['t57 granted', 't27 granted'],
    ],
    ['nobody', { personHashes: [] }, []],
    ['a period', { from: at(10), to: at(12), kinds }, ['t11 granted', 't10 granted']],
    [
      'a period and a service',
      { from: at(10), to: at(16), clientId: 'client-0', kinds },
      ['t15 granted', 't12 granted'],
    ],
    [
      'a period, a service and a body',
      { from: at(10), to: at(16), clientId: 'client-0', entityId: 'unione', kinds },
      ['t15 granted'],
    ],
    [
      'a period and a provider',
      { from: at(10), to: at(13), provider: 'https://idp-0.example.it', kinds },
      ['t12 granted', 't10 granted'],
    ],
    ['a reference of another service', { reference: 'R7', clientId: 'client-0' }, []],
    [
      'a person in a period',
      { personHashes: [hashOf(7)], from: at(10), to: at(30), kinds },
      ['t27 granted', 't17 granted'],
    ],
  ])('finds by %s, newest first', async (_what, filter, expected) => {
    expect(await found(filter)).toEqual(expected);
  });

  it.each<[string, EntryFilter]>([
    ['everything', {}],
    ['a person', { personHashes: [hashOf(3)] }],
    ['a service in a period', { clientId: 'client-1', from: at(5), to: at(50) }],
  ])('goes page by page through %s and neither leaves out nor repeats', async (_what, filter) => {
    const all = await searchEntries(store.db, filter);
    const paged = [];
    for (let after = undefined as EntryFilter['after']; ;) {
      const page = await searchEntries(store.db, { ...filter, after }, 7);
      paged.push(...page);
      after = page.at(-1);
      if (!after) break;
    }
    expect(paged).toEqual(all);
  });

  it('stays within the period whatever place it is told to go on from', async () => {
    const after = { at: at(55), entityId: 'a', seq: 1 };
    expect(await found({ from: at(10), to: at(12), kinds, after })).toEqual(['t11 granted', 't10 granted']);
  });

  describe('among many entries of one service', () => {
    beforeAll(async () => {
      await sql`
        with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
        insert into register_entries (entity_id, seq, transaction_id, reference, at, month, kind, source, client_id,
          provider, request_id, person_hash, digest, hash, content)
        select 'grande', i, 'x' || i, 'X' || i, ${sql.lit(START)} + i, '2026-03', 'response', 'spid', 'client-0',
          'https://idp-0.example.it', '_x' || i, 'hash' || (i % 5000), '', '', ${Buffer.of(0)}
        from n`.execute(store.db);
    });

    const everything = { clientId: 'client-0', provider: 'https://idp-0.example.it', entityId: 'grande' };
    const period = { from: at(0), to: at(1) };
    it.each<[string, EntryFilter, string]>([
      ['transaction', { transactionId: 'x7', personHashes: ['hash7'] }, 'transaction_id'],
      ['reference', { reference: 'X7', personHashes: ['hash7'] }, 'reference'],
      ['ID', { messageId: '_x7' }, 'request_id'],
      ['person', { personHashes: ['hash7', 'hash8'] }, 'person_hash_at'],
    ])(
      'reads by %s what it names and nothing else, with statistics and without',
      async (_what, filter, index) => {
        const plan = () => planOf(store, { ...everything, ...period, ...filter });
        expect(await plan()).toContain(`register_entries_${index}`);
        expect(await plan()).not.toMatch(/SCAN register_entries|Seq Scan/);
        await sql`analyze register_entries`.execute(store.db);
        expect(await plan()).toContain(`register_entries_${index}`);
      },
    );
  });
});

async function planOf({ dialect, db }: Store, filter: EntryFilter): Promise<string> {
  const { sql: text, parameters } = entryQuery(db, filter, 101).compile();
  const explain = dialect === 'postgres' ? 'explain ' : 'explain query plan ';
  const [beginning = '', ...parts] = text.split(dialect === 'postgres' ? /\$\d+/ : '?');
  const query = parts.reduce(
    (before, part, index) => sql`${before}${parameters[index]}${sql.raw(part)}`,
    sql.raw(explain + beginning),
  );
  return JSON.stringify((await query.execute(db)).rows);
}
