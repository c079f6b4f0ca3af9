import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Dialect } from '../schema.ts';
import { bytesOf, index } from './columns.ts';

/** Who looks into the register, for what reason, and who agreed to it. */
export function registerConsultations(dialect: Dialect): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('register_consultations')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('state', 'text', (c) => c.notNull())
        .addColumn('asked_at', 'bigint', (c) => c.notNull())
        .addColumn('asker_hash', 'text')
        .addColumn('decider_hash', 'text')
        .addColumn('ends_at', 'bigint', (c) => c.notNull())
        .addColumn('content', bytesOf(dialect), (c) => c.notNull())
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .execute();
      await index(db, 'register_consultations', ['asked_at']);
    },
  };
}
