import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { index } from './columns.ts';

/** Initial access tokens of dynamic client registration. */
export function registrationTokens(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('registration_tokens')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('token_hash', 'text', (c) => c.notNull().unique())
        .addColumn('entity_id', 'text', (c) => c.notNull())
        .addColumn('hosts', 'text', (c) => c.notNull())
        .addColumn('uses', 'integer', (c) => c.notNull())
        .addColumn('uses_left', 'integer', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .addColumn('revoked_at', 'bigint')
        .addColumn('purge_at', 'bigint', (c) => c.notNull())
        .execute();
      await index(db, 'registration_tokens', ['purge_at']);
    },
  };
}
