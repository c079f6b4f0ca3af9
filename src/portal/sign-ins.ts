import { createHash } from 'node:crypto';
import type { Cipher } from '../keys/cipher.ts';
import type { Clock } from '../operations/clock.ts';
import type { Store } from '../store/store.ts';
import type { SignInSecrets } from './relying-party.ts';

/** As long as a login may take, and a little more. */
const SIGN_IN_MS = 130 * 60 * 1000;

/** Somebody who is away to sign in. */
export interface SignIn {
  readonly secrets: SignInSecrets;
  /** SHA-256 of the cookie of the browser that left. */
  readonly browserHash: string;
  /** Path and query to go on at. */
  readonly returnTo: string;
  /** When she left: milliseconds since 1970. */
  readonly beganAt: number;
  /** A new authentication was demanded. */
  readonly fresh: boolean;
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** Who is away to sign in. Each can come back once. */
export class SignIns {
  readonly #store: Store;
  readonly #cipher: Cipher;
  readonly #clock: Clock;

  constructor(store: Store, cipher: Cipher, clock: Clock) {
    this.#store = store;
    this.#cipher = cipher;
    this.#clock = clock;
  }

  async begin(area: string, leaving: Omit<SignIn, 'beganAt'>): Promise<void> {
    const signIn: SignIn = { ...leaving, beganAt: this.#clock.now().getTime() };
    const hash = sha256(signIn.secrets.state);
    await this.#store.db
      .insertInto('portal_sign_ins')
      .values({
        state_hash: hash,
        area,
        content: this.#cipher.seal(Buffer.from(JSON.stringify(signIn)), context(hash)),
        consumed_at: null,
        expires_at: signIn.beganAt + SIGN_IN_MS,
      })
      .execute();
  }

  /** Where a sign-in wanted to go on at, whoever left for it. Within its area, so that it is no more than a link. */
  async returnTo(area: string, state: string): Promise<string | undefined> {
    return (await this.#find(area, sha256(state)))?.returnTo;
  }

  /** @returns undefined when nobody is away under this state (any more), or another browser left */
  async claim(area: string, state: string, browserHash: string): Promise<SignIn | undefined> {
    const hash = sha256(state);
    const signIn = await this.#find(area, hash);
    // Before it is used up: another browser must not be able to spoil it.
    if (signIn?.browserHash !== browserHash) return undefined;
    const claimed = await this.#store.db
      .updateTable('portal_sign_ins')
      .set({ consumed_at: this.#clock.now().getTime() })
      .where('state_hash', '=', hash)
      .where('consumed_at', 'is', null)
      .executeTakeFirst();
    return claimed.numUpdatedRows === 1n ? signIn : undefined;
  }

  async #find(area: string, hash: string): Promise<SignIn | undefined> {
    const row = await this.#store.db
      .selectFrom('portal_sign_ins')
      .select('content')
      .where('state_hash', '=', hash)
      .where('area', '=', area)
      .where('expires_at', '>', this.#clock.now().getTime())
      .executeTakeFirst();
    return row && (JSON.parse(this.#cipher.open(row.content, context(hash)).toString()) as SignIn);
  }
}

function context(hash: string): string {
  return `portal_sign_ins:${hash}`;
}
