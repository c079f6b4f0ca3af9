import { CannotOpen } from '../keys/cipher.ts';
import type { Queryable } from '../store/store.ts';
import { BEGINNING, entryHash, headMac, isOwn, type Head } from './chain.ts';
import type { EntryRow } from './entry.ts';
import { digestOf } from './evidence.ts';
import type { EntityKeys } from './keys.ts';
import { monthOf } from './month.ts';
import { openContent } from './register.ts';

/** Something in a register that is not as it was written, and where. */
export interface Fault {
  readonly entityId: string;
  /** Place in the chain; the first one where several are meant. */
  readonly seq: number;
  readonly kind:
    | 'removed'
    | 'altered'
    | 'moved' // stands at another place than it was written to
    | 'back-dated'
    | 'unreadable' // its key is destroyed, and it should be gone
    | 'head'
    | 'seal'
    | 'certificate' // of destruction
    | 'hold'; // a legal hold, at no place of its own
  readonly detail: string;
}

export interface Verification {
  readonly entityId: string;
  /** Entries looked at. */
  readonly entries: number;
  readonly last: { readonly seq: number; readonly hash: string };
  readonly faults: readonly Fault[];
}

/** A stretch of the chain that was destroyed in order, and what stood at its two ends. */
export interface Gap {
  readonly first: number;
  readonly last: number;
  /** Hash of the entry before the first. */
  readonly before: string;
  /** Hash of the last. */
  readonly after: string;
}

const BATCH = 500;

/** Clocks of several processes differ by less, in milliseconds. */
const CLOCKS_DIFFER_MS = 5 * 60 * 1000;

/** Faults that are listed; who has written a whole register anew makes millions. */
const MOST_FAULTS = 10_000;

/** Of so many faulty entries the old place is looked for. */
const MOST_MOVED = 50;

/**
 * Walks an entity's chain and opens every entry: finds what was removed, altered, moved or dated back since it was
 * written, also by someone who made all hashes fit again, for the sealed content knows the hash it was sealed with.
 * May run beside the gateway.
 * @param gaps what retention has destroyed, in order
 */
export async function verifyChain(
  db: Queryable,
  entityId: string,
  keys: EntityKeys,
  gaps: readonly Gap[],
): Promise<Verification> {
  const head = await readHead(db, entityId);
  const walk = new Walk(entityId, keys, gaps);
  for (let after = 0; ;) {
    const rows = await db
      .selectFrom('register_entries')
      .selectAll()
      .where('entity_id', '=', entityId)
      .where('seq', '>', after)
      .where('seq', '<=', head?.seq ?? 0)
      .orderBy('seq')
      .limit(BATCH)
      .execute();
    for (const row of rows) walk.step(row);
    const last = rows.at(-1);
    if (!last) break;
    after = last.seq;
  }
  walk.end(head, await firstBeyond(db, entityId, head?.seq ?? 0));
  return walk.result;
}

/** Every entity that has a head or an entry, whatever the configuration says. */
export async function registeredEntities(db: Queryable): Promise<string[]> {
  const heads = await db.selectFrom('register_heads').select('entity_id').execute();
  const found = new Set(heads.map(({ entity_id }) => entity_id));
  for (let last = ''; ;) {
    const next = await db
      .selectFrom('register_entries')
      .select('entity_id')
      .where('entity_id', '>', last)
      .orderBy('entity_id')
      .limit(1)
      .executeTakeFirst();
    if (!next) return [...found].sort();
    found.add(next.entity_id);
    last = next.entity_id;
  }
}

function readHead(db: Queryable, entityId: string): Promise<Head | undefined> {
  return db.selectFrom('register_heads').selectAll().where('entity_id', '=', entityId).executeTakeFirst();
}

/**
 * An entry beyond the head, which never exists: entry and head are written in one transaction.
 * @param from where the head stood a moment ago; it may have moved on
 */
async function firstBeyond(db: Queryable, entityId: string, from: number): Promise<number | undefined> {
  const row = await db
    .selectFrom('register_entries as entry')
    .leftJoin('register_heads as head', 'head.entity_id', 'entry.entity_id')
    .select('entry.seq')
    .where('entry.entity_id', '=', entityId)
    .where('entry.seq', '>', from)
    .where((where) =>
      where.or([where('head.seq', 'is', null), where('entry.seq', '>', where.ref('head.seq'))]),
    )
    .orderBy('entry.seq')
    .limit(1)
    .executeTakeFirst();
  return row?.seq;
}

/** One pass along a chain. */
class Walk {
  readonly #entityId: string;
  readonly #keys: EntityKeys;
  readonly #gaps: ReadonlyMap<number, Gap>;
  readonly #faults: Fault[] = [];
  readonly #closed: EntryRow[] = [];
  readonly #missing: number[] = [];
  /** The last fault that is not listed, and how many those are. */
  #unlisted: Fault | undefined;
  #more = 0;
  #entries = 0;
  #next = 1;
  /** Hash of the entry before; undefined where that entry is missing. */
  #before: string | undefined = BEGINNING;
  #at = 0;
  #month = '';

