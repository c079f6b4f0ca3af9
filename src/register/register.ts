import { setImmediate as othersTurn } from 'node:timers/promises';
import type { KeyedHash } from '../keys/keyed-hash.ts';
import { hashInput } from '../identity/persons.ts';
import { Unavailable } from '../operations/errors.ts';
import { prepared } from '../store/prepared.ts';
import type { Queryable, Transaction } from '../store/store.ts';
import { entryHash, lockHead, moveHead } from './chain.ts';
import {
  SUMMARY,
  summaryOf,
  UNOPENED,
  type Entry,
  type EntryRow,
  type EntrySummary,
  type UnopenedEntry,
} from './entry.ts';
import {
  compress,
  compressBytes,
  decompress,
  decompressBytes,
  digestOf,
  evidenceText,
  parseEvidence,
  type Evidence,
} from './evidence.ts';
import type { EntityKeys, RegisterKeys } from './keys.ts';
import { laterMonth, monthOf, type Month } from './month.ts';

const insert = prepared((db, row: EntryRow) =>
  db.insertInto('register_entries').values({
    entity_id: row.entity_id,
    seq: row.seq,
    transaction_id: row.transaction_id,
    reference: row.reference,
    at: row.at,
    month: row.month,
    kind: row.kind,
    source: row.source,
    client_id: row.client_id,
    provider: row.provider,
    request_id: row.request_id,
    message_id: row.message_id,
    assertion_id: row.assertion_id,
    outcome: row.outcome,
    level: row.level,
    claims: row.claims,
    person_hash: row.person_hash,
    digest: row.digest,
    hash: row.hash,
    content: row.content,
  }),
);

/**
 * The 24-month transaction register. Entries are only ever added; if one cannot be, the caller's transaction fails
 * and with it the login (spid-response-validation, 5.6).
 */
export class Register {
  readonly keys: RegisterKeys;
  readonly #personHash: KeyedHash;
  readonly #written: (entry: Entry) => void;
  /** Of documents: the month in which they were last known to be kept. */
  readonly #kept = new Map<string, Month>();
  readonly #threads = new Map<string, Thread>();

  /** @param written hears of every entry that was added */
  constructor(keys: RegisterKeys, personHash: KeyedHash, written: (entry: Entry) => void = () => {}) {
    this.keys = keys;
    this.#personHash = personHash;
    this.#written = written;
  }

  /**
   * Adds an entry to the entity's chain, within the transaction that makes it true. Holds the chain until that
   * transaction ends: best called last.
   * @throws Unavailable when the chain may not be continued here
   */
  async append(transaction: Transaction, entry: Entry): Promise<void> {
    const keys = await this.#keysFor(transaction, entry.entityId);
    const head = await lockHead(transaction, entry.entityId, keys);
    const seq = head.seq + 1;
    const month = laterMonth(head.month, monthOf(entry.at));
    const text = evidenceText(entry.evidence);
    const fields = {
      ...columnsOf(entry),
      seq,
      month,
      person_hash: this.#hashOf(entry.person),
      digest: digestOf(text),
    };
    const hash = entryHash(fields, head.hash);
    const content = keys.seal(month, compress(text), contentPlace({ ...fields, hash }));
    const row: EntryRow = { ...fields, hash, content };
    await insert(transaction, row);
    await moveHead(transaction, keys, row);
    this.#written(entry);
  }

  /** Everything that belongs to a support reference, in the order it happened. Opens no evidence. */
  async trace(db: Queryable, reference: string): Promise<EntrySummary[]> {
    const rows = await db
      .selectFrom('register_entries')
      .select(SUMMARY)
      .where('transaction_id', 'in', (q) =>
        q.selectFrom('register_entries').select('transaction_id').where('reference', '=', reference),
      )
      .orderBy('at')
      .orderBy('entity_id')
      .orderBy('seq')
      .execute();
    return rows.map(summaryOf);
  }

