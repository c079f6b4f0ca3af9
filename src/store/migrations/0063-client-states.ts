import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { index } from './columns.ts';

/** Clients get a state and versions. Those that are there already are live. */
export function clientStates(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .alterTable('clients')
        .addColumn('state', 'text', (c) => c.notNull().defaultTo('live'))
        .execute();
      await db.schema
        .alterTable('clients')
        .addColumn('version', 'integer', (c) => c.notNull().defaultTo(1))
        .execute();
      await db.schema
        .createTable('client_versions')
        .addColumn('client_id', 'text', (c) => c.notNull().references('clients.id').onDelete('cascade'))
        .addColumn('version', 'integer', (c) => c.notNull())
        .addColumn('state', 'text', (c) => c.notNull())
        .addColumn('metadata', 'text', (c) => c.notNull())
        .addColumn('author_hash', 'text')
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('client_versions_pk', ['client_id', 'version'])
        .execute();
      await index(db, 'clients', ['entity_id', 'id']);
    },
  };
}
