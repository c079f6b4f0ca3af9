import { randomBytes } from 'node:crypto';
import type { Cipher } from '../keys/cipher.ts';
import type { Clock } from '../operations/clock.ts';
import type { Store } from '../store/store.ts';
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

  /** @returns what the cookie has to hold */
  async open(signedIn: SignedIn): Promise<string> {
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
      })
      .execute();
    return id;
  }

  /** The session behind a cookie, which lives on by being used. */
  async find(id: string): Promise<PortalSession | undefined> {
    const [hash, now] = [sha256(id), this.#clock.now().getTime()];
    const row = await this.#store.db
      .selectFrom('portal_sessions')
      .selectAll()
      .where('id_hash', '=', hash)
      .where('area', '=', this.#area.id)
      .where('expires_at', '>', now)
      .executeTakeFirst();
    if (!row) return undefined;
    if (now - row.seen_at >= SEEN_EVERY_MS) {
      await this.#store.db
        .updateTable('portal_sessions')
        .set({ seen_at: now, expires_at: this.#idleEnd(now, row.ends_at) })
        .where('id_hash', '=', hash)
        .execute();
    }
    const { authenticatedAt, ...session } = JSON.parse(
      this.#cipher.open(row.content, context(hash)).toString(),
    ) as Omit<PortalSession, 'authenticatedAt'> & { authenticatedAt: string };
    return { ...session, authenticatedAt: new Date(authenticatedAt) };
  }

  async close(id: string): Promise<void> {
    await this.#store.db.deleteFrom('portal_sessions').where('id_hash', '=', sha256(id)).execute();
  }

  #idleEnd(now: number, ends: number): number {
    return Math.min(ends, now + this.#area.idleMinutes * 60_000);
  }
}

function context(hash: string): string {
  return `portal_sessions:${hash}`;
}
