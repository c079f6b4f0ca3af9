import type { By } from '../audit/entry.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { Clock } from '../operations/clock.ts';
import type { Queryable, Store, Transaction } from '../store/store.ts';
import { BEGINNING, isOwn, lockHead } from './chain.ts';
import { heldIn } from './holds.ts';
import type { EntityKeys } from './keys.ts';
import { addMonths, laterMonth, monthOf, type Month } from './month.ts';
import { contentPlace, type Register } from './register.ts';
import type { Fault, Gap } from './verify.ts';

/** What a run destroys, or would. */
export interface Destruction {
  readonly entityId: string;
  /** The newest month whose time is over. */
  readonly through: Month;
  readonly destroyed: number;
  /** Kept although their time is over: a legal hold. */
  readonly held: number;
}

const BATCH = 5000;

/**
 * The newest month that may be destroyed: its last day lies the whole retention back. Entries so live for the retention
 * and at most a month more (spid-register-and-logout, 1).
 */
export function dueThrough(now: Date, retentionMonths: number): Month {
  return addMonths(monthOf(now), -(retentionMonths + 1));
}

/** What `destroyDue` would do now. Changes nothing. */
export async function planDestruction(db: Queryable, entityId: string, through: Month): Promise<Destruction> {
  const { stretches, heldEntries } = await survey(db, entityId, through);
  const destroyed = stretches.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return { entityId, through, destroyed, held: heldEntries.length };
}

/**
 * Destroys an entity's entries up to a month: the rows, in one transaction with the certificate of their destruction,
 * and with an entry of the audit trail, then the keys, for good. What is held is sealed again under the present month first. May be called by every process:
 * each destroys the keys it has.
 */
export async function destroyDue(
  parts: {
    readonly store: Store;
    readonly register: Register;
    readonly clock: Clock;
    readonly trail: AuditTrail;
  },
  entityId: string,
  through: Month,
  by: By,
): Promise<Destruction> {
  const keys = parts.register.keys.of(entityId);
  const now = parts.clock.now();
  const done = await parts.store.transaction(async (transaction) => {
    const head = await lockHead(transaction, entityId, keys);
    const { stretches, heldEntries } = await survey(transaction, entityId, through);
    const present = laterMonth(head.month, monthOf(now));
    for (const seq of heldEntries) await sealAgain(transaction, entityId, seq, keys, through, present);
    let destroyed = 0;
    for (const stretch of stretches)
      destroyed += await destroy(transaction, entityId, keys, stretch, through, now);
    if (destroyed > 0) {
      await parts.register.append(transaction, {
        ...{ transactionId: `destruction-${through}`, reference: '', at: now, kind: 'destroyed' },
        ...{ source: 'register', entityId, outcome: through },
        evidence: {
          through,
          destroyed,
          held: heldEntries.length,
          stretches: stretches.map((one) => ({ ...one })),
        },
      });
      await parts.trail.append(transaction, {
        ...{ at: now, action: 'register.destroy', target: { kind: 'register', id: entityId }, entityId },
        ...{ after: { through, destroyed, held: heldEntries.length, stretches }, ...by },
      });
    }
    return { entityId, through, destroyed, held: heldEntries.length };
  });
  keys.destroyThrough(through);
  return done;
}

/** Months that should have been destroyed by now and are still there, held ones aside: an alarm. */
export async function overdueMonth(
  db: Queryable,
  entityId: string,
  through: Month,
): Promise<Month | undefined> {
  const { stretches } = await survey(db, entityId, through);
  const [oldest] = stretches;
  if (!oldest) return undefined;
  const row = await db
    .selectFrom('register_entries')
    .select('month')
    .where('entity_id', '=', entityId)
    .where('seq', '=', oldest.first)
    .executeTakeFirst();
  return row?.month;
}

