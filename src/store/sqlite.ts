import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type SqliteDatabase,
  type SqliteDialectConfig,
  type SqliteStatement,
} from 'kysely';

/** A database of ours, which says whether it is in the middle of a transaction. */
interface OpenSqlite extends SqliteDatabase {
  readonly inTransaction: () => boolean;
}

/** SQLite, which changes its schema in a transaction like any other data: an upgrade that is killed has not begun. */
export class TransactionalSqlite extends SqliteDialect {
  readonly #config: SqliteDialectConfig & { readonly database: OpenSqlite };

  constructor(config: SqliteDialectConfig & { readonly database: OpenSqlite }) {
    super(config);
    this.#config = config;
  }

  override createDriver(): SqliteDriver {
    const { database } = this.#config;
    return new (class extends SqliteDriver {
      override async beginTransaction(connection: DatabaseConnection): Promise<void> {
        // From the beginning the one that writes. One that first reads is refused its first write at once, without waiting,
        // when another process has written since: a command beside the gateway (sqlite.org/lang_transaction.html).
        await connection.executeQuery(CompiledQuery.raw('begin immediate'));
      }

      override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
        // When the disk is full or fails, SQLite has rolled back already; a second time is an error that would be told
        // instead of the first (sqlite.org/lang_transaction.html).
        if (database.inTransaction()) await super.rollbackTransaction(connection);
      }
    })(this.#config);
  }

  override createAdapter(): SqliteAdapter {
    return new (class extends SqliteAdapter {
      override get supportsTransactionalDdl(): boolean {
        return true;
      }
    })();
  }
}

/**
 * Node's built-in SQLite as Kysely's SqliteDialect expects a driver.
 * WAL lets readers go on while one writes; synchronous=FULL means that what is committed survives a power cut.
 */
export function openSqlite(path: string): OpenSqlite {
  const database = new DatabaseSync(path, { timeout: 5000, enableForeignKeyConstraints: true });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  const prepared = new Map<string, SqliteStatement>();

  function prepare(sql: string): SqliteStatement {
    const known = prepared.get(sql);
    if (known) return known;
    const statement = prepareNew(database, sql);
    // Schema changes are not worth keeping, and a bound keeps odd queries from filling the memory.
    if (prepared.size < 500 && !/^\s*(create|alter|drop)/i.test(sql)) prepared.set(sql, statement);
    return statement;
  }

  return { prepare, inTransaction: () => database.isTransaction, close: () => database.close() };
}

function prepareNew(database: DatabaseSync, sql: string): SqliteStatement {
  const statement = database.prepare(sql);
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
    run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
    iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
  };
}
