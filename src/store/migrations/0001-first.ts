import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Dialect } from '../schema.ts';
import { bytesOf, index } from './columns.ts';

/** The first release: OpenID Provider state, clients, persons, identities, logins, register, metadata. */
export function first(dialect: Dialect): Migration {
  const bytes = bytesOf(dialect);
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('oidc_records')
        .addColumn('model', 'text', (c) => c.notNull())
        .addColumn('id_hash', 'text', (c) => c.notNull())
        .addColumn('grant_id', 'text')
        .addColumn('uid_hash', 'text')
        .addColumn('payload', bytes, (c) => c.notNull())
        .addColumn('consumed_at', 'bigint')
        .addColumn('expires_at', 'bigint')
        .addPrimaryKeyConstraint('oidc_records_pk', ['model', 'id_hash'])
        .execute();
      await index(db, 'oidc_records', ['grant_id']);
      await index(db, 'oidc_records', ['uid_hash']);
      await index(db, 'oidc_records', ['expires_at']);

      await db.schema
        .createTable('used_once')
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('id', 'text', (c) => c.notNull())
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('used_once_pk', ['kind', 'id'])
        .execute();
      await index(db, 'used_once', ['expires_at']);

      await db.schema
        .createTable('clients')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('entity_id', 'text', (c) => c.notNull())
        .addColumn('origin', 'text', (c) => c.notNull())
        .addColumn('metadata', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('updated_at', 'bigint', (c) => c.notNull())
        .execute();

      await db.schema
        .createTable('client_secrets')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('client_id', 'text', (c) => c.notNull().references('clients.id').onDelete('cascade'))
        .addColumn('hash', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('expires_at', 'bigint')
        .addColumn('last_used_at', 'bigint')
        .execute();
      await index(db, 'client_secrets', ['client_id']);

      await db.schema
        .createTable('persons')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .execute();
      await db.schema
        .createTable('person_keys')
        .addColumn('key_hash', 'text', (c) => c.primaryKey())
        .addColumn('key_id', 'text', (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('person_id', 'text', (c) => c.notNull().references('persons.id'))
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .execute();
      await index(db, 'person_keys', ['person_id']);

      await db.schema
        .createTable('identities')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('person_id', 'text', (c) => c.notNull().references('persons.id'))
        .addColumn('entity_id', 'text', (c) => c.notNull())
        .addColumn('source', 'text', (c) => c.notNull())
        .addColumn('provider', 'text', (c) => c.notNull())
        .addColumn('level', 'integer', (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('authenticated_at', 'bigint', (c) => c.notNull())
        .addColumn('transaction_id', 'text', (c) => c.notNull())
        .addColumn('upstream_hash', 'text')
        .addColumn('content', bytes, (c) => c.notNull())
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .execute();
      await index(db, 'identities', ['expires_at']);
      await index(db, 'identities', ['upstream_hash']);

      await db.schema
        .createTable('identity_links')
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('ref_hash', 'text', (c) => c.notNull())
        .addColumn('identity_id', 'text', (c) => c.notNull().references('identities.id').onDelete('cascade'))
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('identity_links_pk', ['kind', 'ref_hash'])
        .execute();
      await index(db, 'identity_links', ['identity_id']);
      await index(db, 'identity_links', ['expires_at']);

      await db.schema
        .createTable('logins')
        .addColumn('uid', 'text', (c) => c.primaryKey())
        .addColumn('reference', 'text', (c) => c.notNull())
        .addColumn('client_id', 'text', (c) => c.notNull())
        .addColumn('entity_id', 'text', (c) => c.notNull())
        .addColumn('content', bytes, (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('identity_id', 'text')
        .addColumn('completed_at', 'bigint')
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .execute();
      await index(db, 'logins', ['reference']);
      await index(db, 'logins', ['expires_at']);

      await db.schema
        .createTable('pending_requests')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('source', 'text', (c) => c.notNull())
        .addColumn('login_uid', 'text', (c) => c.notNull())
        .addColumn('transaction_id', 'text', (c) => c.notNull())
        .addColumn('entity_id', 'text', (c) => c.notNull())
        .addColumn('provider', 'text', (c) => c.notNull())
        .addColumn('request', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .addColumn('consumed_at', 'bigint')
        .addColumn('answer_hash', 'text')
        .addColumn('purge_at', 'bigint', (c) => c.notNull())
        .execute();
      await index(db, 'pending_requests', ['login_uid']);
      await index(db, 'pending_requests', ['purge_at']);

      await db.schema
        .createTable('register_entries')
        .addColumn('seq', dialect === 'postgres' ? 'bigserial' : 'integer', (c) =>
          dialect === 'postgres' ? c.primaryKey() : c.primaryKey().autoIncrement(),
        )
        .addColumn('id', 'text', (c) => c.notNull().unique())
        .addColumn('transaction_id', 'text', (c) => c.notNull())
        .addColumn('reference', 'text', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('source', 'text', (c) => c.notNull())
        .addColumn('entity_id', 'text')
        .addColumn('client_id', 'text')
        .addColumn('provider', 'text')
        .addColumn('request_id', 'text')
        .addColumn('message_id', 'text')
        .addColumn('assertion_id', 'text')
        .addColumn('outcome', 'text')
        .addColumn('person_hash', 'text')
        .addColumn('content', bytes, (c) => c.notNull())
        .execute();
      for (const column of [
        'transaction_id',
        'reference',
        'at',
        'request_id',
        'assertion_id',
        'person_hash',
      ]) {
        await index(db, 'register_entries', [column]);
      }

      await db.schema
        .createTable('metadata_versions')
        .addColumn('entity_id', 'text', (c) => c.notNull())
        .addColumn('version', 'integer', (c) => c.notNull())
        .addColumn('content_hash', 'text', (c) => c.notNull())
        .addColumn('bytes', bytes, (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('metadata_versions_pk', ['entity_id', 'version'])
        .execute();
    },
  };
}
