import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** A login may add to what a session holds already, instead of asking for everything again. */
export function loginBase(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('logins').addColumn('base_identity_id', 'text').execute();
    },
  };
}
