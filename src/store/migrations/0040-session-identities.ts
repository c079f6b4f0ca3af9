import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { index } from './columns.ts';

/** A browser's session holds any number of identities, where it had one. */
export function sessionIdentities(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('session_identities')
        .addColumn('session_hash', 'text', (c) => c.notNull())
        .addColumn('identity_id', 'text', (c) => c.notNull().references('identities.id').onDelete('cascade'))
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('session_identities_pk', ['session_hash', 'identity_id'])
        .execute();
      await index(db, 'session_identities', ['identity_id']);
      await index(db, 'session_identities', ['expires_at']);
      await index(db, 'identities', ['person_id']);
      await sql`insert into session_identities (session_hash, identity_id, expires_at)
        select ref_hash, identity_id, expires_at from identity_links where kind = 'session'`.execute(db);
      await sql`delete from identity_links where kind = 'session'`.execute(db);
    },
  };
}
