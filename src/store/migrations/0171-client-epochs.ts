import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What was issued to a client is good in the epoch of the client in which it was issued. */
export function clientEpochs(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .alterTable('clients')
        .addColumn('epoch', 'bigint', (c) => c.notNull().defaultTo(0))
        .execute();
      await db.schema.alterTable('oidc_records').addColumn('client_id', 'text').execute();
      await db.schema.alterTable('oidc_records').addColumn('client_epoch', 'bigint').execute();
    },
  };
}
