import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, describe } from 'vitest';

/** Makes an empty store and tells its URL. */
export type OpenUrl = () => Promise<string>;

/**
 * The same suite on every engine: SQLite in a file, and PostgreSQL where TEST_POSTGRES_URL names a server (a database
 * of its own for each store). What one engine guarantees the other has to.
 */
export function describeStores(what: string, suite: (openUrl: OpenUrl) => void): void {
  describe(`${what}, on SQLite`, () => {
    const directories: string[] = [];
    afterAll(() => directories.forEach((directory) => rmSync(directory, { recursive: true, force: true })));
    suite(async () => {
      const directory = mkdtempSync(join(tmpdir(), 'gateway-store-'));
      directories.push(directory);
      return `sqlite:${join(directory, 'gateway.db')}`;
    });
  });

  const server = process.env.TEST_POSTGRES_URL;
  describe.skipIf(!server)(`${what}, on PostgreSQL`, () => {
    const databases: string[] = [];
    afterAll(async () => {
      for (const name of databases) await administer(server, `drop database if exists ${name} with (force)`);
    });
    suite(async () => {
      const name = `gateway_${randomBytes(8).toString('hex')}`;
      databases.push(name);
      await administer(server, `create database ${name}`);
      const url = new URL(server ?? '');
      url.pathname = `/${name}`;
      return url.href;
    });
  });
}

async function administer(server: string | undefined, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
