import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AuditTrail } from '../../src/audit/trail.ts';
import { Consultations } from '../../src/register/consultation/consultations.ts';
import { ReadingRoom } from '../../src/register/consultation/reading-room.ts';
import type { Register } from '../../src/register/register.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { masterKey, personHash, testRegister, testSeals, turnsDuring } from '../support/register.ts';
import { describeStores } from '../support/stores.ts';

const START = Date.parse('2026-10-05T08:00:00Z');
const BY = { actor: { kind: 'operator', name: 'responsabile' }, via: 'command-line' } as const;
const TRANSACTIONS = 40;

describeStores('the package of an export', (openUrl) => {
  let store: Store;
  let register: Register;
  let reading: ReadingRoom;
  const clock = { now: () => new Date(START) };
  const trail = new AuditTrail({ cipher: masterKey, personHash, derived: () => ['mac'] });

  beforeAll(async () => {
    store = await openStore(await openUrl(), clock);
    register = testRegister();
    for (let at = 0; at < TRANSACTIONS; at++) {
      await append(at, 'request');
      await append(at, 'response');
    }
    const name = (id: string) => id;
    const rules = { secondPerson: false, approvalHours: 24, openHours: 4 };
    const names = { client: name, provider: name, entity: name, attribute: name, claims: () => [] };
    reading = new ReadingRoom({
      store,
      clock,
      register,
      seals: await testSeals(store, clock),
      names: async () => names,
      consultations: new Consultations({
        store,
        clock,
        trail,
        rules,
        keys: { cipher: masterKey, personHash },
      }),
    });
  });
  afterAll(() => store.close());

  /** Long, and random so that nothing makes it shorter: what a stream may hold back is a small part of all. */
  const append = (at: number, kind: 'request' | 'response') =>
    store.transaction((transaction) =>
      register.append(transaction, {
        transactionId: `t-${at}`,
        reference: `CODE-${at}`,
        // Answers come when all requests have left.
        at: new Date(START + at + (kind === 'response' ? 1000 : 0)),
        kind,
        source: 'spid',
        entityId: at % 2 ? 'unione' : 'comune',
        outcome: kind === 'response' ? 'T1' : undefined,
        evidence: { message: randomBytes(50_000) },
      }),
    );
  const exported = async () => {
    const scope = { from: new Date(START), to: new Date(START + 10_000) };
    const { id } = await reading.consultations.ask(scope, 'richiesta della Procura, prot. 1', BY);
    const { zip } = await reading.export(id, BY);
    return zip;
  };

  it('has everything, transaction by transaction, each file under its hash, and leaves logins their turns', async () => {
    let bytes = Buffer.alloc(0);
    expect(await turnsDuring(async () => (bytes = await buffer(await exported())))).toBeGreaterThan(
      2 * TRANSACTIONS,
    );
    const files = unzipSync(bytes);
    const text = (name: string) => Buffer.from(files[name] ?? []).toString();
    const sums = Object.keys(files)
      .filter((name) => !name.startsWith('SHA256SUMS'))
      .map(
        (name) =>
          `${createHash('sha256')
            .update(files[name] ?? '')
            .digest('hex')}  ${name}`,
      );
    expect(text('SHA256SUMS').trimEnd().split('\n').sort()).toEqual(sums.sort());
    const { entries } = JSON.parse(text('manifest.json')) as {
      entries: { name: string; reference: string }[];
    };
    expect(entries).toHaveLength(2 * TRANSACTIONS);
    expect(entries.slice(2, 4)).toMatchObject([
      { name: '002-001-request', reference: 'CODE-1' },
      { name: '002-002-response', reference: 'CODE-1' },
    ]);
    for (const entity of ['unione', 'comune'])
      expect(JSON.parse(text(`catena/${entity}.json`))).toHaveLength(TRANSACTIONS);
    expect(text('relazione.html').match(/<h2 id="t\d+">Transazione/g)).toHaveLength(TRANSACTIONS);
    expect(text('relazione.html')).toMatch(/<\/html>\n$/);
  });

  it('is made no faster than it is taken, and has no end when an entry is destroyed meanwhile', async () => {
    const zip = await exported();
    const chunks = zip[Symbol.asyncIterator]();
    await chunks.next();
    for (let at = 0; at < 500; at++) await turn();
    const last = { transaction_id: `t-${TRANSACTIONS - 1}`, kind: 'response' };
    await store.db
      .deleteFrom('register_entries')
      .where('transaction_id', '=', last.transaction_id)
      .where('kind', '=', last.kind)
      .execute();
    const rest = async () => {
      while (!(await chunks.next()).done);
    };
    await expect(rest()).rejects.toMatchObject({ code: 'register_entry_gone' });
  });
});
