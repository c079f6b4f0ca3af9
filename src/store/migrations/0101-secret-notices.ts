import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Which notices about secrets that end were sent, or are being sent. */
export function secretNotices(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('secret_notices')
        .addColumn('secret_id', 'text', (c) =>
          c.notNull().references('client_secrets.id').onDelete('cascade'),
        )
        .addColumn('days', 'integer', (c) => c.notNull())
        .addColumn('claimed_until', 'bigint', (c) => c.notNull())
        .addColumn('sent_at', 'bigint')
        .addPrimaryKeyConstraint('secret_notices_pk', ['secret_id', 'days'])
        .execute();
    },
  };
}
