import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Dialect } from '../schema.ts';
import { bytesOf } from './columns.ts';

/** Documents that entries of the register name by their hash: what identity providers published when it counted. */
export function registerDocuments(dialect: Dialect): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('register_documents')
        .addColumn('hash', 'text', (c) => c.primaryKey())
        .addColumn('bytes', bytesOf(dialect), (c) => c.notNull())
        .addColumn('first_at', 'bigint', (c) => c.notNull())
        .execute();
    },
  };
}
