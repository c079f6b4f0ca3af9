import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Dialect } from '../schema.ts';
import { bytesOf, index } from './columns.ts';

/** Invitations say whom they are for and outlive their end a little; what somebody registered herself is found. */
export function invitations(dialect: Dialect): Migration {
  return {
    async up(db: Kysely<unknown>) {
      const columns = [
        ['id', 'text'],
        ['person_hash', 'text'],
        ['content', bytesOf(dialect)],
        ['purge_at', 'bigint'],
      ] as const;
      for (const [name, type] of columns)
        await db.schema.alterTable('admin_invitations').addColumn(name, sql.raw(type)).execute();
      await sql`update admin_invitations set purge_at = expires_at`.execute(db);
      await index(db, 'admin_invitations', ['purge_at']);
      await index(db, 'client_versions', ['author_hash', 'version']);
    },
  };
}
