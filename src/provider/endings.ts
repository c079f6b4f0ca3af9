import type { AdapterPayload } from 'oidc-provider';
import type { StandingRef } from '../identity/identities.ts';
import type { Cipher } from '../keys/cipher.ts';
import type { Transaction } from '../store/store.ts';
import { recordContext } from './adapter.ts';
import type { LogoutNotices } from './logout-notices.ts';

/** What a session of the library says about the clients that were entered from it. */
type Authorizations = Readonly<Record<string, { readonly sid?: string; readonly grantId?: string }>>;

/** Ends what stands on identities that are gone: sessions, grants and their tokens; and has every service told. */
export class Endings {
  readonly #cipher: Cipher;
  readonly #notices: LogoutNotices;

  constructor(cipher: Cipher, notices: LogoutNotices) {
    this.#cipher = cipher;
    this.#notices = notices;
  }

  /** All in one transaction with whatever took the identities away. */
  async end(transaction: Transaction, refs: readonly StandingRef[]): Promise<void> {
    for (const ref of refs) {
      if (ref.kind === 'session') await this.#endSession(transaction, ref);
    }
    const grants = refs.filter(({ kind }) => kind === 'grant').map(({ refHash }) => refHash);
    if (grants.length === 0) return;
    // Tokens are looked up with their grant: without it they are worth nothing.
    await transaction
      .deleteFrom('oidc_records')
      .where('model', '=', 'Grant')
      .where('id_hash', 'in', grants)
      .execute();
  }

  /** What a session holds of one entity ends; the rest of it goes on, if anything is left. */
  async #endSession(transaction: Transaction, { refHash, entityId }: StandingRef): Promise<void> {
    await this.#notices.tellOwnPages(transaction, { sid: refHash });
    const row = await transaction
      .selectFrom('oidc_records')
      .select(['id_hash', 'payload'])
      .where('model', '=', 'Session')
      .where('uid_hash', '=', refHash)
      .executeTakeFirst();
    if (!row) return;
    const session = this.#opened(row);
    const authorizations = (session?.['authorizations'] ?? {}) as Authorizations;
    const concerned = await this.#clientsOf(transaction, entityId, Object.keys(authorizations));
    for (const clientId of concerned) {
      const { sid } = authorizations[clientId] ?? {};
      if (sid && typeof session?.accountId === 'string')
        await this.#notices.tell(transaction, { clientId, personId: session.accountId, sid });
    }
    const left = await transaction
      .selectFrom('session_identities')
      .select('identity_id')
      .where('session_hash', '=', refHash)
      .executeTakeFirst();
    if (!left || !session) {
      await transaction
        .deleteFrom('oidc_records')
        .where('model', '=', 'Session')
        .where('id_hash', '=', row.id_hash)
        .execute();
      return;
    }
    const rest = Object.fromEntries(Object.entries(authorizations).filter(([id]) => !concerned.includes(id)));
    const payload = Buffer.from(JSON.stringify({ ...session, authorizations: rest }));
    await transaction
      .updateTable('oidc_records')
      .set({ payload: this.#cipher.seal(payload, recordContext('Session', row.id_hash)) })
      .where('model', '=', 'Session')
      .where('id_hash', '=', row.id_hash)
      .execute();
  }

  /** A session that cannot be read any more (its key is gone) ends all the same. */
  #opened(row: { readonly id_hash: string; readonly payload: Uint8Array }): AdapterPayload | undefined {
    try {
      const text = this.#cipher.open(row.payload, recordContext('Session', row.id_hash)).toString('utf8');
      return JSON.parse(text) as AdapterPayload;
    } catch {
      return undefined;
    }
  }

  async #clientsOf(transaction: Transaction, entityId: string, ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    const rows = await transaction
      .selectFrom('clients')
      .select('id')
      .where('id', 'in', ids)
      .where('entity_id', '=', entityId)
      .execute();
    return rows.map(({ id }) => id);
  }
}
