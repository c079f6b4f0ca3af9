import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { index } from './columns.ts';

/** A client says who develops it: until now whoever had written its first version. Nobody has one role twice. */
export function clientDevelopers(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await sql`
        delete from admin_grants where exists (
          select 1 from admin_grants as other
          where other.person_hash = admin_grants.person_hash and other.role = admin_grants.role
            and coalesce(other.entity_id, '') = coalesce(admin_grants.entity_id, '') and other.id < admin_grants.id)`.execute(
        db,
      );
      await sql`
        create unique index admin_grants_once on admin_grants (person_hash, role, coalesce(entity_id, ''))`.execute(
        db,
      );
      await db.schema.alterTable('clients').addColumn('developer_id', 'text').execute();
      await sql`
        update clients set developer_id = (
          select admin_grants.id from client_versions
          join admin_grants on admin_grants.person_hash = client_versions.author_hash
          where client_versions.client_id = clients.id and client_versions.version = 1
            and admin_grants.role = 'service-developer' and admin_grants.entity_id = clients.entity_id)`.execute(
        db,
      );
      await index(db, 'clients', ['developer_id']);
    },
  };
}
