import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Dialect } from '../schema.ts';
import { bytesOf, index } from './columns.ts';

/** Single logout asked by a citizen, on its way to the identity provider and back. */
export function signOuts(dialect: Dialect): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('sign_outs')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('content', bytesOf(dialect), (c) => c.notNull())
        .addColumn('outcome', 'text')
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .execute();
      await index(db, 'sign_outs', ['expires_at']);
    },
  };
}
