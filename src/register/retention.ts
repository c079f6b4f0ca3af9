import { setImmediate as othersTurn } from 'node:timers/promises';
import type { By } from '../audit/entry.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { Clock } from '../operations/clock.ts';
import type { Queryable, Store, Transaction } from '../store/store.ts';
import { forgetClosedReports } from './accesses.ts';
import { hashAt, isOwn, lockChain, lockHead } from './chain.ts';
import { forgetLiftedHolds, heldIn, provenHolds, type HoldScope } from './holds.ts';
import type { EntityKeys } from './keys.ts';
import { addMonths, beginningOf, laterMonth, monthOf, type Month } from './month.ts';
import { contentPlace, type Register } from './register.ts';
import { oldestMonth } from './size.ts';
import { registeredEntities, type Fault, type Gap } from './verify.ts';

/** What a run destroys, or would. */
export interface Destruction {
  readonly entityId: string;
  /** The newest month whose time is over. */
  readonly through: Month;
  readonly destroyed: number;
  /** Kept although their time is over: a legal hold. */
  readonly held: number;
}

/**
 * Entries destroyed in one transaction. While it lasts the chain is locked and, on SQLite, the whole gateway waits; then
 * logins have their turn.
 */
const PIECE = 2000;

/**
 * The newest month that may be destroyed: its last day lies the whole retention back. Entries so live for the retention
 * and at most a month more (spid-register-and-logout, 1).
 */
export function dueThrough(now: Date, retentionMonths: number): Month {
  return addMonths(monthOf(now), -(retentionMonths + 1));
}

/** What `destroyDue` would do now. Changes nothing. */
export async function planDestruction(db: Queryable, entityId: string, through: Month): Promise<Destruction> {
  let [destroyed, held] = [0, 0];
  for await (const piece of dueOf(db, entityId, through)) {
    destroyed += entriesIn(piece.stretches);
    held += piece.held.length;
  }
  return { entityId, through, destroyed, held };
}

/** Overdue entries are counted up to here: asked every few seconds, a month of a large body would keep the store busy. */
const MOST_OVERDUE = 10_000;

/** Entries that should have been destroyed by now and are still there, held ones aside; at most some more than 10,000. */
export async function overdueRows(db: Queryable, entityId: string, through: Month): Promise<number> {
  if ((await heldIn(db, entityId)) === 'everything') return 0;
  let overdue = 0;
  for await (const { stretches } of dueOf(db, entityId, through)) {
    overdue += entriesIn(stretches);
    if (overdue >= MOST_OVERDUE) break;
  }
  return overdue;
}

interface RetentionParts {
  readonly store: Store;
  readonly register: Register;
  readonly clock: Clock;
  readonly trail: AuditTrail;
}

/**
 * Destroys an entity's entries up to a month, piece by piece: the rows, in one transaction with the certificate of their
 * destruction, an entry of the chain and one of the audit trail; when all are gone the keys, for good. What is held is
 * sealed again under the present month first. Closed cases, lifted holds and documents of that time go too. May be called by every
 * process: each destroys the keys it has.
 * @param despiteTrail goes on although the audit trail has faults, which then may hide a legal hold
 * @throws Unavailable `audit_altered`, `register_holds_altered` before anything is destroyed
 */
export async function destroyDue(
  parts: RetentionParts,
  entityId: string,
  through: Month,
  by: By,
  despiteTrail = false,
): Promise<Destruction> {
  const keys = parts.register.keys.of(entityId);
  const oldest = await oldestMonth(parts.store.db, entityId);
  const isDue = oldest !== undefined && oldest <= through;
  const proven = isDue ? await provenHolds(parts.store.db, parts.trail, despiteTrail) : [];
  let [destroyed, held] = [0, 0];
  for (let after: number | undefined = 0; after !== undefined; await othersTurn()) {
    const from: number = after;
    const done = await parts.store.transaction((transaction) =>
      destroyPiece(parts, transaction, { entityId, through, by, keys, proven, despiteTrail, after: from }),
    );
    destroyed += done.destroyed;
    held += done.held;
    after = done.last;
  }
  if (keys.oldest <= through)
    await parts.store.transaction(async (transaction) => {
      await lockChain(transaction, entityId);
      keys.destroyThrough(through);
    });
  await forgetClosedReports(parts.store.db);
  await forgetLiftedHolds(parts.store.db, beginningOf(addMonths(through, 1)));
  await forgetDocuments(parts.store.db, through);
  return { entityId, through, destroyed, held };
}

/**
 * Documents that no entry can name any more: last used in a month before the oldest entry of any body, held ones among
 * them. Which entry names which is sealed in it.
 */
async function forgetDocuments(db: Queryable, through: Month): Promise<void> {
  let oldest = addMonths(through, 1);
  for (const entityId of await registeredEntities(db)) {
    const theirs = await oldestMonth(db, entityId);
    if (theirs !== undefined && theirs < oldest) oldest = theirs;
  }
  // An entry may be of the month after the one in which its document was kept.
  const before = addMonths(oldest, -1);
  await db
    .deleteFrom('register_documents')
    .where('last_month', '<', before)
    .where('first_at', '<', beginningOf(before).getTime())
    .execute();
}

