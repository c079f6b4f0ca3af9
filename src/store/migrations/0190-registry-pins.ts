import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Dialect } from '../schema.ts';
import { bytesOf } from './columns.ts';

/** Whose signature the registry's file may have, as decided at run time, and who signed one that was refused. */
export function registryPins(dialect: Dialect): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('registry_pins')
        .addColumn('url', 'text', (c) => c.primaryKey())
        .addColumn('version', 'bigint', (c) => c.notNull())
        .addColumn('content', bytesOf(dialect), (c) => c.notNull())
        .execute();
      await db.schema.alterTable('registry_checks').addColumn('unknown_signer', bytesOf(dialect)).execute();
    },
  };
}
