import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Dialect } from '../schema.ts';
import { bytesOf, index } from './columns.ts';

/** Logouts that services have to be told of (OpenID Connect Back-Channel Logout), until they have been. */
export function logoutNotices(dialect: Dialect): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('logout_notices')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('client_id', 'text', (c) => c.notNull())
        .addColumn('content', bytesOf(dialect), (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('attempts', 'integer', (c) => c.notNull())
        .addColumn('next_attempt_at', 'bigint')
        .addColumn('failure', 'text')
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .execute();
      await index(db, 'logout_notices', ['next_attempt_at']);
      await index(db, 'logout_notices', ['expires_at']);
    },
  };
}
