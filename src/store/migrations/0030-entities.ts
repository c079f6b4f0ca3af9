import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Dialect } from '../schema.ts';
import { bytesOf } from './columns.ts';

/** Entities as rows; drafts of metadata; which version is in force, in general and at single providers. */
export function entities(dialect: Dialect): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('entities')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('entity_id', 'text', (c) => c.notNull().unique())
        .addColumn('origin', 'text', (c) => c.notNull())
        .addColumn('declaration', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('updated_at', 'bigint', (c) => c.notNull())
        .addColumn('ceased_at', 'bigint')
        .execute();

      await db.schema
        .createTable('entity_revision')
        .addColumn('id', 'integer', (c) => c.primaryKey())
        .addColumn('revision', 'bigint', (c) => c.notNull())
        .execute();
      await sql`insert into entity_revision (id, revision) values (1, 1)`.execute(db);

      await db.schema.alterTable('metadata_versions').addColumn('submitted_at', 'bigint').execute();
      await db.schema.alterTable('metadata_versions').addColumn('withdrawn_at', 'bigint').execute();

      await db.schema
        .createTable('metadata_in_force')
        .addColumn('entity_id', 'text', (c) => c.notNull())
        .addColumn('provider', 'text', (c) => c.notNull())
        .addColumn('since', 'bigint', (c) => c.notNull())
        .addColumn('version', 'integer', (c) => c.notNull())
        .addPrimaryKeyConstraint('metadata_in_force_pk', ['entity_id', 'provider', 'since'])
        .execute();
      // What an earlier release served was what providers had.
      await sql`insert into metadata_in_force (entity_id, provider, since, version)
        select entity_id, '', created_at, version from metadata_versions as newest
        where version = (select max(version) from metadata_versions where entity_id = newest.entity_id)`.execute(
        db,
      );

      await db.schema
        .createTable('metadata_drafts')
        .addColumn('entity_id', 'text', (c) => c.primaryKey())
        .addColumn('content_hash', 'text', (c) => c.notNull())
        .addColumn('bytes', bytesOf(dialect), (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('preview_hash', 'text')
        .execute();
    },
  };
}
