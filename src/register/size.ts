import { sql } from 'kysely';
import type { Queryable } from '../store/store.ts';
import type { Month } from './month.ts';

/**
 * How many entries an entity's register has, from where its chain begins and ends: counting millions of rows would take
 * long. Between the two there are gaps only where something was held while what stood beside it was destroyed.
 */
export async function rowCount(db: Queryable, entityId: string): Promise<number> {
  const head = await db
    .selectFrom('register_heads')
    .select('seq')
    .where('entity_id', '=', entityId)
    .executeTakeFirst();
  const first = await firstOf(db, entityId);
  if (!head || !first) return 0;
  const { destroyed } = await db
    .selectFrom('register_destroyed')
    .select(sql<number>`cast(coalesce(sum(last_seq - first_seq + 1), 0) as bigint)`.as('destroyed'))
    .where('entity_id', '=', entityId)
    .where('first_seq', '>', first.seq)
    .executeTakeFirstOrThrow();
  return head.seq - first.seq + 1 - destroyed;
}

/** The oldest month of which there are entries: that of the first, for months never fall along a chain. */
export async function oldestMonth(db: Queryable, entityId: string): Promise<Month | undefined> {
  return (await firstOf(db, entityId))?.month;
}

function firstOf(
  db: Queryable,
  entityId: string,
): Promise<{ readonly seq: number; readonly month: Month } | undefined> {
  return db
    .selectFrom('register_entries')
    .select(['seq', 'month'])
    .where('entity_id', '=', entityId)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
}