/** The certificates of destruction, as gaps of the chain; those that were not written by our keys are faults. */
export async function destroyedIn(
  db: Queryable,
  entityId: string,
  keys: EntityKeys,
): Promise<{ gaps: Gap[]; faults: Fault[] }> {
  const rows = await db
    .selectFrom('register_destroyed')
    .selectAll()
    .where('entity_id', '=', entityId)
    .orderBy('first_seq')
    .execute();
  const gaps: Gap[] = [];
  const faults: Fault[] = [];
  for (const row of rows) {
    const { first_seq: first, last_seq: last, hash_before: before, hash_after: after } = row;
    const gap = { first, last, before, after };
    if (isOwn(row.mac, certificateMac(keys, entityId, gap, row.month, row.at))) gaps.push(gap);
    else {
      const detail = `the certificate of the destruction of ${first} to ${last} was altered`;
      faults.push({ entityId, seq: first, kind: 'certificate', detail });
    }
  }
  return { gaps, faults };
}

/** Finds the stretches to be destroyed, cut where something is held or was destroyed before. */
async function survey(
  db: Queryable,
  entityId: string,
  through: Month,
): Promise<{ stretches: Gap[]; heldEntries: number[] }> {
  const held = await heldIn(db, entityId);
  const stretches: Gap[] = [];
  const heldEntries: number[] = [];
  let open: Gap | undefined;
  let before: { seq: number; hash: string } | undefined;
  for (let after = 0; ;) {
    const rows = await db
      .selectFrom('register_entries')
      .select(['seq', 'hash', 'transaction_id'])
      .where('entity_id', '=', entityId)
      .where('month', '<=', through)
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(BATCH)
      .execute();
    for (const { seq, hash, transaction_id } of rows) {
      if (held === 'everything' || held.has(transaction_id)) {
        heldEntries.push(seq);
        open = undefined;
      } else if (open?.last === seq - 1) {
        open = { ...open, last: seq, after: hash };
        stretches[stretches.length - 1] = open;
      } else {
        const hashBefore = before?.seq === seq - 1 ? before.hash : await hashAt(db, entityId, seq - 1);
        open = { first: seq, last: seq, before: hashBefore, after: hash };
        stretches.push(open);
      }
      before = { seq, hash };
    }
    const last = rows.at(-1);
    if (!last) return { stretches, heldEntries };
    after = last.seq;
  }
}

/** The hash of an entry that is no longer there, from the certificate of its destruction. */
async function hashAt(db: Queryable, entityId: string, seq: number): Promise<string> {
  if (seq === 0) return BEGINNING;
  const row = await db
    .selectFrom('register_destroyed')
    .select('hash_after')
    .where('entity_id', '=', entityId)
    .where('last_seq', '=', seq)
    .executeTakeFirst();
  return row?.hash_after ?? '';
}

async function destroy(
  transaction: Transaction,
  entityId: string,
  keys: EntityKeys,
  stretch: Gap,
  month: Month,
  now: Date,
): Promise<number> {
  const at = now.getTime();
  await transaction
    .insertInto('register_destroyed')
    .values({
      ...{ entity_id: entityId, first_seq: stretch.first, last_seq: stretch.last, at, month },
      ...{ hash_before: stretch.before, hash_after: stretch.after },
      mac: certificateMac(keys, entityId, stretch, month, at),
    })
    .execute();
  const { numDeletedRows } = await transaction
    .deleteFrom('register_entries')
    .where('entity_id', '=', entityId)
    .where('seq', '>=', stretch.first)
    .where('seq', '<=', stretch.last)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Only what the key that goes has sealed: what was sealed again already stays as it is. */
async function sealAgain(
  transaction: Transaction,
  entityId: string,
  seq: number,
  keys: EntityKeys,
  through: Month,
  present: Month,
): Promise<void> {
  const row = await transaction
    .selectFrom('register_entries')
    .select(['entity_id', 'seq', 'hash', 'content'])
    .where('entity_id', '=', entityId)
    .where('seq', '=', seq)
    .executeTakeFirstOrThrow();
  if (keys.monthOf(row.content) > through) return;
  const plain = keys.open(row.content, contentPlace(row));
  await transaction
    .updateTable('register_entries')
    .set({ content: keys.seal(present, plain, contentPlace(row)) })
    .where('entity_id', '=', entityId)
    .where('seq', '=', seq)
    .execute();
}

function certificateMac(keys: EntityKeys, entityId: string, gap: Gap, month: Month, at: number): string {
  return keys.mac(
    JSON.stringify(['destroyed', entityId, gap.first, gap.last, gap.before, gap.after, month, at]),
  );
}
