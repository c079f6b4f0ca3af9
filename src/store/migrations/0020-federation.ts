import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Dialect } from '../schema.ts';
import { bytesOf, index } from './columns.ts';

/** The registry of identity providers, and the switches that take one out of use. */
export function federation(dialect: Dialect): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('registry_versions')
        .addColumn('seq', dialect === 'postgres' ? 'bigserial' : 'integer', (c) =>
          dialect === 'postgres' ? c.primaryKey() : c.primaryKey().autoIncrement(),
        )
        .addColumn('url', 'text', (c) => c.notNull())
        .addColumn('hash', 'text', (c) => c.notNull())
        .addColumn('bytes', bytesOf(dialect), (c) => c.notNull())
        .addColumn('creation_instant', 'bigint')
        .addColumn('activated_at', 'bigint', (c) => c.notNull())
        .addUniqueConstraint('registry_versions_once', ['url', 'hash'])
        .execute();
      await index(db, 'registry_versions', ['url']);
      await db.schema
        .createTable('registry_checks')
        .addColumn('url', 'text', (c) => c.primaryKey())
        .addColumn('next_at', 'bigint', (c) => c.notNull())
        .addColumn('confirmed_at', 'bigint')
        .addColumn('etag', 'text')
        .addColumn('last_modified', 'text')
        .execute();
      await db.schema
        .createTable('provider_switches')
        .addColumn('entity_id', 'text', (c) => c.primaryKey())
        .addColumn('disabled_at', 'bigint', (c) => c.notNull())
        .addColumn('notice_it', 'text', (c) => c.notNull())
        .addColumn('notice_en', 'text', (c) => c.notNull())
        .execute();
    },
  };
}