  constructor(entityId: string, keys: EntityKeys, gaps: readonly Gap[]) {
    this.#entityId = entityId;
    this.#keys = keys;
    this.#gaps = new Map(gaps.map((gap) => [gap.first, gap]));
  }

  get result(): Verification {
    return {
      entityId: this.#entityId,
      entries: this.#entries,
      last: { seq: this.#next - 1, hash: this.#before ?? '' },
      faults: [...this.#faults].sort((a, b) => a.seq - b.seq),
    };
  }

  step(row: EntryRow): void {
    this.#skipTo(row.seq);
    this.#entries += 1;
    const linked = this.#before === undefined || entryHash(row, this.#before) === row.hash;
    const dated = row.at >= this.#at - CLOCKS_DIFFER_MS && row.month >= this.#month;
    if (!dated || monthOf(new Date(row.at)) > row.month) {
      this.#fault(row.seq, 'back-dated', `dated ${new Date(row.at).toISOString()}, out of its order`);
    } else if (!linked) {
      this.#fault(row.seq, 'altered', 'does not fit its hash');
    }
    this.#open(row, linked && dated);
    this.#before = row.hash;
    this.#next = row.seq + 1;
    if (!linked || !dated) return;
    this.#at = row.at;
    this.#month = row.month;
  }

  end(head: Head | undefined, beyond: number | undefined): void {
    if (!head) {
      if (beyond !== undefined) this.#fault(beyond, 'head', 'there are entries, but no head');
      return;
    }
    this.#skipTo(head.seq + 1);
    if (head.key_id !== this.#keys.id) this.#fault(head.seq, 'head', 'was begun with other keys');
    else if (!isOwn(head.mac, headMac(this.#keys, head)))
      this.#fault(head.seq, 'head', 'the head was altered');
    else if (this.#before !== undefined && this.#before !== head.hash)
      this.#fault(head.seq, 'altered', 'the last entry is not the one that the head knows');
    if (beyond !== undefined)
      this.#fault(beyond, 'altered', 'stands beyond the head: nobody of ours wrote it');
    this.#findMoved();
    if (this.#unlisted)
      this.#faults.push({ ...this.#unlisted, detail: `and ${this.#more} up to here that are not listed` });
  }

  /** Goes over what retention destroyed; what is missing besides was removed. */
  #skipTo(seq: number): void {
    while (this.#next < seq) {
      const gap = this.#gaps.get(this.#next);
      if (gap && gap.last < seq && (this.#before === undefined || gap.before === this.#before)) {
        this.#next = gap.last + 1;
        this.#before = gap.after;
        continue;
      }
      const [first, last] = [this.#next, seq - 1];
      this.#missing.push(
        ...Array.from({ length: Math.min(last - first + 1, MOST_MOVED) }, (_, at) => first + at),
      );
      this.#fault(first, 'removed', first === last ? 'is missing' : `up to ${last}: are missing`);
      this.#next = seq;
      this.#before = undefined;
    }
  }

  #open(row: EntryRow, fits: boolean): void {
    if (row.month < this.#keys.oldest && !fits) return;
    try {
      if (digestOf(openContent(this.#keys, row)) !== row.digest && fits)
        this.#fault(row.seq, 'altered', 'the evidence is not what its digest says');
    } catch (error) {
      if (!fits) this.#keepClosed(row);
      else if (error instanceof CannotOpen && row.month < this.#keys.oldest)
        this.#fault(row.seq, 'unreadable', `the key of ${row.month} is destroyed, the entry is still there`);
      else {
        this.#keepClosed(row);
        this.#fault(row.seq, 'altered', 'the sealed evidence does not belong to this entry');
      }
    }
  }

  /** An entry that opens at a place where another one should be has been moved from there. */
  #findMoved(): void {
    const rows = this.#closed;
    const places = [...this.#missing.slice(0, MOST_MOVED), ...rows.map(({ seq }) => seq)];
    for (const row of rows) {
      const from = places.find((seq) => seq !== row.seq && this.#opensAt(row, seq));
      const fault = this.#faults.findIndex(({ seq, kind }) => seq === row.seq && kind !== 'removed');
      if (from === undefined || fault < 0) continue;
      this.#faults[fault] = {
        entityId: this.#entityId,
        seq: row.seq,
        kind: 'moved',
        detail: `was written as number ${from}`,
      };
    }
  }

  #keepClosed(row: EntryRow): void {
    if (this.#closed.length < MOST_MOVED) this.#closed.push(row);
  }

  #opensAt(row: EntryRow, seq: number): boolean {
    try {
      openContent(this.#keys, { ...row, seq });
      return true;
    } catch {
      return false;
    }
  }

  #fault(seq: number, kind: Fault['kind'], detail: string): void {
    const fault = { entityId: this.#entityId, seq, kind, detail };
    if (this.#faults.length < MOST_FAULTS) this.#faults.push(fault);
    else [this.#unlisted, this.#more] = [fault, this.#more + 1];
  }
}
