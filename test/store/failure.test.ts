import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/operations/clock.ts';
import { openStore } from '../../src/store/store.ts';

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