  /** Opens the evidence of every entry of a transaction, in the order it happened. */
  async evidence(db: Queryable, transactionId: string): Promise<Evidence[]> {
    return (await this.opened(db, transactionId)).map(({ evidence }) => evidence);
  }

  /** Opens every entry of a transaction, in the order they happened. */
  async opened(db: Queryable, transactionId: string): Promise<OpenedEntry[]> {
    const [story = []] = await this.stories(db, [transactionId]);
    const opened: OpenedEntry[] = [];
    for await (const entry of this.opening(db, story)) opened.push(entry);
    return opened;
  }

  /**
   * The entries of some transactions, unopened: transaction by transaction in the order in which they began, of each in the
   * order they happened.
   */
  async stories(db: Queryable, transactionIds: readonly string[]): Promise<(readonly UnopenedEntry[])[]> {
    const found: UnopenedEntry[] = [];
    for (let from = 0; from < transactionIds.length; from += MOST_AT_ONCE) {
      const rows = await db
        .selectFrom('register_entries')
        .select(UNOPENED)
        .where('transaction_id', 'in', transactionIds.slice(from, from + MOST_AT_ONCE))
        .execute();
      found.push(...rows);
      await othersTurn();
    }
    found.sort((a, b) => a.at - b.at || a.entity_id.localeCompare(b.entity_id) || a.seq - b.seq);
    return [...Map.groupBy(found, ({ transaction_id }) => transaction_id).values()];
  }

  /**
   * Opens the entries of a transaction one after the other, with a turn for logins in between: however many they are, few
   * are in memory.
   * @throws Unavailable `register_entry_gone` when retention has destroyed one since they were found
   */
  async *opening(db: Queryable, story: readonly UnopenedEntry[]): AsyncGenerator<OpenedEntry> {
    for (let from = 0; from < story.length; from += MOST_AT_ONCE) {
      const some = story.slice(from, from + MOST_AT_ONCE);
      const contents = await db
        .selectFrom('register_entries')
        .select(['entity_id', 'seq', 'content'])
        .where('transaction_id', '=', some[0]?.transaction_id ?? '')
        .where(
          'seq',
          'in',
          some.map(({ seq }) => seq),
        )
        .execute();
      for (const row of some) {
        const found = contents.find(({ entity_id, seq }) => entity_id === row.entity_id && seq === row.seq);
        if (!found) throw gone(row);
        const text = openContent(this.keys.of(row.entity_id), { ...row, content: found.content });
        yield { row, summary: summaryOf(row), text, evidence: parseEvidence(text) };
        await othersTurn();
      }
    }
  }

