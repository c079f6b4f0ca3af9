import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What became of an access that a citizen did not recognise. */
export function accessOutcomes(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('access_reports').addColumn('outcome', 'text').execute();
    },
  };
}
