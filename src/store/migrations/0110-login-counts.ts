import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { index } from './columns.ts';

const STEPS = ['shown', 'chosen', 'returned', 'failed', 'entered', 'granted', 'redeemed'];

/** How many logins got how far, by day. */
export function loginCounts(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      let table = db.schema
        .createTable('login_counts')
        .addColumn('day', 'text', (c) => c.notNull())
        .addColumn('dimension', 'text', (c) => c.notNull())
        .addColumn('client_id', 'text', (c) => c.notNull())
        .addColumn('entity_id', 'text', (c) => c.notNull())
        .addColumn('value', 'text', (c) => c.notNull())
        .addColumn('expires_at', 'bigint', (c) => c.notNull());
      for (const step of STEPS) table = table.addColumn(step, 'bigint', (c) => c.notNull());
      await table
        .addPrimaryKeyConstraint('login_counts_key', [
          'day',
          'dimension',
          'client_id',
          'entity_id',
          'value',
        ] as never[])
        .execute();
      await index(db, 'login_counts', ['expires_at']);
    },
  };
}
