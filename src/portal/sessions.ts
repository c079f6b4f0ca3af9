import { randomBytes } from 'node:crypto';
import type { PersonKey } from '../identity/identity.ts';
import type { Cipher } from '../keys/cipher.ts';
import type { Clock } from '../operations/clock.ts';
import { logoutName } from '../provider/own-pages.ts';
import type { Store, Transaction } from '../store/store.ts';
import type { Area } from './area.ts';
import type { SignedIn } from './relying-party.ts';
import { sha256 } from './sign-ins.ts';

/** Somebody signed in to an area. */
export interface PortalSession extends SignedIn {
  /** What a form of this session has to carry as `csrf`. */
  readonly csrf: string;
}

/** Use is written down at most so often. */
const SEEN_EVERY_MS = 30 * 1000;

/** Sessions of one area: known by the hash of what the cookie holds, encrypted, with two ends. */
export class PortalSessions {
  readonly #area: Area;
  readonly #store: Store;
  readonly #cipher: Cipher;
  readonly #clock: Clock;

  constructor(area: Area, parts: { store: Store; cipher: Cipher; clock: Clock }) {
    this.#area = area;
    this.#store = parts.store;
    this.#cipher = parts.cipher;
    this.#clock = parts.clock;
  }

  /**
   * @param beganAt when she left to sign in, in milliseconds since 1970: a logout from then on ends the session
   * @returns what the cookie has to hold
   */
  async open(signedIn: SignedIn, beganAt: number): Promise<string> {
    const id = randomBytes(32).toString('base64url');
    const session: PortalSession = { ...signedIn, csrf: randomBytes(32).toString('base64url') };
    const [hash, now] = [sha256(id), this.#clock.now().getTime()];
    const ends = now + this.#area.longestMinutes * 60_000;
    await this.#store.db
      .insertInto('portal_sessions')
      .values({
        id_hash: hash,
        area: this.#area.id,
        content: this.#cipher.seal(Buffer.from(JSON.stringify(session)), context(hash)),
        seen_at: now,
        ends_at: ends,
        expires_at: this.#idleEnd(now, ends),
        began_at: beganAt,
        sid_hash: logoutName({ sid: signedIn.sid }),
        sub_hash: logoutName({ sub: signedIn.sub }),
      })
      .execute();
    return id;
  }

  /** The session behind a cookie, which lives on by being used, as long as the login that it came from has not ended. */
  async find(id: string): Promise<PortalSession | undefined> {
    const [hash, now] = [sha256(id), this.#clock.now().getTime()];
    const row = await this.#store.db
      .selectFrom('portal_sessions')
      .selectAll()
      .where('id_hash', '=', hash)
      .where('area', '=', this.#area.id)
      .where('expires_at', '>', now)
      .where((where) =>
        where.not(
          where.exists(
            where
              .selectFrom('portal_logouts')
              .select('name_hash')
              .where('name_hash', 'in', [where.ref('sid_hash'), where.ref('sub_hash')])
              .whereRef('at', '>=', 'began_at'),
          ),
        ),
      )
      .executeTakeFirst();
    if (!row) return undefined;
    if (now - row.seen_at >= SEEN_EVERY_MS) {
      await this.#store.db
        .updateTable('portal_sessions')
        .set({ seen_at: now, expires_at: this.#idleEnd(now, row.ends_at) })
        .where('id_hash', '=', hash)
        .execute();
    }
    return this.#opened(row);
  }

  async close(id: string): Promise<void> {
    await this.#store.db.deleteFrom('portal_sessions').where('id_hash', '=', sha256(id)).execute();
  }

  /** Ends the sessions of whoever is meant: few are signed in to an area whose people can be sent away. */
  async endOf(transaction: Transaction, isMeant: (person: PersonKey) => boolean): Promise<void> {
    const rows = await transaction
      .selectFrom('portal_sessions')
      .select(['id_hash', 'content'])
      .where('area', '=', this.#area.id)
      .execute();
    const meant = rows.filter((row) => this.#isOf(row, isMeant)).map(({ id_hash }) => id_hash);
    if (meant.length > 0)
      await transaction.deleteFrom('portal_sessions').where('id_hash', 'in', meant).execute();
  }

  /** One that cannot be read any more (its key is gone) is of anybody. */
  #isOf(
    row: { readonly id_hash: string; readonly content: Uint8Array },
    isMeant: (person: PersonKey) => boolean,
  ): boolean {
    try {
      return isMeant(this.#opened(row).person);
    } catch {
      return true;
    }
  }

  #opened({ id_hash, content }: { readonly id_hash: string; readonly content: Uint8Array }): PortalSession {
    const { authenticatedAt, ...session } = JSON.parse(
      this.#cipher.open(content, context(id_hash)).toString(),
    ) as Omit<PortalSession, 'authenticatedAt'> & { authenticatedAt: string };
    return { ...session, authenticatedAt: new Date(authenticatedAt) };
  }

  #idleEnd(now: number, ends: number): number {
    return Math.min(ends, now + this.#area.idleMinutes * 60_000);
  }
}

function context(hash: string): string {
  return `portal_sessions:${hash}`;
}