  /**
   * Keeps a document that entries name by its hash, once, and notes each month in which they do. Before they do: outside
   * of their transaction, which may fail. It goes with the last of them (destroyDue).
   * @param hash SHA-256, hexadecimal
   */
  async keep(db: Queryable, hash: string, bytes: Uint8Array, now: Date): Promise<void> {
    const month = monthOf(now);
    if ((this.#kept.get(hash) ?? '') >= month) return;
    await db
      .insertInto('register_documents')
      .values({ hash, bytes: compressBytes(bytes), first_at: now.getTime(), last_month: month })
      .onConflict((conflict) =>
        conflict
          .column('hash')
          .doUpdateSet({ last_month: month })
          .where('register_documents.last_month', '<', month),
      )
      .execute();
    this.#kept.set(hash, month);
  }

  /** A document that was kept; undefined when it never was, or went with the entries that named it. */
  async document(db: Queryable, hash: string): Promise<Buffer | undefined> {
    const row = await db
      .selectFrom('register_documents')
      .select('bytes')
      .where('hash', '=', hash)
      .executeTakeFirst();
    return row && decompressBytes(row.bytes);
  }

  /**
   * What later entries of a transaction share with the one that proved who the person is. No entry ever changes, so
   * that of the latest transactions it is remembered.
   */
  async threadOf(db: Queryable, transactionId: string): Promise<Thread | undefined> {
    const known = this.#threads.get(transactionId);
    if (known) return known;
    const row = await db
      .selectFrom('register_entries')
      .select(['reference', 'person_hash'])
      .where('transaction_id', '=', transactionId)
      .where('person_hash', 'is not', null)
      .executeTakeFirst();
    if (!row?.person_hash) return undefined;
    const thread = { reference: row.reference, person: { hash: row.person_hash } };
    const [oldest] = this.#threads.keys();
    if (oldest !== undefined && this.#threads.size >= THREADS_KEPT) this.#threads.delete(oldest);
    this.#threads.set(transactionId, thread);
    return thread;
  }

  /**
   * Opens the keys of these entities, so that what is wrong with them is known before the first citizen.
   * @throws Unavailable `register_keys_missing`; Misconfigured when a file cannot be opened
   */
  async ready(db: Queryable, entityIds: readonly string[]): Promise<void> {
    for (const entityId of entityIds) await this.#keysFor(db, entityId);
  }

  /**
   * The keys of an entity; new ones only where nothing has been registered yet, for a register that lost its keys must
   * not go on as if nothing had happened.
   */
  async #keysFor(db: Queryable, entityId: string): Promise<EntityKeys> {
    if (this.keys.has(entityId)) return this.keys.of(entityId);
    const head = await db
      .selectFrom('register_heads')
      .select('seq')
      .where('entity_id', '=', entityId)
      .executeTakeFirst();
    return head ? this.keys.of(entityId) : this.keys.begin(entityId);
  }

  #hashOf(person: Entry['person']): string | null {
    if (!person) return null;
    return 'hash' in person ? person.hash : this.#personHash.hash(hashInput(person));
  }
}

/** Transactions, or entries of one, read at once. */
const MOST_AT_ONCE = 100;

function gone({ entity_id, seq }: UnopenedEntry): Unavailable {
  return new Unavailable(
    'register_entry_gone',
    `number ${seq} of the register of ${entity_id} was destroyed while it was read; ask again`,
  );
}

/** Between its first and its last entry a transaction is remembered by this process, if not so many others come between. */
const THREADS_KEPT = 1000;

interface Thread {
  /** The code on the citizen's page. */
  readonly reference: string;
  /** The hash that the entries know the person by. */
  readonly person: { readonly hash: string };
}

/** An entry with what was sealed in it. */
export interface OpenedEntry {
  readonly row: UnopenedEntry;
  readonly summary: EntrySummary;
  /** The evidence as it was written: what the row's digest is of. */
  readonly text: string;
  readonly evidence: Evidence;
}

/** The evidence of an entry as it was written, before it was read into values. */
export function openContent(
  keys: EntityKeys,
  row: Pick<EntryRow, 'entity_id' | 'seq' | 'hash' | 'content'>,
): string {
  return decompress(keys.open(row.content, contentPlace(row)));
}

/** The hash too: whoever alters an entry and makes its hash fit again cannot make the content fit. */
export function contentPlace({ entity_id, seq, hash }: Pick<EntryRow, 'entity_id' | 'seq' | 'hash'>): string {
  return `register_entries:${entity_id}:${seq}:${hash}`;
}

/** Longer than any identifier a provider makes; PostgreSQL indexes no text of some thousand characters. */
const LONGEST_ID = 256;

/** Identifiers come from whoever sent the message. Whole, they are in the evidence. */
function clipped(id: string | undefined): string | null {
  return id?.slice(0, LONGEST_ID) ?? null;
}

function columnsOf(entry: Entry) {
  return {
    entity_id: entry.entityId,
    transaction_id: entry.transactionId,
    reference: entry.reference,
    at: entry.at.getTime(),
    kind: entry.kind,
    source: entry.source,
    client_id: entry.clientId ?? null,
    provider: entry.provider ?? null,
    request_id: clipped(entry.requestId),
    message_id: clipped(entry.messageId),
    assertion_id: clipped(entry.assertionId),
    outcome: entry.outcome ?? null,
    level: entry.level ?? null,
    claims: entry.claims && entry.claims.length > 0 ? entry.claims.join(' ') : null,
  };
}
