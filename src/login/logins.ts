import type { Selectable } from 'kysely';
import type { Cipher } from '../keys/cipher.ts';
import { newReference } from '../operations/reference.ts';
import type { Database } from '../store/schema.ts';
import type { Queryable, Store, Transaction } from '../store/store.ts';

/** Where the client wants the citizen back; taken from its validated request. */
export interface ReturnAddress {
  readonly redirectUri: string;
  readonly state?: string | undefined;
}

/** What is remembered of a login, a day longer than the OpenID Provider does: late citizens still find the way back. */
export interface LoginRecord {
  readonly uid: string;
  readonly reference: string;
  readonly clientId: string;
  readonly entityId: string;
  readonly returnAddress: ReturnAddress;
  readonly identityId: string | null;
  /** The identity that the one being proved adds to, where only what was missing was asked for. */
  readonly baseIdentityId: string | null;
  readonly completed: boolean;
}

const REMEMBERED_MS = 24 * 60 * 60 * 1000;

export class Logins {
  readonly #store: Store;
  readonly #cipher: Cipher;

  constructor(store: Store, cipher: Cipher) {
    this.#store = store;
    this.#cipher = cipher;
  }

  /** The record of a login, made at its first page. Two tabs on the same login get the same record: one is the first. */
  async open(
    login: Pick<LoginRecord, 'uid' | 'clientId' | 'entityId' | 'returnAddress'>,
    now: Date,
  ): Promise<LoginRecord & { readonly first: boolean }> {
    const inserted = await this.#store.db
      .insertInto('logins')
      .values({
        uid: login.uid,
        reference: newReference(),
        client_id: login.clientId,
        entity_id: login.entityId,
        content: this.#cipher.seal(Buffer.from(JSON.stringify(login.returnAddress)), context(login.uid)),
        created_at: now.getTime(),
        identity_id: null,
        base_identity_id: null,
        completed_at: null,
        expires_at: now.getTime() + REMEMBERED_MS,
      })
      .onConflict((conflict) => conflict.column('uid').doNothing())
      .returningAll()
      .executeTakeFirst();
    if (inserted) return { ...this.#record(inserted), first: true };
    const record = await this.find(this.#store.db, login.uid);
    if (!record) throw new Error('a login vanished while it was opened');
    return { ...record, first: false };
  }

  async find(db: Queryable, uid: string): Promise<LoginRecord | undefined> {
    const row = await db.selectFrom('logins').selectAll().where('uid', '=', uid).executeTakeFirst();
    return row && this.#record(row);
  }

  #record(row: Selectable<Database['logins']>): LoginRecord {
    return {
      uid: row.uid,
      reference: row.reference,
      clientId: row.client_id,
      entityId: row.entity_id,
      returnAddress: JSON.parse(
        this.#cipher.open(row.content, context(row.uid)).toString('utf8'),
      ) as ReturnAddress,
      identityId: row.identity_id,
      baseIdentityId: row.base_identity_id,
      completed: row.completed_at !== null,
    };
  }

  /** Attaches the identity a source proved; a second answer to the same login replaces the first. */
  async attach(transaction: Transaction, uid: string, identityId: string): Promise<void> {
    await transaction.updateTable('logins').set({ identity_id: identityId }).where('uid', '=', uid).execute();
  }

  /** Notes what the next answer adds to; null: it stands alone. */
  async build(uid: string, baseIdentityId: string | null): Promise<void> {
    await this.#store.db
      .updateTable('logins')
      .set({ base_identity_id: baseIdentityId })
      .where('uid', '=', uid)
      .execute();
  }

  /**
   * Notes that the citizen was handed back to the client, so that a later visit is told from an expired login.
   * @returns whether for the first time
   */
  async complete(uid: string, now: Date): Promise<boolean> {
    const completed = await this.#store.db
      .updateTable('logins')
      .set({ completed_at: now.getTime() })
      .where('uid', '=', uid)
      .where('completed_at', 'is', null)
      .executeTakeFirst();
    return completed.numUpdatedRows === 1n;
  }
}

function context(uid: string): string {
  return `logins:${uid}`;
}
