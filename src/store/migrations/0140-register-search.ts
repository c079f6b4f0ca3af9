import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { index } from './columns.ts';

/**
 * Searching one body's entries of a period, in a register that holds many bodies' millions. The month needs no index: it
 * never falls along a chain.
 */
export function registerSearch(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema.dropIndex('register_entries_entity_id_month').execute();
      await index(db, 'register_entries', ['entity_id', 'at']);
    },
  };
}
