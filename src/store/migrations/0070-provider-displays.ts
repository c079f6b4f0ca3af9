import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Dialect } from '../schema.ts';
import { bytesOf, index } from './columns.ts';

/** How identity providers are shown to citizens. */
export function providerDisplays(dialect: Dialect): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('provider_displays')
        .addColumn('entity_id', 'text', (c) => c.primaryKey())
        .addColumn('name', 'text')
        .addColumn('logo_uri', 'text')
        .addColumn('logo_hash', 'text')
        .addColumn('logo', bytesOf(dialect))
        .addColumn('logo_at', 'bigint')
        .execute();
      await index(db, 'provider_displays', ['logo_hash']);
    },
  };
}
