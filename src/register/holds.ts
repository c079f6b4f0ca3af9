import { randomUUID } from 'node:crypto';
import { Refused } from '../operations/errors.ts';
import type { RegisterTables } from '../store/schema/register.ts';
import type { Queryable } from '../store/store.ts';

/** What a legal hold keeps from being destroyed: a whole register, one transaction, or all of one person. */
export type HoldScope =
  { readonly entityId: string } | { readonly transactionId: string } | { readonly personHash: string };

export type Hold = RegisterTables['register_holds'];

export interface HoldAct {
  readonly by: string;
  readonly at: Date;
}

/** @returns the id of the hold */
export async function placeHold(
  db: Queryable,
  scope: HoldScope,
  reason: string,
  { by, at }: HoldAct,
): Promise<string> {
  const id = randomUUID();
  await db
    .insertInto('register_holds')
    .values({
      id,
      entity_id: 'entityId' in scope ? scope.entityId : null,
      transaction_id: 'transactionId' in scope ? scope.transactionId : null,
      person_hash: 'personHash' in scope ? scope.personHash : null,
      reason,
      placed_by: by,
      placed_at: at.getTime(),
      lifted_by: null,
      lifted_at: null,
    })
    .execute();
  return id;
}

/** @throws Refused `no_such_hold` */
export async function liftHold(db: Queryable, id: string, { by, at }: HoldAct): Promise<void> {
  const lifted = await db
    .updateTable('register_holds')
    .set({ lifted_by: by, lifted_at: at.getTime() })
    .where('id', '=', id)
    .where('lifted_at', 'is', null)
    .executeTakeFirst();
  if (lifted.numUpdatedRows !== 1n)
    throw new Refused('no_such_hold', `no hold ${id} is in force`, { status: 404 });
}

/** Holds lifted longer ago than entries are kept: the audit trail goes on to know of them. */
export async function forgetLiftedHolds(db: Queryable, before: Date): Promise<void> {
  await db.deleteFrom('register_holds').where('lifted_at', '<', before.getTime()).execute();
}

/** Every hold in force or lifted within the retention, newest first. */
export function listHolds(db: Queryable): Promise<Hold[]> {
  return db.selectFrom('register_holds').selectAll().orderBy('placed_at', 'desc').execute();
}

/** What is held of an entity's register: everything, or these transactions. */
export async function heldIn(db: Queryable, entityId: string): Promise<'everything' | ReadonlySet<string>> {
  const holds = await db.selectFrom('register_holds').selectAll().where('lifted_at', 'is', null).execute();
  if (holds.some((hold) => hold.entity_id === entityId)) return 'everything';
  const persons = holds.flatMap(({ person_hash }) => person_hash ?? []);
  const theirs =
    persons.length === 0
      ? []
      : await db
          .selectFrom('register_entries')
          .select('transaction_id')
          .distinct()
          .where('person_hash', 'in', persons)
          .execute();
  return new Set([
    ...holds.flatMap(({ transaction_id }) => transaction_id ?? []),
    ...theirs.map(({ transaction_id }) => transaction_id),
  ]);
}
