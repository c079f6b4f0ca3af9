import {
  argon2,
  createHmac,
  createSecretKey,
  randomBytes,
  randomUUID,
  timingSafeEqual,
  type Argon2Parameters,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from '../operations/clock.ts';
import type { Queryable, Store, Transaction } from '../store/store.ts';

/** argon2id with the parameters that OWASP recommends: 19 MiB, 2 passes, 1 lane; about 35 ms. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;

/** How long a secret that verified need not be hashed again, in milliseconds. */
const REMEMBERED_MS = 10 * 60 * 1000;
/** `last_used_at` is a help for operators, not a counter: once a minute is enough. */
const USE_NOTED_MS = 60 * 1000;

const hashAsync = promisify(argon2) as (
  algorithm: 'argon2id',
  parameters: Argon2Parameters,
) => Promise<Buffer>;

/** A secret as a list shows it. */
export interface SecretFacts {
  readonly id: string;
  readonly created: Date;
  /** It works no more from then on. */
  readonly expires: Date | undefined;
  /** To the minute. */
  readonly lastUsed: Date | undefined;
}

/** Whether a secret has not ended by itself. */
export function isWorking({ expires }: Pick<SecretFacts, 'expires'>, now: Date): boolean {
  return expires === undefined || expires > now;
}

/** The secrets of clients: several at a time, hashed, never readable again. */
export class ClientSecrets {
  readonly #store: Store;
  readonly #clock: Clock;
  /** Secrets that verified lately, by a MAC under a key that only this process has. */
  readonly #verified = new Map<string, { until: number; noted: number }>();
  readonly #processKey = createSecretKey(randomBytes(32));

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Makes the hashes of a client be those of exactly these secrets; those that verify already are left as they are.
   * @returns ids of those that came and went
   */
  async replace(
    transaction: Transaction,
    clientId: string,
    secrets: readonly string[],
  ): Promise<{ readonly added: readonly string[]; readonly ended: readonly string[] }> {
    const rows = await transaction
      .selectFrom('client_secrets')
      .selectAll()
      .where('client_id', '=', clientId)
      .execute();
    const kept = new Set<string>();
    const added: string[] = [];
    for (const secret of secrets) {
      const match = await firstMatching(rows, secret);
      if (match) {
        kept.add(match.id);
        continue;
      }
      const id = randomUUID();
      added.push(id);
      await transaction
        .insertInto('client_secrets')
        .values({
          id,
          client_id: clientId,
          hash: await hashed(secret),
          created_at: this.#clock.now().getTime(),
          expires_at: null,
          last_used_at: null,
        })
        .execute();
    }
    const ended = rows.map(({ id }) => id).filter((id) => !kept.has(id));
    for (const id of ended) await transaction.deleteFrom('client_secrets').where('id', '=', id).execute();
    return { added, ended };
  }

  /**
   * Adds a secret to those the client has: old and new work side by side until the old one is ended.
   * @param until when it ends by itself
   * @returns its text, which nobody can read again
   */
  async add(transaction: Transaction, clientId: string, until?: Date): Promise<{ id: string; text: string }> {
    const [id, text] = [randomUUID(), randomBytes(32).toString('base64url')];
    await transaction
      .insertInto('client_secrets')
      .values({
        id,
        client_id: clientId,
        hash: await hashed(text),
        last_used_at: null,
        expires_at: until?.getTime() ?? null,
        created_at: this.#clock.now().getTime(),
      })
      .execute();
    return { id, text };
  }

  /** What a client has works no longer than until then. */
  async limit(transaction: Transaction, clientId: string, until: Date): Promise<void> {
    const at = until.getTime();
    await transaction
      .updateTable('client_secrets')
      .set({ expires_at: at })
      .where('client_id', '=', clientId)
      .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', at)]))
      .execute();
  }

  /** A secret works no more. @returns false when the client has none of this id */
  async end(transaction: Transaction, clientId: string, id: string): Promise<boolean> {
    const deleted = await transaction
      .deleteFrom('client_secrets')
      .where('id', '=', id)
      .where('client_id', '=', clientId)
      .executeTakeFirst();
    return deleted.numDeletedRows === 1n;
  }

  /** What there is to know about the secrets of a client, oldest first. */
  async list(db: Queryable, clientId: string): Promise<SecretFacts[]> {
    const rows = await db
      .selectFrom('client_secrets')
      .select(['id', 'created_at', 'expires_at', 'last_used_at'])
      .where('client_id', '=', clientId)
      .orderBy('created_at')
      .execute();
    return rows.map(({ id, created_at, expires_at, last_used_at }) => ({
      id,
      created: new Date(created_at),
      expires: expires_at === null ? undefined : new Date(expires_at),
      lastUsed: last_used_at === null ? undefined : new Date(last_used_at),
    }));
  }

  /** Whether a secret is one of the client's that have not expired. */
  async verify(clientId: string, secret: string): Promise<boolean> {
    const now = this.#clock.now().getTime();
    const rows = await this.#store.db
      .selectFrom('client_secrets')
      .selectAll()
      .where('client_id', '=', clientId)
      .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
      .execute();
    for (const row of rows) {
      const mac = createHmac('sha256', this.#processKey)
        .update(JSON.stringify([row.id, row.hash, secret]))
        .digest('base64url');
      const known = this.#verified.get(mac);
      if (!(known && known.until > now) && !(await matches(row.hash, secret))) continue;
      await this.#note(row.id, mac, now);
      return true;
    }
    return false;
  }

  /** Whether a secret was one of the client's, and has expired. */
  async hasExpired(clientId: string, secret: string): Promise<boolean> {
    const rows = await this.#store.db
      .selectFrom('client_secrets')
      .select('hash')
      .where('client_id', '=', clientId)
      .where('expires_at', '<=', this.#clock.now().getTime())
      .execute();
    return (await firstMatching(rows, secret)) !== undefined;
  }

  async #note(id: string, mac: string, now: number): Promise<void> {
    const known = this.#verified.get(mac);
    const noteUse = !known || now - known.noted >= USE_NOTED_MS;
    for (const [other, { until }] of this.#verified) if (until <= now) this.#verified.delete(other);
    this.#verified.set(mac, { until: now + REMEMBERED_MS, noted: noteUse ? now : known.noted });
    if (!noteUse) return;
    await this.#store.db
      .updateTable('client_secrets')
      .set({ last_used_at: now })
      .where('id', '=', id)
      .execute();
  }
}

async function firstMatching<Row extends { readonly hash: string }>(
  rows: readonly Row[],
  secret: string,
): Promise<Row | undefined> {
  for (const row of rows) if (await matches(row.hash, secret)) return row;
  return undefined;
}

/** PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. */
async function hashed(secret: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(secret, salt, MEMORY_KIB, PASSES, LANES);
  const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${text(salt)}$${text(hash)}`;
}

async function matches(phc: string, secret: string): Promise<boolean> {
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(phc);
  if (!parts) return false;
  const [, memory, passes, lanes, salt = '', hash = ''] = parts;
  const expected = Buffer.from(hash, 'base64');
  const actual = await derive(
    secret,
    Buffer.from(salt, 'base64'),
    Number(memory),
    Number(passes),
    Number(lanes),
  );
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function derive(
  secret: string,
  nonce: Buffer,
  memory: number,
  passes: number,
  parallelism: number,
): Promise<Buffer> {
  return hashAsync('argon2id', { message: secret, nonce, memory, passes, parallelism, tagLength: 32 });
}
