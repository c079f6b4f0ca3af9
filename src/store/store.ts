import { mkdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  Kysely,
  PostgresDialect,
  sql,
  type DatabaseConnection,
  type Transaction as KyselyTransaction,
} from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import type { Clock } from '../operations/clock.ts';
import { Misconfigured } from '../operations/errors.ts';
import { openingFailed, storeTrouble } from './failure.ts';
import { hastyQueries, type HastyQueries } from './hasty.ts';
import { migrations } from './migrations/index.ts';
import type { Database, Dialect } from './schema.ts';
import { openSqlite, TransactionalSqlite } from './sqlite.ts';

export type Transaction = KyselyTransaction<Database>;
/** For queries that run inside a transaction or outside one. */
export type Queryable = Kysely<Database>;

/** The one place where state lives. Repositories are in the room that owns the data, not here. */
export interface Store {
  readonly dialect: Dialect;
  readonly db: Kysely<Database>;
  /** Where several processes share the store; SQLite has one. */
  readonly hasty: HastyQueries | undefined;
  /** Runs `work` so that all of it happens or nothing. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /**
   * Writes something that nobody reads: a store that cannot be written to lets nobody in.
   * @throws Unavailable when the store does not answer, or takes nothing any more
   */
  ping(): Promise<void>;
  /** What is left on the disk, in bytes; undefined where the disk is another machine's. */
  freeBytes(): Promise<number | undefined>;
  /** Deletes everything that has expired. @returns the number of rows deleted. */
  purge(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Opens the store and brings its schema up to date.
 * @param url `sqlite:<path>` (`sqlite::memory:` for a throw-away one) or `postgres://…`
 * @throws Misconfigured when the URL names no known engine, or a newer version has upgraded the store; Unavailable
 *   `store_unusable` when it cannot be reached or written to
 */
export async function openStore(url: string, clock: Clock): Promise<Store> {
  const place = placeOf(url);
  const [dialect, db] = connect(url, place);
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations(dialect) },
    // Numbers go by rooms, not by time: a newer version has some that stand before those that a store has had.
    allowUnorderedMigrations: true,
  });
  const { error } = await migrator.migrateToLatest();
  if (error) {
    await db.destroy();
    throw openingFailed(place, error);
  }
  const hasty = dialect === 'postgres' ? hastyQueries(url) : undefined;
  return {
    dialect,
    db,
    hasty,
    transaction: (work) => db.transaction().execute(work),
    ping: () => ping(db, clock),
    freeBytes: () => freeBytes(url),
    purge: () => purge(db, clock),
    close: async () => {
      await Promise.all([db.destroy(), hasty?.close()]);
    },
  };
}

/** Host and database, or the file: what an error may say of a URL. */
function placeOf(url: string): string {
  if (url.startsWith('sqlite:')) return url;
  if (!URL.canParse(url)) return url.split(':')[0] ?? '';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

function connect(url: string, place: string): [Dialect, Kysely<Database>] {
  if (url.startsWith('sqlite:')) {
    const path = url.slice('sqlite:'.length);
    try {
      if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      return [
        'sqlite',
        new Kysely<Database>({
          dialect: new TransactionalSqlite({ database: openSqlite(path), onCreateConnection: tellTrouble }),
        }),
      ];
    } catch (error) {
      throw openingFailed(place, error);
    }
  }
  if (/^postgres(ql)?:/.test(url)) {
    // Counts and times fit a double; the driver would hand out 64-bit integers as text.
    const types = {
      getTypeParser: (oid: number, format?: 'text'): unknown =>
        oid === 20 ? Number : pg.types.getTypeParser(oid, format),
    };
    const pool = new pg.Pool({
      connectionString: url,
      max: 20,
      connectionTimeoutMillis: PATIENCE_MS,
      types: types as pg.CustomTypesConfig,
    });
    pool.on('error', () => {}); // an idle connection broke; the pool replaces it and the next query reports real trouble
    // One in use breaks: its query reports it, or the next one; without a listener the process would end.
    pool.on('connect', (client) => client.on('error', () => {}));
    const connections = {
      options: pool.options,
      connect: () => pool.connect().catch(rethrow),
      end: () => pool.end(),
    };
    return [
      'postgres',
      new Kysely<Database>({
        dialect: new PostgresDialect({ pool: connections, onCreateConnection: tellTrouble }),
      }),
    ];
  }
  throw new Misconfigured(
    'store_url',
    `store.url: found "${url.split(':')[0]}:…", allowed "sqlite:<path>" or "postgres://…"`,
  );
}

/** Makes a new connection say what the store cannot do now, as Unavailable, where its driver has codes of its own. */
async function tellTrouble(connection: DatabaseConnection): Promise<void> {
  const execute = connection.executeQuery.bind(connection);
  connection.executeQuery = (query, options) => execute<never>(query, options).catch(rethrow);
}

function rethrow(error: unknown): never {
  throw storeTrouble(error) ?? error;
}

/** How long a connection, or a free one of the pool, is waited for: longer nobody waits for a page either. */
const PATIENCE_MS = 10_000;

async function freeBytes(url: string): Promise<number | undefined> {
  const path = /^sqlite:(?!:memory:)(.*)$/.exec(url)?.[1];
  if (path === undefined) return undefined;
  const { bavail, bsize } = await statfs(dirname(path));
  return bavail * bsize;
}

/** Kept as long as it takes to be purged, so that it stays one row. */
const PING = { kind: 'ping', id: 'ping' };

async function ping(db: Kysely<Database>, clock: Clock): Promise<void> {
  const expires_at = clock.now().getTime();
  await db
    .insertInto('used_once')
    .values({ ...PING, expires_at })
    .onConflict((conflict) => conflict.columns(['kind', 'id']).doUpdateSet({ expires_at }))
    .execute();
}

/** Tables whose rows end, with the column that says when. */
const EXPIRING = [
  ['oidc_records', 'expires_at'],
  ['used_once', 'expires_at'],
  ['identity_links', 'expires_at'],
  ['session_identities', 'expires_at'],
  ['identities', 'expires_at'],
  ['logins', 'expires_at'],
  ['logout_notices', 'expires_at'],
  ['pending_requests', 'purge_at'],
  ['sign_outs', 'expires_at'],
  ['portal_sign_ins', 'expires_at'],
  ['portal_sessions', 'expires_at'],
  ['portal_logouts', 'expires_at'],
  ['admin_invitations', 'purge_at'],
  ['rate_limits', 'expire'],
  ['api_idempotency', 'expires_at'],
  ['login_counts', 'expires_at'],
  ['register_consultations', 'expires_at'],
  ['registration_tokens', 'purge_at'],
] as const;

async function purge(db: Kysely<Database>, clock: Clock): Promise<number> {
  const now = clock.now().getTime();
  let deleted = 0;
  for (const [table, column] of EXPIRING) {
    const result = await sql`delete from ${sql.table(table)} where ${sql.ref(column)} <= ${now}`.execute(db);
    deleted += Number(result.numAffectedRows ?? 0);
  }
  return deleted;
}
