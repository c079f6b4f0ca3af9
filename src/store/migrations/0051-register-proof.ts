import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Dialect } from '../schema.ts';
import { bytesOf, index } from './columns.ts';

/** Seals of the register's chains, what retention destroyed of them, and what it must not. */
export function registerProof(dialect: Dialect): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('register_seals')
        .addColumn('entity_id', 'text', (c) => c.notNull())
        .addColumn('seq', 'bigint', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('jws', 'text', (c) => c.notNull())
        .addColumn('timestamp', bytesOf(dialect))
        .addColumn('mac', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('register_seals_pk', ['entity_id', 'seq'])
        .execute();
      await db.schema
        .createTable('register_destroyed')
        .addColumn('entity_id', 'text', (c) => c.notNull())
        .addColumn('first_seq', 'bigint', (c) => c.notNull())
        .addColumn('last_seq', 'bigint', (c) => c.notNull())
        .addColumn('hash_before', 'text', (c) => c.notNull())
        .addColumn('hash_after', 'text', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('month', 'text', (c) => c.notNull())
        .addColumn('mac', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('register_destroyed_pk', ['entity_id', 'first_seq'])
        .execute();
      await db.schema
        .createTable('register_holds')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('entity_id', 'text')
        .addColumn('transaction_id', 'text')
        .addColumn('person_hash', 'text')
        .addColumn('reason', 'text', (c) => c.notNull())
        .addColumn('placed_by', 'text', (c) => c.notNull())
        .addColumn('placed_at', 'bigint', (c) => c.notNull())
        .addColumn('lifted_by', 'text')
        .addColumn('lifted_at', 'bigint')
        .execute();
      await index(db, 'register_entries', ['entity_id', 'month']);
    },
  };
}
