import type { Queryable } from '../store/store.ts';
import type { Month } from './month.ts';

/** How many entries an entity's register has, from where its chain stands: counting millions of rows would take long. */
export async function rowCount(db: Queryable, entityId: string): Promise<number> {
  const head = await db
    .selectFrom('register_heads')
    .select('seq')
    .where('entity_id', '=', entityId)
    .executeTakeFirst();
  const gaps = await db
    .selectFrom('register_destroyed')
    .select(['first_seq', 'last_seq'])
    .where('entity_id', '=', entityId)
    .execute();
  const destroyed = gaps.reduce((sum, { first_seq, last_seq }) => sum + last_seq - first_seq + 1, 0);
  return (head?.seq ?? 0) - destroyed;
}

/** The oldest month of which there are entries: that of the first, for months never fall along a chain. */
export async function oldestMonth(db: Queryable, entityId: string): Promise<Month | undefined> {
  const row = await db
    .selectFrom('register_entries')
    .select('month')
    .where('entity_id', '=', entityId)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
  return row?.month;
}
