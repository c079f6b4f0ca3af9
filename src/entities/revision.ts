import { sql } from 'kysely';
import type { Queryable } from '../store/store.ts';

/** Says to every process that entities or their metadata have changed. Called where the change is written. */
export async function noteChange(db: Queryable): Promise<void> {
  await db
    .updateTable('entity_revision')
    .set({ revision: sql<number>`revision + 1` })
    .execute();
}

export async function currentRevision(db: Queryable): Promise<number> {
  const row = await db.selectFrom('entity_revision').select('revision').executeTakeFirstOrThrow();
  return row.revision;
}
