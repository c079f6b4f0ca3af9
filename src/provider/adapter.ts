import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import { errors, type Adapter, type AdapterConstructor, type AdapterPayload } from 'oidc-provider';
import type { ClientRegister } from '../clients/register.ts';
import type { Cipher } from '../keys/cipher.ts';
import type { Clock } from '../operations/clock.ts';
import { prepared } from '../store/prepared.ts';
import type { Database } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { ClientLimits } from './limits.ts';
import { clientMetadata } from './client-metadata.ts';
import { issuedBy, type Recorder } from './recorder.ts';
import type { ServiceErrorCode } from './service-errors.ts';
import { recordContext, SessionRecords } from './session-records.ts';

export interface AdapterOptions {
  readonly store: Store;
  readonly cipher: Cipher;
  readonly clients: ClientRegister;
  readonly clock: Clock;
  readonly clientLimits: ClientLimits;
  /** Seconds that a login may take. */
  readonly lifetimes: { readonly login: number };
  readonly recorder: Recorder;
}

/** Seconds that a service is told that what it sends has expired, and not that nobody ever saw it. */
const EXPLAINED: Readonly<Record<string, number>> = {
  AuthorizationCode: 10 * 60,
  RefreshToken: 24 * 60 * 60,
};

/** How a token, code or session is found without keeping what would let its finder use it. */
export function idHash(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}

type WrittenRecord = Omit<Selectable<Database['oidc_records']>, 'consumed_at' | 'client_epoch'>;

/** With the epoch that its client is in at the moment of writing; what has no client has no epoch. */
const write = prepared((db, record: WrittenRecord) => {
  const { model, id_hash, client_id, grant_id, uid_hash, payload, expires_at } = record;
  const row = { grant_id, uid_hash, payload, expires_at };
  return db
    .insertInto('oidc_records')
    .values({
      model,
      id_hash,
      consumed_at: null,
      ...row,
      client_id,
      client_epoch: (insert) =>
        insert.selectFrom('clients').select('epoch').where('clients.id', '=', client_id),
    })
    .onConflict((conflict) => conflict.columns(['model', 'id_hash']).doUpdateSet(row));
});

const foundBy = (column: 'id_hash' | 'uid_hash') =>
  prepared((db, { model, hash }: { model: string; hash: string }) =>
    db
      .selectFrom('oidc_records')
      .leftJoin('clients', 'clients.id', 'oidc_records.client_id')
      .select(['id_hash', 'payload', 'consumed_at', 'expires_at', 'client_id', 'client_epoch', 'epoch'])
      .where('model', '=', model)
      .where(column, '=', hash),
  );
const FOUND_BY = { id_hash: foundBy('id_hash'), uid_hash: foundBy('uid_hash') };

/**
 * Where oidc-provider keeps its state: one table for every model, payloads encrypted, identifiers hashed, single use
 * decided by the database and not by a look before (the library itself only looks).
 */
