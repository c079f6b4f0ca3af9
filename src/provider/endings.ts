import type { StandingRef } from '../identity/identities.ts';
import type { Cipher } from '../keys/cipher.ts';
import type { Transaction } from '../store/store.ts';
import type { LogoutNotice, LogoutNotices } from './logout-notices.ts';
import { SessionRecords, type Authorizations } from './session-records.ts';

/** Ends what stands on identities that are gone: sessions, grants and their tokens; and has every service told. */
export class Endings {
  readonly #sessions: SessionRecords;
  readonly #notices: LogoutNotices;

  constructor(cipher: Cipher, notices: LogoutNotices) {
    this.#sessions = new SessionRecords(cipher);
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

  /** What a session holds of one entity ends; the rest of it goes on, if anything is left, or ends too. */
  async #endSession(transaction: Transaction, { refHash, entityId }: StandingRef): Promise<void> {
    await this.#notices.tellOwnPages(transaction, { sid: refHash });
    // Of two tabs that finish a login at once, each gave the session a name of its own.
    const rows = await transaction
      .selectFrom('oidc_records')
      .select('id_hash')
      .where('model', '=', 'Session')
      .where('uid_hash', '=', refHash)
      .execute();
    const left = await transaction
      .selectFrom('session_identities')
      .select('identity_id')
      .where('session_hash', '=', refHash)
      .executeTakeFirst();
    for (const { id_hash } of rows) {
      let ended: readonly LogoutNotice[] = [];
      await this.#sessions.reduce(transaction, id_hash, async (session) => {
        const authorizations: Authorizations = session?.authorizations ?? {};
        const entered = Object.keys(authorizations);
        const concerned = left ? await this.#clientsOf(transaction, entityId, entered) : entered;
        ended = noticesOf(session?.accountId, authorizations, concerned);
        if (!left || !session) return undefined;
        const rest = Object.entries(authorizations).filter(([id]) => !concerned.includes(id));
        return { ...session, authorizations: Object.fromEntries(rest) };
      });
      for (const notice of ended) await this.#notices.tell(transaction, notice);
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

/** Whom of the clients to tell: those that were entered, and so know the session by a name. */
function noticesOf(
  personId: string | undefined,
  authorizations: Authorizations,
  clientIds: readonly string[],
): LogoutNotice[] {
  return clientIds.flatMap((clientId) => {
    const { sid } = authorizations[clientId] ?? {};
    return sid && personId ? [{ clientId, personId, sid }] : [];
  });
}