/** @returns where the piece ended; undefined when there was none */
async function destroyPiece(
  { register, clock, trail }: RetentionParts,
  transaction: Transaction,
  run: {
    readonly entityId: string;
    readonly through: Month;
    readonly by: By;
    readonly keys: EntityKeys;
    readonly proven: readonly HoldScope[];
    readonly despiteTrail: boolean;
    readonly after: number;
  },
): Promise<{ readonly destroyed: number; readonly held: number; readonly last: number | undefined }> {
  const { entityId, through, by, keys, proven, despiteTrail, after } = run;
  const now = clock.now();
  const head = await lockHead(transaction, entityId, keys);
  const { stretches, held, last } = await duePiece(transaction, entityId, through, after, proven);
  const present = laterMonth(head.month, monthOf(now));
  // Where the key is gone already, everything that is held was sealed again before it went.
  if (keys.oldest <= through)
    for (const seq of held) await sealAgain(transaction, entityId, seq, keys, through, present);
  for (const stretch of stretches) await destroy(transaction, entityId, keys, stretch, through, now);
  const destroyed = entriesIn(stretches);
  if (destroyed > 0) {
    const facts = { through, destroyed, held: held.length, stretches: stretches.map((one) => ({ ...one })) };
    await register.append(transaction, {
      transactionId: `destruction-${through}`,
      reference: '',
      at: now,
      kind: 'destroyed',
      source: 'register',
      entityId,
      outcome: through,
      evidence: facts,
    });
    await trail.append(transaction, {
      at: now,
      action: 'register.destroy',
      target: { kind: 'register', id: entityId },
      entityId,
      after: despiteTrail ? { ...facts, despiteTrail } : facts,
      ...by,
    });
  }
  return { destroyed, held: held.length, last };
}

/** Months that should have been destroyed by now and are still there, held ones aside: an alarm. */
export async function overdueMonth(
  db: Queryable,
  entityId: string,
  through: Month,
): Promise<Month | undefined> {
  for await (const { stretches, month } of dueOf(db, entityId, through))
    if (stretches.length > 0) return month;
  return undefined;
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

/** Some of what is due, in the order of the chain. */
interface DuePiece {
  /** To be destroyed: cut where something is held or was destroyed before. */
  readonly stretches: readonly Gap[];
  /** Kept by a legal hold. */
  readonly held: readonly number[];
  /** Of the first entry to be destroyed. */
  readonly month: Month | undefined;
  /** Where it ended; undefined when nothing is due any more. */
  readonly last: number | undefined;
}

async function* dueOf(db: Queryable, entityId: string, through: Month): AsyncGenerator<DuePiece> {
  const oldest = await oldestMonth(db, entityId);
  if (oldest === undefined || oldest > through) return;
  for (let after: number | undefined = 0; after !== undefined; await othersTurn()) {
    const piece: DuePiece = await duePiece(db, entityId, through, after);
    yield piece;
    after = piece.last;
  }
}

/** Goes along the chain from its beginning: months never fall along it, so that what is due comes first. */
async function duePiece(
  db: Queryable,
  entityId: string,
  through: Month,
  after: number,
  proven: readonly HoldScope[] = [],
): Promise<DuePiece> {
  const holds = await heldIn(db, entityId, proven);
  const rows = await db
    .selectFrom('register_entries')
    .select(['seq', 'hash', 'month', 'transaction_id'])
    .where('entity_id', '=', entityId)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(PIECE)
    .execute();
  const end = rows.findIndex(({ month }) => month > through);
  const due = end < 0 ? rows : rows.slice(0, end);
  const isHeld = (row: { transaction_id: string }) => holds === 'everything' || holds.has(row.transaction_id);
  const stretches: Gap[] = [];
  for (const { seq, hash } of due.filter((row) => !isHeld(row))) {
    const open = stretches.at(-1);
    if (open?.last === seq - 1) stretches[stretches.length - 1] = { ...open, last: seq, after: hash };
    else stretches.push({ first: seq, last: seq, before: await hashAt(db, entityId, seq - 1), after: hash });
  }
  return {
    stretches,
    held: due.filter(isHeld).map(({ seq }) => seq),
    month: due.find((row) => !isHeld(row))?.month,
    last: due.at(-1)?.seq,
  };
}

function entriesIn(stretches: readonly Gap[]): number {
  return stretches.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

async function destroy(
  transaction: Transaction,
  entityId: string,
  keys: EntityKeys,
  stretch: Gap,
  month: Month,
  now: Date,
): Promise<void> {
  const at = now.getTime();
  await transaction
    .insertInto('register_destroyed')
    .values({
      entity_id: entityId,
      first_seq: stretch.first,
      last_seq: stretch.last,
      at,
      month,
      hash_before: stretch.before,
      hash_after: stretch.after,
      mac: certificateMac(keys, entityId, stretch, month, at),
    })
    .execute();
  await transaction
    .deleteFrom('register_entries')
    .where('entity_id', '=', entityId)
    .where('seq', '>=', stretch.first)
    .where('seq', '<=', stretch.last)
    .execute();
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
