import { createHash } from 'node:crypto';
import type { Purpose } from '../../clients/policy.ts';
import type { AttributeName } from '../../identity/attributes.ts';
import type { Level } from '../../identity/level.ts';
import type { Queryable, Transaction } from '../../store/store.ts';
import type { Binding, Comparison } from './request.ts';

/** A request that left and has not come back: everything its answer is compared with (spid-authn-request, 8). */
export interface PendingRequest {
  /** The AuthnRequest's ID: unique, unguessable, used once. */
  readonly id: string;
  readonly loginUid: string;
  readonly transactionId: string;
  readonly reference: string;
  readonly clientId: string;
  /** Short id of the entity. */
  readonly entityId: string;
  /** The entity's SPID entityID: Issuer of the request, Audience of the answer. */
  readonly issuer: string;
  /** entityID of the identity provider it was sent to. */
  readonly provider: string;
  readonly destination: string;
  readonly binding: Binding;
  /** As emitted, to the millisecond. */
  readonly issueInstant: Date;
  readonly level: Level;
  readonly comparison: Comparison;
  /** Lowest level the service accepts, whatever was asked. Where it is not known, nothing below `level` is accepted. */
  readonly minimumLevel?: Level;
  readonly forceAuthn: boolean;
  /** Kinds of identity that were asked for. */
  readonly purpose?: Purpose;
  readonly acsUrl: string;
  readonly attributeSet: { readonly index: number; readonly attributes: readonly AttributeName[] };
  /** Attributes without which the service cannot work. */
  readonly requiredAttributes: readonly AttributeName[];
  /** SHA-256: the RelayState itself is only in the browser. */
  readonly relayStateHash: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly consumedAt: Date | null;
  /** SHA-256 of the answer that consumed it. */
  readonly answerHash: string | null;
}

/** Kept a day longer than valid, so that a late answer is told from one that nobody asked for. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000;

export function sha256(value: string | Uint8Array): string {
  return createHash('sha256').update(value).digest('base64url');
}

export async function insert(transaction: Transaction, pending: PendingRequest): Promise<void> {
  const { id, loginUid, transactionId, entityId, provider, createdAt, expiresAt, ...rest } = pending;
  await transaction
    .insertInto('pending_requests')
    .values({
      id,
      source: 'spid',
      login_uid: loginUid,
      transaction_id: transactionId,
      entity_id: entityId,
      provider,
      request: JSON.stringify(rest),
      created_at: createdAt.getTime(),
      expires_at: expiresAt.getTime(),
      consumed_at: null,
      answer_hash: null,
      purge_at: expiresAt.getTime() + REMEMBERED_MS,
    })
    .execute();
}

export async function find(db: Queryable, id: string): Promise<PendingRequest | undefined> {
  const row = await db
    .selectFrom('pending_requests')
    .selectAll()
    .where('id', '=', id)
    .where('source', '=', 'spid')
    .executeTakeFirst();
  if (!row) return undefined;
  type Rest = Omit<PendingRequest, 'issueInstant'> & { issueInstant: string };
  const rest = JSON.parse(row.request) as Rest;
  return {
    ...rest,
    id: row.id,
    loginUid: row.login_uid,
    transactionId: row.transaction_id,
    entityId: row.entity_id,
    provider: row.provider,
    issueInstant: new Date(rest.issueInstant),
    createdAt: new Date(row.created_at),
    expiresAt: new Date(row.expires_at),
    consumedAt: row.consumed_at === null ? null : new Date(row.consumed_at),
    answerHash: row.answer_hash,
  };
}

/** Consumes a pending request. Of any number of parallel attempts exactly one gets true (C2). */
export async function claim(
  transaction: Transaction,
  id: string,
  answerHash: string,
  now: Date,
): Promise<boolean> {
  const result = await transaction
    .updateTable('pending_requests')
    .set({ consumed_at: now.getTime(), answer_hash: answerHash })
    .where('id', '=', id)
    .where('consumed_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Remembers that an assertion was used, for as long as it could be presented again (A1; section 5.5).
 * @returns false when it was used before
 */
export async function rememberAssertion(
  transaction: Transaction,
  provider: string,
  assertionId: string,
  expiresAt: Date,
): Promise<boolean> {
  const result = await transaction
    .insertInto('used_once')
    .values({
      kind: 'spid-assertion',
      id: sha256(`${provider} ${assertionId}`),
      expires_at: expiresAt.getTime(),
    })
    .onConflict((conflict) => conflict.columns(['kind', 'id']).doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}
