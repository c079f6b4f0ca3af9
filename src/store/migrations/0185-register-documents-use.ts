import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * When a document was last used, so that it can go with the last entry that may name it. Of those that are there nobody
 * knows; no entry that names one is newer than the newest head.
 */
export function registerDocumentsUse(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .alterTable('register_documents')
        .addColumn('last_month', 'text', (c) => c.notNull().defaultTo(''))
        .execute();
      await sql`update register_documents set last_month = coalesce((select max(month) from register_heads), '')`.execute(
        db,
      );
    },
  };
}
