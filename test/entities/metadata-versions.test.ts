import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MetadataVersions } from '../../src/entities/metadata-versions.ts';
import type { Clock } from '../../src/operations/clock.ts';
import { openStore, type Store } from '../../src/store/store.ts';

const clock: Clock = { now: () => new Date('2026-03-01T10:00:00Z') };

/** Makes an empty database; the function returned throws it away. */
type Engine = () => Promise<{ url: string; remove: () => Promise<void> }>;

const sqlite: Engine = async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-'));
  return {
    url: `sqlite:${join(directory, 'gateway.db')}`,
    remove: async () => rmSync(directory, { recursive: true }),
  };
};

const postgres =
  (server: string): Engine =>
  async () => {
    const name = `test_${randomBytes(8).toString('hex')}`;
    const administer = async (statement: string) => {
      const client = new pg.Client({ connectionString: server });
      await client.connect();
      await client.query(statement);
      await client.end();
    };
    await administer(`create database ${name}`);
    const url = new URL(server);
    url.pathname = `/${name}`;
    return { url: url.href, remove: () => administer(`drop database ${name} with (force)`) };
  };

const server = process.env.TEST_POSTGRES_URL;
const engines: [string, Engine][] = [['SQLite', sqlite]];
if (server) engines.push(['PostgreSQL', postgres(server)]);

describe.each(engines)('versions of signed metadata on %s', (_, engine) => {
  let database: Awaited<ReturnType<Engine>>;
  let stores: [Store, Store];
  let versions: [MetadataVersions, MetadataVersions];

  /** Every call makes other bytes, as signing with a new ID does. */
  let sealed: number;
  const seal = () => Buffer.from(`<signed number="${++sealed}"/>\u00e0`);
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
  const current = async (of: MetadataVersions, id: string, content: string, sign: () => Uint8Array) =>
    of.bytes(id, await of.sealed(id, content, sign));
  const rows = () => stores[0].db.selectFrom('metadata_versions').selectAll().orderBy('version').execute();

  beforeEach(async () => {
    sealed = 0;
    database = await engine();
    // Two processes of one gateway.
    stores = [await openStore(database.url, clock), await openStore(database.url, clock)];
    versions = [new MetadataVersions(stores[0], clock), new MetadataVersions(stores[1], clock)];
  });

  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await database.remove();
  });

  it('serves the same bytes for ever while the content stays the same', async () => {
    const first = await current(versions[0], 'unione', 'content', seal);
    const later = await current(versions[1], 'unione', 'content', seal);
    expect(text(first)).toBe('<signed number="1"/>\u00e0');
    expect(text(later)).toBe(text(first));
    expect(sealed).toBe(1);
  });

  it('seals a new version when the content changes and keeps the old one', async () => {
    const first = await current(versions[0], 'unione', 'content', seal);
    const second = await current(versions[0], 'unione', 'changed content', seal);
    expect(text(second)).not.toBe(text(first));
    const stored = await rows();
    expect(stored.map(({ version }) => version)).toEqual([1, 2]);
    expect(stored.map(({ bytes }) => text(bytes))).toEqual([text(first), text(second)]);
    expect(stored[1]?.created_at).toBe(clock.now().getTime());
  });

  it('serves the earlier bytes again when the content goes back', async () => {
    const first = await current(versions[0], 'unione', 'content', seal);
    await current(versions[0], 'unione', 'changed content', seal);
    expect(text(await current(versions[0], 'unione', 'content', seal))).toBe(text(first));
    expect(await rows()).toHaveLength(2);
  });

  it('keeps the versions of each entity apart', async () => {
    const one = await current(versions[0], 'unione', 'content', seal);
    const other = await current(versions[0], 'comune', 'content', seal);
    expect(text(other)).not.toBe(text(one));
    expect((await rows()).map(({ version }) => version)).toEqual([1, 1]);
  });

  it('agrees on one version when two processes start at once', async () => {
    const served = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        current(versions[at % 2] ?? versions[0], 'unione', 'content', seal),
      ),
    );
    expect(new Set(served.map(text)).size).toBe(1);
    const stored = await rows();
    expect(stored.map(({ bytes }) => text(bytes))).toEqual([text(served[0] ?? Buffer.of())]);
  });

  it('gives each process its own content when an old and a new configuration run side by side', async () => {
    const served = await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const content = at % 2 === 0 ? 'old' : 'new';
        const bytes = await current(versions[at % 2] ?? versions[0], 'unione', content, () =>
          Buffer.from(`signed ${content}`),
        );
        return [content, text(bytes)];
      }),
    );
    expect(served.every(([content, bytes]) => bytes === `signed ${content}`)).toBe(true);
    expect((await rows()).map(({ version }) => version)).toEqual([1, 2]);
  });
});
