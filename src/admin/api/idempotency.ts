import { createHash } from 'node:crypto';
import type { Cipher } from '../../keys/cipher.ts';
import type { Clock } from '../../operations/clock.ts';
import { Refused } from '../../operations/errors.ts';
import type { Store } from '../../store/store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** A request that has not ended by then was cut off. */
const UNDER_WAY_MS = 60 * 1000;

/** An answer as it is given again: never with the secret that was in it. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Requests that were repeated because their answer got lost are done once: the same key with the same request within a
 * day gets the same answer (draft-ietf-httpapi-idempotency-key-header).
 */
export class Idempotency {
  readonly #store: Store;
  readonly #cipher: Cipher;
  readonly #clock: Clock;

  constructor({ store, cipher, clock }: { store: Store; cipher: Cipher; clock: Clock }) {
    this.#store = store;
    this.#cipher = cipher;
    this.#clock = clock;
  }

  /**
   * @param key what the client calls its request; keys of different clients are different
   * @param request method, path and body
   * @throws Refused `idempotency_key_invalid`, `idempotency_key_reused` (422), `idempotency_under_way` (409)
   */
  async once(
    clientId: string,
    key: string,
    request: readonly string[],
    work: () => Promise<KeptAnswer>,
  ): Promise<KeptAnswer> {
    if (!/^[\x21-\x7e]{8,200}$/.test(key))
      throw new Refused('idempotency_key_invalid', 'Idempotency-Key: 8 to 200 visible ASCII characters');
    const id = digest([clientId, key]);
    const kept = await this.#begin(id, digest(request));
    if (kept) return kept;
    try {
      const answer = await work();
      const content = this.#cipher.seal(Buffer.from(JSON.stringify(answer)), place(id));
      await this.#store.db
        .updateTable('api_idempotency')
        .set({ content })
        .where('key_hash', '=', id)
        .execute();
      return answer;
    } catch (error) {
      // Nothing was done: the next attempt may do better.
      await this.#store.db.deleteFrom('api_idempotency').where('key_hash', '=', id).execute();
      throw error;
    }
  }

  async #begin(id: string, request: string): Promise<KeptAnswer | undefined> {
    const now = this.#clock.now().getTime();
    const db = this.#store.db;
    await db
      .deleteFrom('api_idempotency')
      .where('key_hash', '=', id)
      .where((where) =>
        where.or([
          where('expires_at', '<=', now),
          where.and([where('content', 'is', null), where('created_at', '<=', now - UNDER_WAY_MS)]),
        ]),
      )
      .execute();
    const row = { request_hash: request, content: null, created_at: now, expires_at: now + DAY_MS };
    const begun = await db
      .insertInto('api_idempotency')
      .values({ key_hash: id, ...row })
      .onConflict((conflict) => conflict.column('key_hash').doNothing())
      .executeTakeFirst();
    if (begun.numInsertedOrUpdatedRows === 1n) return undefined;
    const before = await db
      .selectFrom('api_idempotency')
      .selectAll()
      .where('key_hash', '=', id)
      .executeTakeFirst();
    if (before && before.request_hash !== request)
      throw new Refused('idempotency_key_reused', 'this Idempotency-Key was used for another request', {
        status: 422,
      });
    if (!before?.content)
      throw new Refused('idempotency_under_way', 'the first request with this key has not ended yet', {
        status: 409,
      });
    return JSON.parse(this.#cipher.open(before.content, place(id)).toString()) as KeptAnswer;
  }
}

function place(id: string): string {
  return `api_idempotency:${id}`;
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
