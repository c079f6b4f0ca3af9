import { randomUUID } from 'node:crypto';
import { nameOf, type By } from '../audit/entry.ts';
import type { AuditTrail } from '../audit/trail.ts';
import { Refused, Unavailable } from '../operations/errors.ts';
import type { RegisterTables } from '../store/schema/register.ts';
import type { Queryable, Transaction } from '../store/store.ts';

/** What a legal hold keeps from being destroyed: a whole register, one transaction, or all of one person. */
export type HoldScope =
  { readonly entityId: string } | { readonly transactionId: string } | { readonly personHash: string };

export type Hold = RegisterTables['register_holds'];

/** Who places or lifts it, and when. */
export interface HoldAct extends By {
  readonly at: Date;
}

const TARGET = 'register-hold';
const PLACED = 'register.hold';
const LIFTED = 'register.lift-hold';

/**
 * Places a hold, and notes it in the audit trail: from then on nothing it covers is destroyed, whatever becomes of the row.
 * @returns the id of the hold
 */
export async function placeHold(
  transaction: Transaction,
  trail: AuditTrail,
  scope: HoldScope,
  reason: string,
  { at, ...by }: HoldAct,
): Promise<string> {
  const id = randomUUID();
  await transaction
    .insertInto('register_holds')
    .values({
      id,
      entity_id: 'entityId' in scope ? scope.entityId : null,
      transaction_id: 'transactionId' in scope ? scope.transactionId : null,
      person_hash: 'personHash' in scope ? scope.personHash : null,
      reason,
      placed_by: nameOf(by.actor),
      placed_at: at.getTime(),
      lifted_by: null,
      lifted_at: null,
    })
    .execute();
  await trail.append(transaction, {
    at,
    action: PLACED,
    target: { kind: TARGET, id },
    entityId: 'entityId' in scope ? scope.entityId : undefined,
    after: { ...scope, reason },
    ...by,
  });
  return id;
}

/**
 * Ends a hold, also one whose row somebody has removed.
 * @throws Refused `no_such_hold`
 */
export async function liftHold(
  transaction: Transaction,
  trail: AuditTrail,
  id: string,
  { at, ...by }: HoldAct,
): Promise<void> {
  const recorded = await recordedHolds(transaction, trail);
  const lifted = await transaction
    .updateTable('register_holds')
    .set({ lifted_by: nameOf(by.actor), lifted_at: at.getTime() })
    .where('id', '=', id)
    .where('lifted_at', 'is', null)
    .executeTakeFirst();
  if (lifted.numUpdatedRows !== 1n && !recorded.standing.has(id))
    throw new Refused('no_such_hold', `no hold ${id} is in force`, { status: 404 });
  await trail.append(transaction, { at, action: LIFTED, target: { kind: TARGET, id }, after: {}, ...by });
}

/** Holds as the audit trail knows them, whose entries nobody can write who only has the database. */
interface RecordedHolds {
  readonly standing: ReadonlyMap<string, HoldScope>;
  readonly lifted: ReadonlySet<string>;
}

async function recordedHolds(db: Queryable, trail: AuditTrail): Promise<RecordedHolds> {
  const standing = new Map<string, HoldScope>();
  const lifted = new Set<string>();
  for (const { action, target, after } of await trail.about(db, TARGET)) {
    if (!target) continue;
    if (action === PLACED) standing.set(target.id, after as HoldScope);
    else if (standing.delete(target.id)) lifted.add(target.id);
  }
  return { standing, lifted };
}

/** A hold that is not as somebody placed or lifted it. */
export interface HoldFault {
  /** The body that the hold is for; undefined where it may be any. */
  readonly entityId: string | undefined;
  readonly detail: string;
}