export function adapterFactory(options: AdapterOptions): AdapterConstructor {
  const sessions = new SessionRecords(options.cipher);
  return class implements Adapter {
    readonly #model: string;
    /** Seconds that a record is kept after it is good for anything: a login that began with it may still be under way. */
    readonly #remembered: number;

    constructor(model: string) {
      this.#model = model;
      this.#remembered =
        model === 'PushedAuthorizationRequest' ? options.lifetimes.login : (EXPLAINED[model] ?? 0);
    }

    async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
      const hash = idHash(id);
      const row = this.#row(hash, payload, expiresIn);
      if (
        this.#model === 'Session' &&
        (await sessions.write(options.store.db, hash, payload, (whole) => this.#row(hash, whole, expiresIn)))
      )
        return;
      const record = { model: this.#model, id_hash: hash, client_id: payload.clientId ?? null, ...row };
      const issued = issuedBy(this.#model, payload, {
        idHash: hash,
        grantHash: idHash(payload.grantId ?? ''),
        sessionHash: payload.sessionUid ? idHash(payload.sessionUid) : undefined,
      });
      if (!issued) {
        await write(options.store.db, record);
        return;
      }
      await options.store.transaction(async (transaction) => {
        await write(transaction, record);
        await options.recorder.issued(transaction, issued);
      });
    }

    async find(id: string): Promise<AdapterPayload | undefined> {
      if (this.#model === 'Client') {
        await options.clientLimits.named(id);
        const client = await options.clients.find(id);
        if (!client) await explainAbsence(options, id);
        return client && clientMetadata(client);
      }
      return this.#read('id_hash', idHash(id));
    }

    findByUid(uid: string): Promise<AdapterPayload | undefined> {
      return this.#read('uid_hash', idHash(uid));
    }

    /** The device flow is not offered, so nothing has a user code. */
    async findByUserCode(): Promise<undefined> {
      return undefined;
    }

    /**
     * Uses up a code or token. Of any number of parallel attempts exactly one returns; the others are reuse, which
     * ends everything that came of the same grant (RFC 6749, 4.1.2).
     */
    async consume(id: string): Promise<void> {
      const consumed = await options.store.db
        .updateTable('oidc_records')
        .set({ consumed_at: options.clock.now().getTime() })
        .where('model', '=', this.#model)
        .where('id_hash', '=', idHash(id))
        .where('consumed_at', 'is', null)
        .executeTakeFirst();
      if (consumed.numUpdatedRows === 1n) return;
      const payload = await this.find(id);
      if (payload?.grantId) await endGrant(options.store, payload.grantId);
      if (this.#model === 'PushedAuthorizationRequest')
        throw new errors.InvalidRequestUri('pushed_request_used' satisfies ServiceErrorCode);
      throw new errors.InvalidGrant(
        this.#model === 'RefreshToken' ? 'refresh token already used' : 'authorization code already consumed',
      );
    }

    async destroy(id: string): Promise<void> {
      await options.store.db
        .deleteFrom('oidc_records')
        .where('model', '=', this.#model)
        .where('id_hash', '=', idHash(id))
        .execute();
    }

    async revokeByGrantId(grantId: string): Promise<void> {
      await options.store.db
        .deleteFrom('oidc_records')
        .where('model', '=', this.#model)
        .where('grant_id', '=', grantId)
        .execute();
    }

    #row(hash: string, payload: AdapterPayload, expiresIn: number) {
      return {
        grant_id: payload.grantId ?? null,
        uid_hash: payload.uid ? idHash(payload.uid) : null,
        payload: options.cipher.seal(Buffer.from(JSON.stringify(payload)), this.#context(hash)),
        expires_at: expiresIn ? options.clock.now().getTime() + (expiresIn + this.#remembered) * 1000 : null,
      };
    }

    #opened(hash: string, payload: Uint8Array): AdapterPayload {
      return JSON.parse(options.cipher.open(payload, this.#context(hash)).toString('utf8')) as AdapterPayload;
    }

    async #read(column: 'id_hash' | 'uid_hash', hash: string): Promise<AdapterPayload | undefined> {
      const [row] = await FOUND_BY[column](options.store.db, { model: this.#model, hash });
      // A suspension ends for good what was issued before it; so does a new client that takes the id of one that is gone.
      if (row && row.client_id !== null && row.epoch !== row.client_epoch) return undefined;
      if (!row || (row.expires_at !== null && row.expires_at <= options.clock.now().getTime()))
        return undefined;
      if (this.#model === 'Session') return sessions.read(row.id_hash, row.payload);
      const payload = this.#opened(row.id_hash, row.payload);
      return row.consumed_at === null
        ? payload
        : { ...payload, consumed: Math.floor(row.consumed_at / 1000) };
    }

    #context(hash: string): string {
      return recordContext(this.#model, hash);
    }
  };
}

/** A client that cannot be entered is unknown here; its developers are told why. */
async function explainAbsence({ clients, clientLimits }: AdapterOptions, id: string): Promise<void> {
  const state = await clients.state(id);
  if (state === 'suspended' || state === 'retired') clientLimits.explain(`client_${state}`);
}

/** Deletes a grant and everything that was issued under it. */
async function endGrant(store: Store, grantId: string): Promise<void> {
  await store.db
    .deleteFrom('oidc_records')
    .where((where) =>
      where.or([
        where.and([
          where('grant_id', '=', grantId),
          where('model', '!=', 'AuthorizationCode'),
          where('model', '!=', 'RefreshToken'),
        ]),
        where.and([where('model', '=', 'Grant'), where('id_hash', '=', idHash(grantId))]),
      ]),
    )
    .execute();
}

/** Remembers a jti once. @returns false when it was seen before (private_key_jwt assertions and the like) */
export async function rememberOnce(
  store: Store,
  issuer: string,
  jti: string,
  expiresAtSeconds: number,
): Promise<boolean> {
  const result = await store.db
    .insertInto('used_once')
    .values({ kind: 'jti', id: idHash(JSON.stringify([issuer, jti])), expires_at: expiresAtSeconds * 1000 })
    .onConflict((conflict) => conflict.columns(['kind', 'id']).doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}
