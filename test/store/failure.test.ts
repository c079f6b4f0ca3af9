import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/operations/clock.ts';
import { Unavailable } from '../../src/operations/errors.ts';
import { openStore, type Queryable, type Store, type Transaction } from '../../src/store/store.ts';
import { describeStores } from '../support/stores.ts';

const server = process.env.TEST_POSTGRES_URL;

it('says of a database that nobody runs where it was looked for, and no password', async () => {
  const opened = openStore('postgres://gateway:geheim@127.0.0.1:9/gateway', systemClock);
  await expect(opened).rejects.toThrow(
    /^store\.url: postgres:\/\/127\.0\.0\.1:9\/gateway cannot be used: .*start the database/,
  );
});

it.skipIf(!server)('says of a database that is not there how to make it', async () => {
  const url = new URL(server ?? '');
  url.pathname = '/not_there';
  await expect(openStore(url.href, systemClock)).rejects.toThrow(
    /"not_there" does not exist; make the database: createdb/,
  );
});

it('says of a file that is no database that it is none', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'store-failure-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'notes.txt');
  writeFileSync(file, 'these are notes\n'.repeat(1000));
  await expect(openStore(`sqlite:${file}`, systemClock)).rejects.toThrow(
    `sqlite:${file} cannot be used: file is not a database`,
  );
});

describeStores('a store in trouble', (openUrl) => {
  let url: string;
  let store: Store;

  beforeAll(async () => {
    url = await openUrl();
    store = await openStore(url, systemClock);
  });
  afterAll(() => store.close());

  const write = (db: Queryable, bytes: number) =>
    db
      .insertInto('used_once')
      .values({ kind: 'test', id: randomBytes(bytes).toString('hex'), expires_at: 0 })
      .execute();

  it('says that its disk is full, also in the middle of a transaction, and goes on when there is room', async () => {
    // PostgreSQL cannot be told how large its disk is.
    if (store.dialect !== 'sqlite') return;
    const pages = (most: number) => sql`pragma max_page_count = ${sql.lit(most)}`.execute(store.db);
    await pages(1); // never less than there are
    await expect(write(store.db, 100_000)).rejects.toMatchObject({
      code: 'store_full',
      message: 'the disk of the store is full',
    });
    await expect(
      store.transaction(async (transaction) => {
        await write(transaction, 10);
        await write(transaction, 100_000);
      }),
    ).rejects.toMatchObject({ code: 'store_full' });
    await pages(1_000_000);
    await store.transaction((transaction) => write(transaction, 100_000));
  });

  it('says that it cannot be written to, to whoever only asks how it is', async () => {
    const refused = { name: 'Unavailable', code: 'store_read_only' };
    await store.ping();
    if (store.dialect === 'sqlite') {
      await sql`pragma query_only = on`.execute(store.db);
      await expect(store.ping()).rejects.toMatchObject(refused);
      await sql`pragma query_only = off`.execute(store.db);
      await store.ping();
      return;
    }
    const readOnly = async (transaction: Transaction) => {
      await sql`set transaction read only`.execute(transaction);
      await write(transaction, 10);
    };
    await expect(store.transaction(readOnly)).rejects.toMatchObject(refused);
  });

  it('says that it is away when it goes in the middle of a transaction, and goes on when it is back', async () => {
    if (store.dialect === 'sqlite') return;
    const ended = store.transaction((transaction) =>
      sql`select pg_terminate_backend(pg_backend_pid())`.execute(transaction),
    );
    await expect(ended).rejects.toMatchObject({ code: 'store_away', message: 'the store does not answer' });
    await store.ping();
  });

  it('takes a mistake of ours for one, not for trouble', async () => {
    const wrong = await sql`select nothing from nowhere`.execute(store.db).catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(Error);
    expect(wrong).not.toBeInstanceOf(Unavailable);
  });

  it('knows what is left on the disk where that is its own', async () => {
    const left = await store.freeBytes();
    expect(typeof left).toBe(store.dialect === 'sqlite' ? 'number' : 'undefined');
  });
});
