import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { index } from './columns.ts';

/** Accesses that citizens say were not theirs. */
export function accessReports(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('access_reports')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('transaction_id', 'text', (c) => c.notNull())
        .addColumn('reference', 'text', (c) => c.notNull())
        .addColumn('client_id', 'text', (c) => c.notNull())
        .addColumn('person_hash', 'text', (c) => c.notNull())
        .addColumn('reported_at', 'bigint', (c) => c.notNull())
        .addColumn('closed_at', 'bigint')
        .addColumn('closed_by', 'text')
        .addUniqueConstraint('access_reports_once', ['transaction_id', 'client_id'])
        .execute();
      await index(db, 'access_reports', ['person_hash']);
    },
  };
}