/** Holds that were removed, altered, lifted or placed by somebody who only has the database. */
export async function holdFaults(db: Queryable, trail: AuditTrail): Promise<HoldFault[]> {
  const { standing, lifted } = await recordedHolds(db, trail);
  const rows = new Map((await listHolds(db)).map((row) => [row.id, row]));
  const lost = [...standing].flatMap(([id, scope]): HoldFault[] => {
    const row = rows.get(id);
    const entityId = 'entityId' in scope ? scope.entityId : undefined;
    const fault = (what: string) => [{ entityId, detail: `the legal hold ${id} was ${what}` }];
    if (!row) return fault('removed');
    if (row.lifted_at !== null) return fault('lifted by nobody of ours');
    return covers(row, scope) ? [] : fault('altered');
  });
  const strange = [...rows.values()]
    .filter(({ id, lifted_at }) => lifted_at === null && !standing.has(id))
    .map(({ id, entity_id }) => ({
      entityId: entity_id ?? undefined,
      detail: lifted.has(id)
        ? `the legal hold ${id} was lifted, and is in force again`
        : `the legal hold ${id} is not in the audit trail: where it is wanted, place it again; then lift this one`,
    }));
  return [...lost, ...strange];
}

function covers(row: Hold, scope: HoldScope): boolean {
  return (
    row.entity_id === ('entityId' in scope ? scope.entityId : null) &&
    row.transaction_id === ('transactionId' in scope ? scope.transactionId : null) &&
    row.person_hash === ('personHash' in scope ? scope.personHash : null)
  );
}

/**
 * What must not be destroyed according to the audit trail, once that is known to be whole.
 * @param despite goes on although the trail has faults: with what can still be read of it
 * @throws Unavailable `audit_altered`: an entry about a hold may be missing; `register_holds_altered`
 */
export async function provenHolds(
  db: Queryable,
  trail: AuditTrail,
  despite: boolean,
): Promise<readonly HoldScope[]> {
  if (!despite && (await trail.verify(db)).faults.length > 0)
    throw new Unavailable(
      'audit_altered',
      'the audit trail, which knows of every legal hold, was altered: nothing is destroyed. Run: npm run gateway -- audit verify; then docs/register.md',
    );
  const { standing } = await recordedHolds(db, trail);
  const rows = new Map((await listHolds(db)).map((row) => [row.id, row]));
  for (const [id, scope] of standing) {
    const row = rows.get(id);
    if (row?.lifted_at !== null || !covers(row, scope))
      throw new Unavailable(
        'register_holds_altered',
        `the legal hold ${id} is not as it was placed: nothing is destroyed. Run: npm run gateway -- register verify; lift the hold, and place it again where it is wanted`,
      );
  }
  return [...standing.values()];
}

/** Holds lifted longer ago than entries are kept: the audit trail goes on to know of them. */
export async function forgetLiftedHolds(db: Queryable, before: Date): Promise<void> {
  await db.deleteFrom('register_holds').where('lifted_at', '<', before.getTime()).execute();
}

/** Every hold in force or lifted within the retention, newest first. */
export function listHolds(db: Queryable): Promise<Hold[]> {
  return db.selectFrom('register_holds').selectAll().orderBy('placed_at', 'desc').execute();
}

/**
 * What is held of an entity's register: everything, or these transactions.
 * @param proven holds that count whatever the rows say
 */
export async function heldIn(
  db: Queryable,
  entityId: string,
  proven: readonly HoldScope[] = [],
): Promise<'everything' | ReadonlySet<string>> {
  const holds = await db.selectFrom('register_holds').selectAll().where('lifted_at', 'is', null).execute();
  const whole = proven.some((scope) => 'entityId' in scope && scope.entityId === entityId);
  if (whole || holds.some((hold) => hold.entity_id === entityId)) return 'everything';
  const persons = [
    ...holds.flatMap(({ person_hash }) => person_hash ?? []),
    ...proven.flatMap((scope) => ('personHash' in scope ? scope.personHash : [])),
  ];
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
    ...proven.flatMap((scope) => ('transactionId' in scope ? scope.transactionId : [])),
    ...theirs.map(({ transaction_id }) => transaction_id),
  ]);
}
