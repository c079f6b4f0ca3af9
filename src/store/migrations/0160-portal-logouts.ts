import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { index } from './columns.ts';

/** Ends sessions of the gateway's own pages with the login they came from. Those that are open do not say which: they end now. */
export function portalLogouts(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await sql`delete from portal_sessions`.execute(db);
      const sessions = db.schema.alterTable('portal_sessions');
      // A process of the version before, that still runs, writes sessions without them.
      await sessions.addColumn('began_at', 'bigint', (c) => c.notNull().defaultTo(0)).execute();
      await sessions.addColumn('sid_hash', 'text', (c) => c.notNull().defaultTo('')).execute();
      await sessions.addColumn('sub_hash', 'text', (c) => c.notNull().defaultTo('')).execute();
      await db.schema
        .createTable('portal_logouts')
        .addColumn('name_hash', 'text', (c) => c.primaryKey())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .execute();
      await index(db, 'portal_logouts', ['expires_at']);
    },
  };
}
