import type { Localised } from '../identity/language.ts';
import type { Queryable } from '../store/store.ts';
import type { Client } from './client.ts';

/** What clients are called, whatever their state; those that are gone are missing. */
export async function clientNames(
  db: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Localised>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('clients')
    .select(['id', 'metadata'])
    .where('id', 'in', [...ids])
    .execute();
  return new Map(rows.map(({ id, metadata }) => [id, (JSON.parse(metadata) as Client).name]));
}
