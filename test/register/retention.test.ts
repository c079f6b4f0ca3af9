import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditTrail } from '../../src/audit/trail.ts';
import type { Entry } from '../../src/register/entry.ts';
import { listReports } from '../../src/register/accesses.ts';
import { headMac } from '../../src/register/chain.ts';
import { holdFaults, liftHold, listHolds, placeHold, type HoldScope } from '../../src/register/holds.ts';
import { inspectRegister } from '../../src/register/inspect.ts';
import { RegisterKeys } from '../../src/register/keys.ts';
import { Register } from '../../src/register/register.ts';
import {
  destroyDue,
  dueThrough,
  overdueMonth,
  overdueRows,
  planDestruction,
} from '../../src/register/retention.ts';
import { readSeal, sealHead, sealsOf, type SealOptions } from '../../src/register/seal.ts';
import { rowCount } from '../../src/register/size.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { keyDirectory, masterKey, personHash, testSeals, turnsDuring } from '../support/register.ts';
import { describeStores } from '../support/stores.ts';

describe('The time of an entry', () => {
  it.each([
    ['2028-10-31T23:59:59.999Z', 24, '2026-09'],
    ['2028-11-01T00:00:00.000Z', 24, '2026-10'],
    ['2028-11-01T00:00:00.000Z', 36, '2025-10'],
    ['2029-01-01T00:00:00.000Z', 24, '2026-12'],
  ])('at %s, kept for %i months, is over for %s and all before', (now, months, through) => {
    expect(dueThrough(new Date(now), months)).toBe(through);
  });
});

