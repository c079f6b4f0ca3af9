import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Dialect } from '../schema.ts';
import { bytesOf, index } from './columns.ts';

/** The register as a chain per entity. Entries of before have no place in a chain and are never dropped in silence. */
export function registerChain(dialect: Dialect): Migration {
  return {
    async up(db: Kysely<unknown>) {
      const { rows } = await sql`select 1 from register_entries limit 1`.execute(db);
      if (rows.length > 0) {
        throw new Error(
          'register_entries holds entries from before the register was a chain (a trial): export what you need, begin with an empty database',
        );
      }
      await db.schema.dropTable('register_entries').execute();
      await db.schema
        .createTable('register_entries')
        .addColumn('entity_id', 'text', (c) => c.notNull())
        .addColumn('seq', 'bigint', (c) => c.notNull())
        .addColumn('transaction_id', 'text', (c) => c.notNull())
        .addColumn('reference', 'text', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('month', 'text', (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('source', 'text', (c) => c.notNull())
        .addColumn('client_id', 'text')
        .addColumn('provider', 'text')
        .addColumn('request_id', 'text')
        .addColumn('message_id', 'text')
        .addColumn('assertion_id', 'text')
        .addColumn('outcome', 'text')
        .addColumn('level', 'integer')
        .addColumn('claims', 'text')
        .addColumn('person_hash', 'text')
        .addColumn('digest', 'text', (c) => c.notNull())
        .addColumn('hash', 'text', (c) => c.notNull())
        .addColumn('content', bytesOf(dialect), (c) => c.notNull())
        .addPrimaryKeyConstraint('register_entries_pk', ['entity_id', 'seq'])
        .execute();
      for (const columns of [
        ['transaction_id'],
        ['reference'],
        ['request_id'],
        ['message_id'],
        ['assertion_id'],
        ['at'],
        ['person_hash', 'at'],
        ['client_id', 'at'],
        ['provider', 'at'],
      ]) {
        await index(db, 'register_entries', columns);
      }
      await db.schema
        .createTable('register_heads')
        .addColumn('entity_id', 'text', (c) => c.primaryKey())
        .addColumn('seq', 'bigint', (c) => c.notNull())
        .addColumn('hash', 'text', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('month', 'text', (c) => c.notNull())
        .addColumn('key_id', 'text', (c) => c.notNull())
        .addColumn('mac', 'text', (c) => c.notNull())
        .execute();
    },
  };
}
