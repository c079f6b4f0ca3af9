import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Dialect } from '../schema.ts';
import { index } from './columns.ts';

/** What rate-limiter-flexible counts, for all processes; its own column names. Losing it in a crash harms nobody. */
export function rateLimits(dialect: Dialect): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('rate_limits')
        .$call((table) => (dialect === 'postgres' ? table.modifyFront(sql`unlogged`) : table))
        .addColumn('key', 'text', (c) => c.primaryKey())
        .addColumn('points', 'integer', (c) => c.notNull())
        .addColumn('expire', 'bigint')
        .execute();
      await index(db, 'rate_limits', ['expire']);
    },
  };
}