describeStores('the retention and the seals of the register', (openUrl) => {
  const MARCH = new Date('2026-03-30T10:00:00.000Z');
  let now = MARCH;
  const clock = { now: () => now };
  const LATER = new Date('2028-04-15T10:00:00.000Z');
  const place = (scope: HoldScope, reason = 'Procura', at = now) =>
    store.transaction((transaction) => placeHold(transaction, trail, scope, reason, { ...R, at }));
  const lift = (id: string, at = now) =>
    store.transaction((transaction) => liftHold(transaction, trail, id, { ...R, at }));
  const R = { actor: { kind: 'operator', name: 'R' }, via: 'command-line' } as const;
  const BY = { actor: { kind: 'operator', name: 'retention' }, via: 'schedule' } as const;
  const trail = new AuditTrail({ cipher: masterKey, personHash, derived: () => ['mac'] });
  let store: Store;
  let register: Register;
  let directory: string;
  let options: SealOptions;

  beforeAll(async () => {
    store = await openStore(await openUrl(), clock);
    options = await testSeals(store, clock);
  });
  afterAll(() => store.close());

  /** Ten entries six hours apart, from the end of March into April. */
  beforeEach(async () => {
    for (const table of [
      'register_entries',
      'register_heads',
      'register_seals',
      'register_destroyed',
      'register_holds',
      'register_documents',
      'access_reports',
      'audit_entries',
      'audit_head',
    ] as const)
      await store.db.deleteFrom(table).execute();
    directory = keyDirectory();
    register = new Register(new RegisterKeys(directory, masterKey), personHash);
    for (let at = 0; at < 10; at++) {
      now = new Date(MARCH.getTime() + at * 6 * 60 * 60 * 1000);
      await append(`transaction-${at}`, at === 3 ? 'GDASDV00A01H501J' : 'RSSMRA80A01H501U');
    }
  });

  const entryOf = (transactionId: string, fiscalCode = 'RSSMRA80A01H501U'): Entry => ({
    transactionId,
    reference: transactionId,
    at: now,
    kind: 'response',
    source: 'spid',
    entityId: 'unione',
    outcome: 'accepted',
    evidence: { message: Buffer.from('<xml/>') },
    person: { kind: 'it-fiscal', value: fiscalCode },
  });
  const append = (transactionId: string, fiscalCode: string) =>
    store.transaction((transaction) => register.append(transaction, entryOf(transactionId, fiscalCode)));
  const keys = () => register.keys.of('unione');
  const faults = async (outside: readonly string[] = []) =>
    (await inspectRegister(store.db, 'unione', keys(), outside)).faults.map(
      ({ seq, kind }) => `${kind} ${seq}`,
    );
  const sealAll = (by = options) => sealHead(by, 'unione', keys());
  const seal = async () => (await sealAll()).at(-1);
  const sequence = async () =>
    (await store.db.selectFrom('register_entries').select(['seq', 'kind']).orderBy('seq').execute()).map(
      ({ seq, kind }) => (kind === 'response' ? seq : `${seq} ${kind}`),
    );
  const destroy = (through = '2026-03') =>
    destroyDue({ store, register, clock, trail }, 'unione', through, BY);

  it('destroys what is due, rows and key, leaves a certificate, and the chain is whole', async () => {
    now = LATER;
    expect(dueThrough(now, 24)).toBe('2026-03');
    expect(await planDestruction(store.db, 'unione', '2026-03')).toEqual({
      entityId: 'unione',
      through: '2026-03',
      destroyed: 7,
      held: 0,
    });
    expect(await sequence()).toHaveLength(10);
    expect(await overdueMonth(store.db, 'unione', '2026-03')).toBe('2026-03');
    const [backup] = await store.db.selectFrom('register_entries').selectAll().where('seq', '=', 1).execute();
    expect(await destroy()).toMatchObject({ destroyed: 7, held: 0 });
    expect(await sequence()).toEqual([8, 9, 10, '11 destroyed']);
    expect(await overdueMonth(store.db, 'unione', '2026-03')).toBeUndefined();
    expect(await register.evidence(store.db, 'destruction-2026-03')).toMatchObject([
      { destroyed: 7, held: 0, stretches: [{ first: 1, last: 7 }] },
    ]);
    const [noted] = await trail.list(store.db, { limit: 1 });
    expect(noted).toMatchObject({
      action: 'register.destroy',
      via: 'schedule',
      entityId: 'unione',
      after: { through: '2026-03', destroyed: 7, stretches: [{ first: 1, last: 7 }] },
    });
    expect(await faults()).toEqual([]);
    // A backup of the database brings rows back, and nobody can read them, with the master key either.
    await store.db
      .insertInto('register_entries')
      .values(backup ?? [])
      .execute();
    for (const holder of [register, new Register(new RegisterKeys(directory, masterKey), personHash)])
      await expect(holder.evidence(store.db, 'transaction-0')).rejects.toThrow(
        'key of 2026-03 was destroyed',
      );
    expect((await faults()).length).toBeGreaterThan(0);
  });

  it('destroys once, however many processes try and however often', async () => {
    now = LATER;
    const runs = await Promise.all([destroy(), destroy(), destroy()]);
    expect(runs.map(({ destroyed }) => destroyed).sort()).toEqual([0, 0, 7]);
    expect(await faults()).toEqual([]);
  });

  it('destroys a month of thousands piece by piece, and goes on where a run was broken off', async () => {
    now = new Date(MARCH.getTime() + 10 * 6 * 60 * 60 * 1000);
    await store.transaction(async (transaction) => {
      for (let at = 0; at < 2100; at++) await register.append(transaction, entryOf(`more-${at}`));
    });
    const some = Array.from({ length: 250 }, (_, at) => `more-${at}`);
    expect(await turnsDuring(() => register.stories(store.db, some))).toBeGreaterThanOrEqual(2);
    const held = await place({ transactionId: 'more-1989' });
    now = LATER;
    const broken = new AuditTrail({ cipher: masterKey, personHash, derived: () => ['mac'] });
    let pieces = 0;
    broken.append = (transaction, event) =>
      ++pieces < 2 ? trail.append(transaction, event) : Promise.reject(new Error('killed'));
    const run = (by: AuditTrail) =>
      destroyDue({ store, register, clock, trail: by }, 'unione', '2026-04', BY);
    await expect(run(broken)).rejects.toThrow('killed');
    expect(await faults()).toEqual([]);
    expect(keys().oldest).toBe('2020-01');
    expect(await overdueRows(store.db, 'unione', '2026-04')).toBe(110);
    expect(await rowCount(store.db, 'unione')).toBe((await sequence()).length);
    expect(await run(trail)).toMatchObject({ destroyed: 110, held: 1 });
    expect(await sequence()).toEqual([2000, '2111 destroyed', '2112 destroyed']);
    expect(await faults()).toEqual([]);
    expect(keys().oldest).toBe('2026-05');
    await lift(held);
    expect(await run(trail)).toMatchObject({ destroyed: 1, held: 0 });
    expect(await faults()).toEqual([]);
  });

  it('keeps what a legal hold names, readable, until it is lifted', async () => {
    now = LATER;
    const transaction = await place({ transactionId: 'transaction-1' }, 'Procura');
    const hash = personHash.hash('it-fiscal:GDASDV00A01H501J');
    const person = await place({ personHash: hash }, 'Tribunale');
    expect(await planDestruction(store.db, 'unione', '2026-03')).toMatchObject({ destroyed: 5, held: 2 });
    expect(await destroy()).toMatchObject({ destroyed: 5, held: 2 });
    expect(await sequence()).toEqual([2, 4, 8, 9, 10, '11 destroyed']);
    expect(await rowCount(store.db, 'unione')).toBe(6);
    expect(await faults()).toEqual([]);
    expect(await register.evidence(store.db, 'transaction-3')).toEqual([{ message: Buffer.from('<xml/>') }]);
    // The month after, the held ones are due again, and still held.
    now = new Date('2028-05-15T10:00:00.000Z');
    expect(await destroy('2026-04')).toMatchObject({ destroyed: 3, held: 2 });
    expect(await faults()).toEqual([]);
    await lift(transaction);
    await lift(person);
    await expect(lift(person)).rejects.toMatchObject({ code: 'no_such_hold' });
    expect(await destroy('2026-04')).toMatchObject({ destroyed: 2, held: 0 });
    expect(await faults()).toEqual([]);
    expect((await sequence()).every((entry) => String(entry).includes('destroyed'))).toBe(true);
  });

  it('lets closed cases go with their accesses and lifted holds after the same time, and keeps open ones', async () => {
    const report = (at: number, closed: boolean) =>
      store.db
        .insertInto('access_reports')
        .values({
          id: `case-${at}`,
          transaction_id: `transaction-${at}`,
          client_id: 'suap',
          reference: `transaction-${at}`,
          person_hash: personHash.hash('it-fiscal:RSSMRA80A01H501U'),
          reported_at: now.getTime(),
          closed_at: closed ? now.getTime() : null,
          closed_by: closed ? 'R' : null,
          outcome: closed ? 'hers' : null,
        })
        .execute();
    // The first two are of March, the last one of April.
    await report(0, true);
    await report(1, false);
    await report(9, true);
    const old = await place({ transactionId: 'none' }, 'Procura', MARCH);
    await lift(old, MARCH);
    now = LATER;
    const recent = await place({ transactionId: 'none' });
    await lift(recent);
    await destroy();
    expect((await listReports(store.db, true)).map(({ id }) => id).sort()).toEqual(['case-1', 'case-9']);
    expect((await listHolds(store.db)).map(({ id }) => id)).toEqual([recent]);
  });

  it('lets documents go with the last entries that may name them, of any body, and held ones', async () => {
    const month = (text: string) => new Date(`${text}-31T10:00:00.000Z`);
    const keep = (hash: string, at: Date, process = register) =>
      process.keep(store.db, hash, Buffer.from(`<${hash}/>`), at);
    const documents = async () =>
      (await store.db.selectFrom('register_documents').select('hash').orderBy('hash').execute()).map(
        ({ hash }) => hash,
      );
    for (const hash of ['march', 'later']) await keep(hash, MARCH);
    await keep('later', month('2026-05'));
    // Of a process that does not know that it is kept, and is late.
    await keep('later', MARCH, new Register(new RegisterKeys(directory, masterKey), personHash));
    const held = await place({ transactionId: 'transaction-1' });
    const other = { ...entryOf('other'), at: MARCH, entityId: 'comune' };
    await store.transaction((transaction) => register.append(transaction, other));
    now = LATER;
    const destroyOf = (entityId: string, through: string) =>
      destroyDue({ store, register, clock, trail }, entityId, through, BY);
    await destroyOf('unione', '2026-04');
    expect(await documents()).toEqual(['later', 'march']);
    await lift(held);
    await destroyOf('unione', '2026-04');
    expect(await documents()).toEqual(['later', 'march']);
    await destroyOf('comune', '2026-03');
    // The first hours of April may still name it.
    expect(await documents()).toEqual(['later', 'march']);
    await destroyOf('comune', '2026-04');
    expect(await documents()).toEqual(['later']);
    expect(await register.document(store.db, 'march')).toBeUndefined();
    await destroyOf('comune', '2026-05');
    expect(await documents()).toEqual(['later']);
    await destroyOf('comune', '2026-06');
    expect(await documents()).toEqual([]);
    expect(await faults()).toEqual([]);
  });

  it('keeps a whole register that is held', async () => {
    now = LATER;
    await place({ entityId: 'unione' });
    expect(await destroy()).toMatchObject({ destroyed: 0, held: 7 });
    expect(await overdueMonth(store.db, 'unione', '2026-03')).toBeUndefined();
    expect(await faults()).toEqual([]);
  });

  it.each<[string, (id: string) => ReturnType<typeof sql>]>([
    ['removed', (id) => sql`delete from register_holds where id = ${id}`],
    ['lifted by nobody of ours', (id) => sql`update register_holds set lifted_at = 1 where id = ${id}`],
    ['altered', (id) => sql`update register_holds set transaction_id = 'none' where id = ${id}`],
  ])(
    'destroys nothing when a legal hold was %s in the database, until it is lifted',
    async (what, attack) => {
      const id = await place({ transactionId: 'transaction-1' });
      now = LATER;
      await attack(id).execute(store.db);
      expect(await holdFaults(store.db, trail)).toEqual([
        { entityId: undefined, detail: `the legal hold ${id} was ${what}` },
      ]);
      await expect(destroy()).rejects.toMatchObject({ code: 'register_holds_altered' });
      expect(await sequence()).toHaveLength(10);
      expect(keys().oldest).toBe('2020-01');
      await lift(id);
      await expect(lift(id)).rejects.toMatchObject({ code: 'no_such_hold' });
      expect(await holdFaults(store.db, trail)).toEqual([]);
      expect(await destroy()).toMatchObject({ destroyed: 7 });
    },
  );

  it('destroys nothing when the trail of a legal hold was removed too, unless told to by name', async () => {
    const id = await place({ transactionId: 'transaction-1' });
    const kept = await place({ transactionId: 'transaction-2' });
    now = LATER;
    await sql`delete from register_holds`.execute(store.db);
    await sql`delete from audit_entries where target_id = ${id}`.execute(store.db);
    await expect(destroy()).rejects.toMatchObject({ code: 'audit_altered' });
    expect(await sequence()).toHaveLength(10);
    const despite = () => destroyDue({ store, register, clock, trail }, 'unione', '2026-03', BY, true);
    await expect(despite()).rejects.toMatchObject({ code: 'register_holds_altered' });
    await lift(kept);
    expect(await despite()).toMatchObject({ destroyed: 7 });
    const [done] = await trail.list(store.db, { limit: 1 });
    expect(done).toMatchObject({ action: 'register.destroy', after: { despiteTrail: true } });
  });

  it('honours a legal hold of before the trail knew of them, and says that it is not in there', async () => {
    await store.db
      .insertInto('register_holds')
      .values({
        id: 'older',
        entity_id: 'unione',
        transaction_id: null,
        person_hash: null,
        reason: 'Procura',
        placed_by: 'R',
        placed_at: MARCH.getTime(),
        lifted_by: null,
        lifted_at: null,
      })
      .execute();
    now = LATER;
    expect(await destroy()).toMatchObject({ destroyed: 0, held: 7 });
    expect(await holdFaults(store.db, trail)).toMatchObject([
      { entityId: 'unione', detail: expect.stringContaining('older is not in the audit trail') as string },
    ]);
    const again = await place({ entityId: 'unione' });
    await lift('older');
    expect(await holdFaults(store.db, trail)).toEqual([]);
    await lift(again);
    await sql`update register_holds set lifted_at = null where id = ${again}`.execute(store.db);
    expect(await holdFaults(store.db, trail)).toMatchObject([
      { detail: `the legal hold ${again} was lifted, and is in force again` },
    ]);
  });

  it('takes no stretch for destroyed whose certificate was altered or removed', async () => {
    now = LATER;
    await destroy();
    await sql`update register_destroyed set last_seq = last_seq - 1`.execute(store.db);
    expect(await faults()).toEqual(['certificate 1', 'removed 1']);
    await sql`delete from register_destroyed`.execute(store.db);
    expect(await faults()).toEqual(['removed 1']);
  });

  it('seals the end of the chain with the certificate of the body, each seal naming the one before', async () => {
    const first = await seal();
    expect(await seal()).toBeUndefined(); // nothing was added
    await append('transaction-10', 'RSSMRA80A01H501U');
    const second = await seal();
    const [one, two] = [await readSeal(first ?? ''), await readSeal(second ?? '')];
    expect(one.said).toMatchObject({ register: 'unione', seq: 10, issuer: options.issuer('unione') });
    expect(two.said).toMatchObject({ seq: 11, previous: expect.any(String) as string });
    expect(one.certificate.subject).toContain('CN=X');
    expect(await faults([first ?? '', second ?? ''])).toEqual([]);
    now = LATER;
    await destroy('2026-04');
    expect(await faults([first ?? '', second ?? ''])).toEqual([]);
  });

  it('follows on the last seal when another process has sealed in the meantime', async () => {
    let other = async () => {
      other = async () => {};
      await seal();
      await append('transaction-10', 'RSSMRA80A01H501U');
    };
    const late: Store = {
      ...store,
      transaction: async (work) => {
        await other();
        return store.transaction(work);
      },
    };
    expect(await sealAll({ ...options, store: late })).toHaveLength(1);
    expect((await sealsOf(store.db, 'unione')).map(({ seq }) => seq)).toEqual([10, 11]);
    expect(await faults()).toEqual([]);
    expect(await Promise.all([sealAll(), sealAll(), sealAll()])).toEqual([[], [], []]);
  });

  it('seals a chain of more than 100,000 entries in several pieces, and lists and counts of its faults what one can read', async () => {
    const [row] = await store.db.selectFrom('register_entries').selectAll().where('seq', '=', 1).execute();
    if (!row) throw new Error('nothing there');
    const LAST = 100_001;
    for (let seq = 11; seq <= LAST; seq += 1000) {
      const count = Math.min(1000, LAST - seq + 1);
      const rows = Array.from({ length: count }, (_, at) => ({ ...row, seq: seq + at }));
      await store.db.insertInto('register_entries').values(rows).execute();
    }
    const head = await store.db.selectFrom('register_heads').selectAll().executeTakeFirstOrThrow();
    const moved = { ...head, seq: LAST };
    await store.db
      .updateTable('register_heads')
      .set({ ...moved, mac: headMac(keys(), moved) })
      .execute();
    // Copies of one entry: nothing of it fits.
    const found = await faults();
    expect(found).toHaveLength(10_001);
    expect(found.at(-1)).toBe(`altered ${LAST}`);
    const due = await overdueRows(store.db, 'unione', '2026-04');
    expect([due > 9_999, due < 20_000]).toEqual([true, true]);
    let said: readonly string[] = [];
    expect(await turnsDuring(async () => (said = await sealAll()))).toBeGreaterThan(100);
    const trees = await Promise.all(said.map(async (jws) => (await readSeal(jws)).said));
    expect(trees).toMatchObject([
      { seq: 100_000, tree: { first: 1 } },
      { seq: LAST, tree: { first: LAST }, previous: expect.any(String) as string },
    ]);
  });

  it('names seals that were altered, removed or exchanged', async () => {
    await seal();
    await append('transaction-10', 'RSSMRA80A01H501U');
    await seal();
    await sql`update register_seals set at = at + 1 where seq = 11`.execute(store.db);
    expect(await faults()).toEqual(['seal 11']);
    await sql`update register_seals set at = at - 1 where seq = 11`.execute(store.db);
    expect(await faults()).toEqual([]);
    await sql`delete from register_seals where seq = 10`.execute(store.db);
    expect(await faults()).toEqual(['seal 11']);
    await sql`update register_seals set jws = 'x' where seq = 11`.execute(store.db);
    expect(await faults()).toEqual(['seal 11']);
  });

  it('shows by a seal kept elsewhere that a chain was written anew, even by who holds every key', async () => {
    const kept = await seal();
    expect(await sealsOf(store.db, 'unione')).toHaveLength(1);
    for (const table of ['register_entries', 'register_heads', 'register_seals'] as const)
      await store.db.deleteFrom(table).execute();
    for (let at = 0; at < 10; at++) await append(`transaction-${at}`, 'GDASDV00A01H501J');
    expect(await faults()).toEqual([]);
    expect(await faults([kept ?? ''])).toEqual(['seal 10']);
  });
});
