import { isDeepStrictEqual } from 'node:util';
import type { Updateable } from 'kysely';
import type { AdapterPayload } from 'oidc-provider';
import type { Cipher } from '../keys/cipher.ts';
import type { Database } from '../store/schema.ts';
import type { Queryable } from '../store/store.ts';

/** What a session of the library says about the clients that were entered from it. */
export type Authorizations = Readonly<
  Record<string, { readonly sid?: string | undefined; readonly grantId?: string | undefined }>
>;

type Row = Updateable<Database['oidc_records']>;

/** What is left of a session that has ended: a request that still has it in hand must not bring it back. */
const ENDED: AdapterPayload = { ended: true };

/**
 * The rows of sessions. Tabs of one browser write them at the same moment, and so does what ends identities: nobody's
 * services may get lost by another's writing, and none that has ended may come back by it.
 */
export class SessionRecords {
  readonly #cipher: Cipher;
  /** What a request has read of the services of its session, by the object that the library goes on with. */
  readonly #asRead = new WeakMap<object, Authorizations>();

  constructor(cipher: Cipher) {
    this.#cipher = cipher;
  }

  /** A session for a request; undefined when it has ended. */
  read(idHash: string, sealed: Uint8Array): AdapterPayload | undefined {
    const payload = this.#opened(idHash, sealed);
    if (payload['ended']) return undefined;
    this.#remember(payload.authorizations);
    return payload;
  }

  /**
   * Writes over a session that is there: what the request has entered is added to what is stored.
   * @param row of what is to be stored
   * @returns false when it is not there
   */
  async write(
    db: Queryable,
    idHash: string,
    session: AdapterPayload,
    row: (payload: AdapterPayload) => Row,
  ): Promise<boolean> {
    const { authorizations: own } = session;
    const before = (own && this.#asRead.get(own)) ?? {};
    const entered = Object.entries(own ?? {}).filter(([id, entry]) => !isDeepStrictEqual(before[id], entry));
    const written = await change(db, idHash, async (sealed) => {
      const held = this.#opened(idHash, sealed);
      if (held['ended']) return undefined;
      return row({
        ...session,
        authorizations: { ...held.authorizations, ...Object.fromEntries(entered) },
      });
    });
    this.#remember(own);
    return written;
  }

  /**
   * Takes services out of a session, or ends it.
   * @param remains what is to go on of it, of undefined when it cannot be read any more (its key is gone)
   */
  async reduce(
    db: Queryable,
    idHash: string,
    remains: (session: AdapterPayload | undefined) => Promise<AdapterPayload | undefined>,
  ): Promise<void> {
    await change(db, idHash, async (sealed) => {
      const session = this.#readable(idHash, sealed);
      if (session?.['ended']) return undefined;
      const left = await remains(session);
      return left
        ? { payload: this.#sealed(idHash, left) }
        : { payload: this.#sealed(idHash, ENDED), uid_hash: null };
    });
  }

  #remember(authorizations: Authorizations | undefined): void {
    if (authorizations) this.#asRead.set(authorizations, structuredClone(authorizations));
  }

  #readable(idHash: string, sealed: Uint8Array): AdapterPayload | undefined {
    try {
      return this.#opened(idHash, sealed);
    } catch {
      return undefined;
    }
  }

  #opened(idHash: string, sealed: Uint8Array): AdapterPayload {
    const text = this.#cipher.open(sealed, recordContext('Session', idHash)).toString('utf8');
    return JSON.parse(text) as AdapterPayload;
  }

  #sealed(idHash: string, payload: AdapterPayload): Uint8Array {
    return this.#cipher.seal(Buffer.from(JSON.stringify(payload)), recordContext('Session', idHash));
  }
}

/** What a payload is sealed for: it opens in its own row only. */
export function recordContext(model: string, idHash: string): string {
  return `oidc_records:${model}:${idHash}`;
}

/**
 * Writes only over what it has read; otherwise somebody was quicker, and it reads again. Nothing waits for anything.
 * @param next what is to be in the row's place; undefined leaves it as it is
 * @returns false when there is no such row
 */
async function change(
  db: Queryable,
  idHash: string,
  next: (sealed: Uint8Array) => Promise<Row | undefined>,
): Promise<boolean> {
  for (;;) {
    const held = await db
      .selectFrom('oidc_records')
      .select('payload')
      .where('model', '=', 'Session')
      .where('id_hash', '=', idHash)
      .executeTakeFirst();
    if (!held) return false;
    const row = await next(held.payload);
    if (!row) return true;
    const updated = await db
      .updateTable('oidc_records')
      .set(row)
      .where('model', '=', 'Session')
      .where('id_hash', '=', idHash)
      .where('payload', '=', held.payload)
      .executeTakeFirst();
    if (updated.numUpdatedRows === 1n) return true;
  }
}
