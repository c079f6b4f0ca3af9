import { randomUUID } from 'node:crypto';
import { isOwn } from '../clients/client.ts';
import type { Cipher } from '../keys/cipher.ts';
import type { Clock } from '../operations/clock.ts';
import type { Queryable, Store } from '../store/store.ts';
import { writeLogout, type LoggedOut } from './own-pages.ts';

/** A service has to be told that a citizen left (OpenID Connect Back-Channel Logout). */
export interface LogoutNotice {
  readonly clientId: string;
  readonly personId: string;
  /** The session as the client knows it from its ID token. */
  readonly sid: string;
}

/** A notice as the list of an operator shows it. */
export interface NoticeFacts {
  readonly id: string;
  readonly clientId: string;
  readonly createdAt: Date;
  readonly attempts: number;
  /** Undefined when it was given up. */
  readonly nextAttemptAt: Date | undefined;
  readonly failure: string | undefined;
}

/** How an attempt ended: undefined when the service was told, else why not, as a code. */
export type Send = (notice: LogoutNotice) => Promise<string | undefined>;

export type Outcome = Pick<NoticeFacts, 'clientId' | 'attempts' | 'failure'> & { readonly givenUp: boolean };

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long to wait after each failure: at once a few times for a restart, then for a day, then never by itself. */
const PAUSES = [5 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE].concat([
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  8 * HOUR,
  8 * HOUR,
]);

/** While an attempt is under way no other process makes one. */
const LEASE = MINUTE;
/** What was given up stays to be looked at. */
const KEPT = 30 * 24 * HOUR;
const AT_ONCE = 20;

/** The queue of logouts to be told: it survives a restart, and any number of processes may work on it. */
export class LogoutNotices {
  readonly #store: Store;
  readonly #cipher: Cipher;
  readonly #clock: Clock;

  constructor(store: Store, cipher: Cipher, clock: Clock) {
    this.#store = store;
    this.#cipher = cipher;
    this.#clock = clock;
  }

  /**
   * Our own pages know at once, services are told from the queue.
   * @param db the transaction that ends the session: then the client is told if and only if it ended
   */
  async tell(db: Queryable, notice: LogoutNotice): Promise<void> {
    if (isOwn({ id: notice.clientId })) await this.tellOwnPages(db, { sid: notice.sid });
    else await this.#enqueue(db, notice);
  }

  /** Ends sessions of our own pages, from the moment on at which `db` commits. */
  async tellOwnPages(db: Queryable, who: LoggedOut): Promise<void> {
    await writeLogout(db, who, this.#clock.now());
  }

  async #enqueue(db: Queryable, notice: LogoutNotice): Promise<void> {
    const id = randomUUID();
    const now = this.#clock.now().getTime();
    const { clientId, ...content } = notice;
    await db
      .insertInto('logout_notices')
      .values({
        id,
        client_id: clientId,
        content: this.#cipher.seal(Buffer.from(JSON.stringify(content)), context(id)),
        created_at: now,
        attempts: 0,
        next_attempt_at: now,
        failure: null,
        expires_at: now + KEPT,
      })
      .execute();
  }

  /** Makes the attempts that are due, each by one process only. */
  async deliver(send: Send): Promise<readonly Outcome[]> {
    const due = await this.#store.db
      .selectFrom('logout_notices')
      .selectAll()
      .where('next_attempt_at', '<=', this.#clock.now().getTime())
      .orderBy('next_attempt_at')
      .limit(AT_ONCE)
      .execute();
    const outcomes = await Promise.all(due.map((row) => this.#attempt(row, send)));
    return outcomes.filter((outcome) => outcome !== undefined);
  }

  async #attempt(
    row: {
      id: string;
      client_id: string;
      content: Uint8Array;
      attempts: number;
      next_attempt_at: number | null;
    },
    send: Send,
  ): Promise<Outcome | undefined> {
    const now = this.#clock.now().getTime();
    const attempts = row.attempts + 1;
    const claimed = await this.#store.db
      .updateTable('logout_notices')
      .set({ attempts, next_attempt_at: now + LEASE })
      .where('id', '=', row.id)
      .where('attempts', '=', row.attempts)
      .where('next_attempt_at', '=', row.next_attempt_at)
      .executeTakeFirst();
    if (claimed.numUpdatedRows !== 1n) return undefined;
    const content = JSON.parse(this.#cipher.open(row.content, context(row.id)).toString('utf8')) as Omit<
      LogoutNotice,
      'clientId'
    >;
    const failure = await send({ clientId: row.client_id, ...content });
    const pause = PAUSES[row.attempts];
    if (failure === undefined) {
      await this.#store.db.deleteFrom('logout_notices').where('id', '=', row.id).execute();
    } else {
      const next = pause === undefined ? null : this.#clock.now().getTime() + pause;
      await this.#store.db
        .updateTable('logout_notices')
        .set({ next_attempt_at: next, failure })
        .where('id', '=', row.id)
        .execute();
    }
    return {
      clientId: row.client_id,
      attempts,
      failure,
      givenUp: failure !== undefined && pause === undefined,
    };
  }

  /** What has not been delivered, oldest first. */
  async list(): Promise<NoticeFacts[]> {
    const rows = await this.#store.db
      .selectFrom('logout_notices')
      .selectAll()
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    return rows.map((row) => ({
      id: row.id,
      clientId: row.client_id,
      createdAt: new Date(row.created_at),
      attempts: row.attempts,
      nextAttemptAt: row.next_attempt_at === null ? undefined : new Date(row.next_attempt_at),
      failure: row.failure ?? undefined,
    }));
  }

  /**
   * Begins anew with what failed: due now, with every pause before it.
   * @param clientId all clients when undefined
   * @returns how many notices
   */
  async retry(clientId: string | undefined): Promise<number> {
    const now = this.#clock.now().getTime();
    const result = await this.#store.db
      .updateTable('logout_notices')
      .set({ attempts: 0, next_attempt_at: now, expires_at: now + KEPT })
      .where('failure', 'is not', null)
      .$if(clientId !== undefined, (query) => query.where('client_id', '=', clientId ?? ''))
      .executeTakeFirst();
    return Number(result.numUpdatedRows);
  }
}

function context(id: string): string {
  return `logout_notices:${id}`;
}
