import { createHash, randomBytes } from 'node:crypto';
import type { SourceKind, UpstreamSession } from '../identity/identity.ts';
import type { Cipher } from '../keys/cipher.ts';
import type { Clock } from '../operations/clock.ts';
import type { SignOutOutcome } from '../sources/source.ts';
import type { Queryable, Store, Transaction } from '../store/store.ts';

/** A citizen who has left here and whose identity provider still knows her. */
export interface SignOut {
  readonly id: string;
  readonly source: SourceKind;
  /** Short id of the entity in whose name she entered: the provider knows it and no other. */
  readonly entityId: string;
  readonly provider: string;
  readonly session: UpstreamSession;
  /** The register's transaction of the login; undefined where this was begun before it was noted. */
  readonly transaction?: string | undefined;
  /** Ids of the clients that were closed here. */
  readonly clients: readonly string[];
  /** Where the service wants her back. */
  readonly returnTo: string;
  readonly path: string;
  /** Null until she decides. */
  readonly outcome: 'sent' | SignOutOutcome | null;
}

type Content = Omit<SignOut, 'id' | 'path' | 'outcome'> & { readonly ticket: string };

/** Longer than anybody looks at a page before leaving it, in milliseconds. */
const KEPT_MS = 30 * 60 * 1000;

export class SignOuts {
  readonly #store: Store;
  readonly #cipher: Cipher;
  readonly #clock: Clock;

  constructor(store: Store, cipher: Cipher, clock: Clock) {
    this.#store = store;
    this.#cipher = cipher;
    this.#clock = clock;
  }

  /** @returns the path of the page that offers to leave the provider too */
  async open(signOut: Omit<Content, 'ticket'>): Promise<string> {
    const ticket = randomBytes(24).toString('base64url');
    const id = idOf(ticket);
    const content: Content = { ...signOut, ticket };
    await this.#store.db
      .insertInto('sign_outs')
      .values({
        id,
        content: this.#cipher.seal(Buffer.from(JSON.stringify(content)), `sign_outs:${id}`),
        outcome: null,
        expires_at: this.#clock.now().getTime() + KEPT_MS,
      })
      .execute();
    return pathOf(ticket);
  }

  find(ticket: string): Promise<SignOut | undefined> {
    return this.#find(this.#store.db, idOf(ticket));
  }

  /** The citizen goes to her provider. Of any number of attempts one gets true. */
  async leave(transaction: Transaction, id: string): Promise<boolean> {
    const result = await transaction
      .updateTable('sign_outs')
      .set({ outcome: 'sent' })
      .where('id', '=', id)
      .where('outcome', 'is', null)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }

  /** The provider has answered. @returns the path of the page that says what; undefined when nobody waits for it */
  async settle(transaction: Transaction, id: string, outcome: SignOutOutcome): Promise<string | undefined> {
    await transaction.updateTable('sign_outs').set({ outcome }).where('id', '=', id).execute();
    return (await this.#find(transaction, id))?.path;
  }

  async #find(db: Queryable, id: string): Promise<SignOut | undefined> {
    const row = await db
      .selectFrom('sign_outs')
      .selectAll()
      .where('id', '=', id)
      .where('expires_at', '>', this.#clock.now().getTime())
      .executeTakeFirst();
    if (!row) return undefined;
    const text = this.#cipher.open(row.content, `sign_outs:${id}`).toString('utf8');
    const { ticket, ...content } = JSON.parse(text) as Content;
    return { ...content, id, path: pathOf(ticket), outcome: row.outcome as SignOut['outcome'] };
  }
}

const pathOf = (ticket: string): string => `/logout/${ticket}`;

function idOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64url');
}
