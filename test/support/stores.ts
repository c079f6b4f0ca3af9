import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, describe, onTestFinished } from 'vitest';

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
      for (const name of databases) await drop(name);
    });
    suite(async () => {
      const { name, url } = await createDatabase();
      databases.push(name);
      return url;
    });
  });
}

/** A PostgreSQL database for the running test alone. @returns its URL */
export async function emptyDatabase(): Promise<string> {
  const { name, url } = await createDatabase();
  onTestFinished(() => drop(name));
  return url;
}

async function createDatabase(): Promise<{ name: string; url: string }> {
  const server = process.env.TEST_POSTGRES_URL;
  const name = `gateway_${randomBytes(8).toString('hex')}`;
  await administer(server, `create database ${name}`);
  const url = new URL(server ?? '');
  url.pathname = `/${name}`;
  return { name, url: url.href };
}

function drop(name: string): Promise<void> {
  return administer(process.env.TEST_POSTGRES_URL, `drop database if exists ${name} with (force)`);
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
