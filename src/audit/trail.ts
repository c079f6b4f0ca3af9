import { setImmediate as othersTurn } from 'node:timers/promises';
import { hashInput } from '../identity/persons.ts';
import type { KeyRing } from '../keys/directory.ts';
import type { Queryable, Transaction } from '../store/store.ts';
import { BEGINNING, entryHash, isOwnHead, lockHead, moveHead, sha256, type MacKeys } from './chain.ts';
import {
  entryOf,
  nameOf,
  type AuditContent,
  type AuditEntry,
  type AuditEvent,
  type AuditRow,
} from './entry.ts';

/** Rows read at once when the whole trail is gone through. */
const BATCH = 500;

/** Which entries a page shows: newest first, from before a place in the chain. */
export interface AuditFilter {
  readonly before?: number | undefined;
  readonly limit: number;
  readonly target?: { readonly kind: string; readonly id: string } | undefined;
  /** Only what concerns these bodies; everything when left out. */
  readonly entityIds?: readonly string[] | undefined;
}

/** What is wrong with the trail, and where. */
export interface AuditFault {
  readonly seq: number;
  readonly fault: 'missing' | 'altered' | 'content-altered' | 'head-missing' | 'head-altered' | 'cut-short';
}

/** The audit trail: entries are only ever added, each tied to all before it by a hash. */
export class AuditTrail {
  readonly #keys: Pick<KeyRing, 'cipher' | 'personHash'>;
  readonly #macKeys: MacKeys;

  constructor(keys: Pick<KeyRing, 'cipher' | 'personHash' | 'derived'>) {
    this.#keys = keys;
    this.#macKeys = keys.derived('audit head');
  }

  /** Adds an entry within the transaction that makes it true. Holds the chain until that ends: best called last. */
  async append(transaction: Transaction, event: AuditEvent): Promise<void> {
    const { actor, before, after, address } = event;
    const text = JSON.stringify({ actor: nameOf(actor), address, before, after } satisfies AuditContent);
    const head = await lockHead(transaction, this.#macKeys);
    const fields = {
      seq: head.seq + 1,
      at: event.at.getTime(),
      via: event.via,
      actor_hash: actor.kind === 'person' ? this.#keys.personHash.hash(hashInput(actor.person)) : null,
      action: event.action,
      outcome: event.outcome ?? 'done',
      target_kind: event.target?.kind ?? null,
      target_id: event.target?.id ?? null,
      entity_id: event.entityId ?? null,
      digest: sha256(text),
    };
    const hash = entryHash(fields, head.hash);
    const content = this.#keys.cipher.seal(Buffer.from(text), place({ seq: fields.seq, hash }));
    await transaction
      .insertInto('audit_entries')
      .values({ ...fields, hash, content })
      .execute();
    await moveHead(transaction, this.#macKeys, { seq: fields.seq, hash });
  }

  async list(db: Queryable, filter: AuditFilter): Promise<AuditEntry[]> {
    const { before, limit, target, entityIds } = filter;
    const rows = await db
      .selectFrom('audit_entries')
      .selectAll()
      .$if(before !== undefined, (query) => query.where('seq', '<', before ?? 0))
      .$if(target !== undefined, (query) =>
        query.where('target_kind', '=', target?.kind ?? '').where('target_id', '=', target?.id ?? ''),
      )
      .$if(entityIds !== undefined, (query) => query.where('entity_id', 'in', [...(entityIds ?? []), '']))
      .orderBy('seq', 'desc')
      .limit(limit)
      .execute();
    return rows.map((row) => entryOf(row, this.#open(row)));
  }

  /** Every entry about targets of a kind that can be opened, oldest first. What cannot be, `verify` names. */
  async about(db: Queryable, kind: string): Promise<AuditEntry[]> {
    const rows = await db
      .selectFrom('audit_entries')
      .selectAll()
      .where('target_kind', '=', kind)
      .orderBy('seq')
      .execute();
    return rows.flatMap((row) => (this.#contentFits(row) ? entryOf(row, this.#open(row)) : []));
  }

  /** Every entry, oldest first. */
  async *all(db: Queryable): AsyncGenerator<AuditEntry> {
    for await (const row of rowsOf(db)) yield entryOf(row, this.#open(row));
  }

  /** Goes through the whole chain. @returns every removed or altered entry; none when all is as it was written */
  async verify(db: Queryable): Promise<{ entries: number; faults: AuditFault[] }> {
    const faults: AuditFault[] = [];
    // First, so that what is added meanwhile is no fault: the chain may only be longer than this.
    const head = await db.selectFrom('audit_head').selectAll().executeTakeFirst();
    let last = { seq: 0, hash: BEGINNING };
    let atHead = head?.seq === 0 ? BEGINNING : undefined;
    let entries = 0;
    for await (const row of rowsOf(db)) {
      entries++;
      if (row.seq !== last.seq + 1) faults.push({ seq: last.seq + 1, fault: 'missing' });
      else if (row.hash !== entryHash(row, last.hash)) faults.push({ seq: row.seq, fault: 'altered' });
      if (!this.#contentFits(row)) faults.push({ seq: row.seq, fault: 'content-altered' });
      if (row.seq === head?.seq) atHead = row.hash;
      last = row;
    }
    if (!head) {
      if (entries > 0) faults.push({ seq: last.seq, fault: 'head-missing' });
    } else if (!isOwnHead(head, this.#macKeys)) faults.push({ seq: head.seq, fault: 'head-altered' });
    else if (atHead !== head.hash) faults.push({ seq: head.seq, fault: 'cut-short' });
    return { entries, faults };
  }

  #contentFits(row: AuditRow): boolean {
    try {
      return sha256(this.#text(row)) === row.digest;
    } catch {
      return false;
    }
  }

  #open(row: AuditRow): AuditContent {
    return JSON.parse(this.#text(row)) as AuditContent;
  }

  #text(row: AuditRow): string {
    return this.#keys.cipher.open(row.content, place(row)).toString();
  }
}

/** The hash too: an entry's content opens in no other place, and nowhere after the entry was altered. */
function place({ seq, hash }: Pick<AuditRow, 'seq' | 'hash'>): string {
  return `audit_entries:${seq}:${hash}`;
}

async function* rowsOf(db: Queryable): AsyncGenerator<AuditRow> {
  for (let after = 0; ;) {
    const rows = await db
      .selectFrom('audit_entries')
      .selectAll()
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(BATCH)
      .execute();
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < BATCH) return;
    after = last.seq;
    await othersTurn();
  }
}
