import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Persons } from '../../src/identity/persons.ts';
import { keyedHashOf } from '../../src/keys/keyed-hash.ts';
import { rememberOnce } from '../../src/provider/adapter.ts';
import { claim, find, insert, rememberAssertion } from '../../src/sources/spid/pending.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { pendingRequest } from '../support/spid-response.ts';
import { testRegister } from '../support/register.ts';
import { describeStores } from '../support/stores.ts';

const key = (fill: number) => new Uint8Array(32).fill(fill);

describeStores('the store', (openUrl) => {
  let now = new Date('2026-03-05T18:04:00.000Z');
  const clock = { now: () => now };
  let url: string;
  let store: Store;

  beforeAll(async () => {
    url = await openUrl();
    store = await openStore(url, clock);
  });
  afterAll(() => store.close());

  const cascade = (of: string) => sql.raw(of.startsWith('sqlite:') ? '' : 'cascade');
  const fifty = <T>(attempt: (at: number) => Promise<T>) =>
    Promise.all(Array.from({ length: 50 }, (_, at) => attempt(at)));

  it('opens again on what it holds: migrations run once', async () => {
    const second = await openStore(url, clock);
    await second.ping();
    await second.close();
  });

  it('lets a transaction that has read something write, whatever another process wants to write meanwhile', async () => {
    if (!url.startsWith('sqlite:')) return;
    const other = new DatabaseSync(url.slice('sqlite:'.length), { timeout: 0 });
    const count = store.db.selectFrom('used_once').select(sql<number>`count(*)`.as('rows'));
    const before = await count.executeTakeFirstOrThrow();
    await store.transaction(async (transaction) => {
      await transaction.selectFrom('used_once').selectAll().execute();
      const write = () => other.exec("insert into used_once values ('other', 'process', 0)");
      expect(write).toThrow('locked');
      await transaction
        .insertInto('used_once')
        .values({ kind: 'this', id: 'transaction', expires_at: 0 })
        .execute();
    });
    other.close();
    expect((await count.executeTakeFirstOrThrow()).rows).toBe(before.rows + 1);
  });

  it('refuses what a newer version has upgraded, and says what to do', async () => {
    const upgraded = await openUrl();
    const newer = await openStore(upgraded, clock);
    await sql`insert into kysely_migration (name, timestamp) values ('9999_future', '2026-03-05')`.execute(
      newer.db,
    );
    await newer.close();
    await expect(openStore(upgraded, clock)).rejects.toMatchObject({
      code: 'store_newer',
      message: expect.stringMatching(
        /it has 9999_future.*start that version, or restore the backup/,
      ) as string,
    });
  });

  it('is brought up to date by a migration that stands before others which it has had', async () => {
    const older = await openUrl();
    const before = await openStore(older, clock);
    await sql`drop table provider_displays`.execute(before.db);
    await sql`delete from kysely_migration where name = '0070_provider_displays'`.execute(before.db);
    await before.close();
    const after = await openStore(older, clock);
    expect(await after.db.selectFrom('provider_displays').selectAll().execute()).toEqual([]);
    await after.close();
  });

  it('is as it was where an upgrade does not come to its end', async () => {
    const half = await openUrl();
    const before = await openStore(half, clock);
    // The first migration succeeds once more; one of those after it finds what it wants to make.
    await sql`delete from kysely_migration`.execute(before.db);
    for (const { name } of await before.db.introspection.getTables())
      if (name !== 'audit_entries')
        await sql`drop table if exists ${sql.table(name)} ${cascade(half)}`.execute(before.db);
    await expect(openStore(half, clock)).rejects.toMatchObject({ code: 'store_unusable' });
    const left = (await before.db.introspection.getTables()).map(({ name }) => name);
    expect(left).toEqual(['audit_entries']);
    await before.close();
  });

  it('is set up once by processes that start together, where several share it', async () => {
    const fresh = await openUrl();
    // SQLite is for one process.
    if (fresh.startsWith('sqlite:')) return;
    const stores = await Promise.all([1, 2, 3].map(() => openStore(fresh, clock)));
    await Promise.all(stores.map((each) => each.close()));
  });

  it('gives a pending request back as it was put in, and lets one of 50 claim it', async () => {
    const pending = pendingRequest({ createdAt: now, expiresAt: new Date(now.getTime() + 60_000) });
    await store.transaction((transaction) => insert(transaction, pending));
    expect(await find(store.db, pending.id)).toEqual(pending);
    const claims = await fifty((at) =>
      store.transaction((transaction) => claim(transaction, pending.id, `answer ${at}`, now)),
    );
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect((await find(store.db, pending.id))?.consumedAt).toEqual(now);
  });

  it('lets one of 50 use an assertion, and one of 50 a jti', async () => {
    const later = new Date(now.getTime() + 60_000);
    const assertions = await fifty(() =>
      store.transaction((transaction) => rememberAssertion(transaction, 'idp', '_a1', later)),
    );
    expect(assertions.filter(Boolean)).toHaveLength(1);
    const jtis = await fifty(() => rememberOnce(store, 'client', 'jti', later.getTime() / 1000));
    expect(jtis.filter(Boolean)).toHaveLength(1);
  });

  it('makes one person of 50 first logins at the same moment', async () => {
    const persons = new Persons(keyedHashOf([{ id: 'one', key: key(1) }]), clock);
    const ids = await fifty(() =>
      store.transaction((transaction) =>
        persons.findOrCreate(transaction, { kind: 'it-fiscal', value: 'RSSMRA80A01H501U' }),
      ),
    );
    expect(new Set(ids).size).toBe(1);
    expect(await store.db.selectFrom('persons').select('id').execute()).toHaveLength(1);
  });

  it('knows a person before, during and after the rotation of the key she is hashed under', async () => {
    const person = { kind: 'it-fiscal', value: 'GDASDV00A01H501J' } as const;
    const [older, newer] = [
      { id: 'one', key: key(1) },
      { id: 'two', key: key(2) },
    ];
    const lookUp = (keys: [typeof older, ...(typeof older)[]]) =>
      store.transaction((transaction) =>
        new Persons(keyedHashOf(keys), clock).findOrCreate(transaction, person),
      );
    const before = await lookUp([older]);
    const during = await lookUp([newer, older]);
    const after = await lookUp([newer]);
    expect([during, after]).toEqual([before, before]);
  });

  it('keeps kinds of person keys apart, whatever their values', async () => {
    const persons = new Persons(keyedHashOf([{ id: 'one', key: key(1) }]), clock);
    const ids = await Promise.all(
      (['it-fiscal', 'foreign-tin', 'eidas', 'provider-code'] as const).map((kind) =>
        store.transaction((transaction) => persons.findOrCreate(transaction, { kind, value: 'the same' })),
      ),
    );
    expect(new Set(ids).size).toBe(4);
  });

  it('does all of a transaction or nothing', async () => {
    const failing = store.transaction(async (transaction) => {
      await insert(transaction, pendingRequest({ id: '_rolled_back' }));
      throw new Error('half way');
    });
    await expect(failing).rejects.toThrow('half way');
    expect(await find(store.db, '_rolled_back')).toBeUndefined();
  });

  it('seals the evidence of the register, and finds entries by reference without opening it', async () => {
    const register = testRegister();
    await store.transaction((transaction) =>
      register.append(transaction, {
        transactionId: 'one',
        reference: 'ABCD-EFGH',
        at: now,
        kind: 'response',
        source: 'spid',
        entityId: 'unione',
        outcome: 'accepted',
        person: { kind: 'it-fiscal', value: 'RSSMRA80A01H501U' },
        evidence: { message: 'canary' },
      }),
    );
    const [row] = await store.db.selectFrom('register_entries').selectAll().execute();
    expect(JSON.stringify(row)).not.toMatch(/canary|RSSMRA/);
    expect(await register.trace(store.db, 'ABCD-EFGH')).toMatchObject([
      { kind: 'response', outcome: 'accepted', at: now },
    ]);
    expect(await register.evidence(store.db, 'one')).toEqual([{ message: 'canary' }]);
    expect(await register.trace(store.db, 'WXYZ-2345')).toEqual([]);
  });

  it('deletes what has expired, and the register never', async () => {
    now = new Date(now.getTime() + 48 * 60 * 60_000);
    expect(await store.purge()).toBeGreaterThan(0);
    for (const table of ['pending_requests', 'used_once'] as const) {
      expect(await store.db.selectFrom(table).selectAll().execute()).toEqual([]);
    }
    expect(await store.db.selectFrom('register_entries').selectAll().execute()).toHaveLength(1);
  });
});
