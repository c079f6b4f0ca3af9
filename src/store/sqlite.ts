import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';

/**
 * Node's built-in SQLite as Kysely's SqliteDialect expects a driver.
 * WAL lets readers go on while one writes; synchronous=FULL means that what is committed survives a power cut.
 */
export function openSqlite(path: string): SqliteDatabase {
  const database = new DatabaseSync(path, { timeout: 5000, enableForeignKeyConstraints: true });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  const prepared = new Map<string, StatementSync>();

  function prepare(sql: string): SqliteStatement {
    let statement = prepared.get(sql);
    if (!statement) {
      statement = database.prepare(sql);
      // Schema changes are not worth keeping, and a bound keeps odd queries from filling the memory.
      if (prepared.size < 500 && !/^\s*(create|alter|drop|begin|commit|rollback)/i.test(sql))
        prepared.set(sql, statement);
    }
    const current = statement;
    return {
      reader: current.columns().length > 0,
      all: (parameters) => current.all(...(parameters as SQLInputValue[])),
      run: (parameters) => current.run(...(parameters as SQLInputValue[])),
      iterate: (parameters) => current.iterate(...(parameters as SQLInputValue[])),
    };
  }

  return { prepare, close: () => database.close() };
}
