import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Dialect } from '../schema.ts';
import { bytesOf, index } from './columns.ts';

/** Administrators, their roles and the codes that invite them. */
export function admin(dialect: Dialect): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('admin_grants')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('person_hash', 'text', (c) => c.notNull())
        .addColumn('role', 'text', (c) => c.notNull())
        .addColumn('entity_id', 'text')
        .addColumn('content', bytesOf(dialect), (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .execute();
      await index(db, 'admin_grants', ['person_hash']);
      await db.schema
        .createTable('admin_invitations')
        .addColumn('code_hash', 'text', (c) => c.primaryKey())
        .addColumn('role', 'text', (c) => c.notNull())
        .addColumn('entity_id', 'text')
        .addColumn('consumed_at', 'bigint')
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .execute();
      await index(db, 'admin_invitations', ['expires_at']);
    },
  };
}
