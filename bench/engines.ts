import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

/**
 * Runs `work` on SQLite in a file, and on PostgreSQL where TEST_POSTGRES_URL names a server: in a database of its own,
 * on a server that may have others. Both are gone afterwards.
 * @param engine the one to run on: `sqlite` or `postgresql`; empty for both
 */
export async function onEveryEngine<T>(
  engine: string,
  work: (storeUrl: string) => Promise<T>,
): Promise<[string, T][]> {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-bench-'));
  try {
    const results: [string, T][] = [];
    if (engine !== 'postgresql')
      results.push(['SQLite', await work(`sqlite:${join(directory, 'gateway.db')}`)]);
    const server = engine === 'sqlite' ? undefined : process.env['TEST_POSTGRES_URL'];
    if (server) results.push(['PostgreSQL', await inNewDatabase(server, work)]);
    return results;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function inNewDatabase<T>(server: string, work: (storeUrl: string) => Promise<T>): Promise<T> {
  const name = `gateway_bench_${randomBytes(6).toString('hex')}`;
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
    const url = new URL(server);
    url.pathname = `/${name}`;
    return await work(url.href);
  } finally {
    await client.query(`drop database if exists ${name} with (force)`);
    await client.end();
  }
}
