import { randomUUID } from 'node:crypto';
import type { Cipher } from '../keys/cipher.ts';
import type { KeyedHash } from '../keys/keyed-hash.ts';
import type { PersonKey, SourceKind } from '../identity/identity.ts';
import { hashInput } from '../identity/persons.ts';
import type { Queryable, Transaction } from '../store/store.ts';

/** What happened: a message left or came, or something was handed to a client. */
export type EntryKind = 'request' | 'response' | 'logout-request' | 'logout-response';

/** One message of an authentication or logout, as the register keeps it (spid-register-and-logout, 1). */
export interface Entry {
  /** Shared by all messages of one authentication. */
  readonly transactionId: string;
  /** The code on the citizen's page, if one is shown. */
  readonly reference: string;
  readonly at: Date;
  readonly kind: EntryKind;
  readonly source: SourceKind;
  readonly entityId?: string | undefined;
  readonly clientId?: string | undefined;
  readonly provider?: string | undefined;
  /** ID of the request, or of the request that the message claims to answer. */
  readonly requestId?: string | undefined;
  readonly messageId?: string | undefined;
  readonly assertionId?: string | undefined;
  /** `accepted`, the id of the check that refused, or the anomaly code. */
  readonly outcome?: string | undefined;
  readonly person?: PersonKey | undefined;
  /** The exact bytes and whatever proves them later. Encrypted. */
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** An entry without its evidence: what an operator may see without opening it. */
export interface EntrySummary {
  readonly at: Date;
  readonly transactionId: string;
  readonly kind: string;
  readonly entityId: string | null;
  readonly clientId: string | null;
  readonly provider: string | null;
  readonly requestId: string | null;
  readonly messageId: string | null;
  readonly outcome: string | null;
}

/**
 * The 24-month transaction register. Entries are only ever added; if one cannot be, the caller's transaction fails
 * and with it the login (spid-response-validation, 5.6).
 */
export class Register {
  readonly #cipher: Cipher;
  readonly #personHash: KeyedHash;

  constructor(cipher: Cipher, personHash: KeyedHash) {
    this.#cipher = cipher;
    this.#personHash = personHash;
  }

  /** Adds an entry within the transaction that makes it true. */
  async append(transaction: Transaction, entry: Entry): Promise<void> {
    const id = randomUUID();
    await transaction
      .insertInto('register_entries')
      .values({
        id,
        transaction_id: entry.transactionId,
        reference: entry.reference,
        at: entry.at.getTime(),
        kind: entry.kind,
        source: entry.source,
        entity_id: entry.entityId ?? null,
        client_id: entry.clientId ?? null,
        provider: entry.provider ?? null,
        request_id: entry.requestId ?? null,
        message_id: entry.messageId ?? null,
        assertion_id: entry.assertionId ?? null,
        outcome: entry.outcome ?? null,
        person_hash: entry.person ? this.#personHash.hash(hashInput(entry.person)) : null,
        content: this.#cipher.seal(Buffer.from(JSON.stringify(entry.evidence)), context(id)),
      })
      .execute();
  }

  /** Everything that belongs to a support reference, in the order it happened. Opens no evidence. */
  async trace(db: Queryable, reference: string): Promise<EntrySummary[]> {
    const rows = await db
      .selectFrom('register_entries')
      .selectAll()
      .where('transaction_id', 'in', (q) =>
        q.selectFrom('register_entries').select('transaction_id').where('reference', '=', reference),
      )
      .orderBy('seq')
      .execute();
    return rows.map((row) => ({
      at: new Date(row.at),
      transactionId: row.transaction_id,
      kind: row.kind,
      entityId: row.entity_id,
      clientId: row.client_id,
      provider: row.provider,
      requestId: row.request_id,
      messageId: row.message_id,
      outcome: row.outcome,
    }));
  }

  /** Opens the evidence of every entry of a transaction: for the check that a stored message can still be verified. */
  async evidence(db: Queryable, transactionId: string): Promise<Record<string, unknown>[]> {
    const rows = await db
      .selectFrom('register_entries')
      .select(['id', 'content'])
      .where('transaction_id', '=', transactionId)
      .orderBy('seq')
      .execute();
    return rows.map(
      (row) =>
        JSON.parse(this.#cipher.open(row.content, context(row.id)).toString('utf8')) as Record<
          string,
          unknown
        >,
    );
  }
}

function context(id: string): string {
  return `register_entries:${id}`;
}
