import type { Queryable, Transaction } from '../store/store.ts';

/** Who develops a client: a role that somebody has for its body. */
export interface Developer {
  /** Of the role. */
  readonly id: string;
  readonly name: string;
}

/** From whom a client passes to whom; undefined for its administrators alone. */
export interface Handover {
  readonly from: Developer | undefined;
  readonly to: Developer | undefined;
}

/** Ids of the clients of a body that somebody develops. @param developerId of her role for that body */
export async function clientsDevelopedBy(
  db: Queryable,
  developerId: string,
  entityId: string,
): Promise<string[]> {
  const rows = await db
    .selectFrom('clients')
    .select('id')
    .where('developer_id', '=', developerId)
    .where('entity_id', '=', entityId)
    .execute();
  return rows.map(({ id }) => id);
}

/** The role of whoever develops a client; that may have been taken away meanwhile. */
export async function developerIdOf(db: Queryable, id: string): Promise<string | undefined> {
  const row = await db.selectFrom('clients').select('developer_id').where('id', '=', id).executeTakeFirst();
  return row?.developer_id ?? undefined;
}

export async function setDeveloper(
  transaction: Transaction,
  id: string,
  developer: Developer | undefined,
): Promise<void> {
  await transaction
    .updateTable('clients')
    .set({ developer_id: developer?.id ?? null })
    .where('id', '=', id)
    .execute();
}
