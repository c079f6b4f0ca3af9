import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { RegisterKeys } from '../../src/register/keys.ts';
import { Register } from '../../src/register/register.ts';
import { verifyChain, registeredEntities } from '../../src/register/verify.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { keyDirectory, masterKey, personHash } from '../support/register.ts';
import { describeStores } from '../support/stores.ts';

const START = Date.parse('2026-03-30T10:00:00.000Z');
const HOUR = 60 * 60 * 1000;

describeStores('the chain of the register', (openUrl) => {
  let url: string;
  let store: Store;
  let keys: RegisterKeys;
  let register: Register;

  beforeAll(async () => {
    url = await openUrl();
    store = await openStore(url, { now: () => new Date(START) });
  });
  afterAll(() => store.close());

  beforeEach(async () => {
    await store.db.deleteFrom('register_entries').execute();
    await store.db.deleteFrom('register_heads').execute();
    keys = new RegisterKeys(keyDirectory(), masterKey);
    register = new Register(keys, personHash);
    for (let hour = 0; hour < 60; hour += 6) await append(hour);
  });

  const append = (hour: number, entityId = 'unione', by = register, on = store) =>
    on.transaction((transaction) =>
      by.append(transaction, {
        transactionId: `transaction-${hour}`,
        reference: 'ABCD-EFGH',
        at: new Date(START + hour * HOUR),
        kind: 'response',
        source: 'spid',
        entityId,
        clientId: 'suap',
        provider: 'https://idp.example.it',
        requestId: `_q${hour}`,
        messageId: `_r${hour}`,
        assertionId: `_a${hour}`,
        outcome: 'accepted',
        level: 2,
        claims: ['name', 'email'],
        person: { kind: 'it-fiscal', value: 'RSSMRA80A01H501U' },
        evidence: { message: Buffer.from(`<xml>${hour} è</xml>`) },
      }),
    );

  const verify = (entityId = 'unione') => verifyChain(store.db, entityId, keys.of(entityId), []);
  const faults = async () => (await verify()).faults.map(({ seq, kind }) => `${kind} ${seq}`);
  const on = (seq: number) => sql`entity_id = 'unione' and seq = ${seq}`;

  it('is whole when nobody has touched it, across months', async () => {
    expect(await verify()).toMatchObject({ entries: 10, last: { seq: 10 }, faults: [] });
    const months = await store.db.selectFrom('register_entries').select('month').distinct().execute();
    expect(months.map(({ month }) => month).sort()).toEqual(['2026-03', '2026-04']);
    expect(await registeredEntities(store.db)).toEqual(['unione']);
  });

  it('brings the evidence back byte for byte', async () => {
    const [evidence] = await register.evidence(store.db, 'transaction-12');
    expect(evidence).toEqual({ message: Buffer.from('<xml>12 è</xml>') });
  });

  it('does not fork under 60 appends at once by two gateways, and every entity has its own', async () => {
    const second = store.dialect === 'sqlite' ? store : await openStore(url, { now: () => new Date(START) });
    try {
      await Promise.all(
        Array.from({ length: 60 }, (_, at) =>
          append(60, at % 3 === 0 ? 'comune' : 'unione', register, at % 2 === 0 ? store : second),
        ),
      );
    } finally {
      if (second !== store) await second.close();
    }
    expect(await verify()).toMatchObject({ entries: 50, faults: [] });
    expect(await verify('comune')).toMatchObject({ entries: 20, faults: [] });
    expect(await registeredEntities(store.db)).toEqual(['comune', 'unione']);
  });

  it('keeps the place of an entry free when its transaction fails', async () => {
    const failing = store.transaction(async (transaction) => {
      await register.append(transaction, {
        transactionId: 'x',
        reference: 'x',
        at: new Date(START + 60 * HOUR),
        kind: 'request',
        source: 'spid',
        entityId: 'unione',
        evidence: {},
      });
      throw new Error('half way');
    });
    await expect(failing).rejects.toThrow('half way');
    await append(61);
    expect(await verify()).toMatchObject({ entries: 11, faults: [] });
  });

  const changes: readonly [column: string, value: string | number | null][] = [
    ['transaction_id', 'transaction-0'],
    ['reference', 'WXYZ-2345'],
    ['at', START + 1],
    ['at', START + 24 * HOUR + 1],
    ['month', '2026-02'],
    ['month', '2026-05'],
    ['kind', 'request'],
    ['source', 'cie'],
    ['client_id', 'scuola'],
    ['client_id', null],
    ['provider', 'https://another.example.it'],
    ['request_id', '_q0'],
    ['message_id', '_r0'],
    ['assertion_id', '_a0'],
    ['outcome', 'S2'],
    ['level', 3],
    ['claims', 'name'],
    ['person_hash', personHash.hash('it-fiscal:GDASDV00A01H501J')],
    ['digest', 'AAAA'],
    ['hash', 'AAAA'],
  ];

  it.each(changes)('names the entry whose %s was set to %s', async (column, value) => {
    await sql`update register_entries set ${sql.ref(column)} = ${value} where ${on(5)}`.execute(store.db);
    const found = await faults();
    expect(found.some((fault) => / 5$/.test(fault))).toBe(true);
    expect(found.every((fault) => / [56]$/.test(fault))).toBe(true);
  });

  it('names the entry whose evidence was exchanged for that of another', async () => {
    await sql`update register_entries set content = (select content from register_entries where ${on(2)}) where ${on(5)}`.execute(
      store.db,
    );
    expect(await faults()).toEqual(['altered 5']);
  });

  it('names what was altered even when every hash was made to fit again', async () => {
    const { entryHash, headMac } = await import('../../src/register/chain.ts');
    const rows = await store.db.selectFrom('register_entries').selectAll().orderBy('seq').execute();
    let before = rows[3]?.hash ?? '';
    for (const row of rows.slice(4)) {
      if (row.seq === 5) row.outcome = 'S2';
      row.hash = before = entryHash(row, before);
      await store.db
        .updateTable('register_entries')
        .set({ outcome: row.outcome, hash: row.hash })
        .where('seq', '=', row.seq)
        .execute();
    }
    await store.db.updateTable('register_heads').set({ hash: before }).execute();
    const found = await faults();
    expect(found[0]).toBe('altered 5');
    expect(found).toContain('head 10');
    const foreign = new RegisterKeys(keyDirectory(), masterKey).begin('unione');
    const head = await store.db.selectFrom('register_heads').selectAll().executeTakeFirstOrThrow();
    await store.db
      .updateTable('register_heads')
      .set({ mac: headMac(foreign, head) })
      .execute();
    expect(await faults()).toContain('head 10');
  });

  it('names entries that were removed: in the middle, at the beginning, at the end, all of them', async () => {
    await sql`delete from register_entries where seq in (4, 5)`.execute(store.db);
    expect(await faults()).toEqual(['removed 4']);
    await sql`delete from register_entries where seq = 1`.execute(store.db);
    expect(await faults()).toEqual(['removed 1', 'removed 4']);
    await sql`delete from register_entries where seq = 10`.execute(store.db);
    expect(await faults()).toEqual(['removed 1', 'removed 4', 'removed 10']);
    await sql`delete from register_entries`.execute(store.db);
    expect((await verify()).faults).toMatchObject([
      { seq: 1, kind: 'removed', detail: 'up to 10: are missing' },
    ]);
  });

  it('names the end that was cut off although the head was set back', async () => {
    const earlier = await store.db
      .selectFrom('register_entries')
      .selectAll()
      .where('seq', '=', 8)
      .executeTakeFirstOrThrow();
    await sql`delete from register_entries where seq > 8`.execute(store.db);
    await store.db.updateTable('register_heads').set({ seq: 8, hash: earlier.hash }).execute();
    expect(await faults()).toEqual(['head 8']);
    // And nothing is written on top of it, which would make it look right again.
    await expect(append(70)).rejects.toMatchObject({ code: 'register_head_altered' });
  });

  it('names entries that changed places', async () => {
    await sql`update register_entries set seq = 1005 where ${on(5)}`.execute(store.db);
    await sql`update register_entries set seq = 5 where ${on(7)}`.execute(store.db);
    await sql`update register_entries set seq = 7 where ${on(1005)}`.execute(store.db);
    const { faults: found } = await verify();
    expect(found.filter(({ kind }) => kind === 'moved')).toMatchObject([
      { seq: 5, detail: 'was written as number 7' },
      { seq: 7, detail: 'was written as number 5' },
    ]);
  });

  it('names an entry that was put in from elsewhere, and a head that was removed', async () => {
    await sql`update register_entries set seq = 11 where ${on(10)}`.execute(store.db);
    expect(await faults()).toEqual(['removed 10', 'altered 11']);
    await store.db.deleteFrom('register_heads').execute();
    expect(await faults()).toEqual(['head 1']);
  });

  it('goes on with no other keys than those it was begun with, and with none when they are lost', async () => {
    const directory = keyDirectory();
    const stranger = new Register(new RegisterKeys(directory, masterKey), personHash);
    await expect(append(70, 'unione', stranger)).rejects.toMatchObject({ code: 'register_keys_missing' });
    await expect(stranger.ready(store.db, ['unione'])).rejects.toMatchObject({
      code: 'register_keys_missing',
    });
    new RegisterKeys(directory, masterKey).begin('unione');
    await expect(append(70, 'unione', stranger)).rejects.toMatchObject({ code: 'register_keys_foreign' });
  });

  it('names what should be gone: entries whose key is destroyed', async () => {
    keys.of('unione').destroyThrough('2026-03');
    const found = await faults();
    expect(found[0]).toBe('unreadable 1');
    await expect(register.evidence(store.db, 'transaction-0')).rejects.toThrow('was destroyed');
  });
});
