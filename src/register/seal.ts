import { createHash, X509Certificate, type KeyObject } from 'node:crypto';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { CompactSign, compactVerify, decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import type { Clock } from '../operations/clock.ts';
import { Refused } from '../operations/errors.ts';
import type { Log } from '../operations/log.ts';
import type { RegisterTables } from '../store/schema/register.ts';
import type { Queryable, Store } from '../store/store.ts';
import { gapAt, hashAt, headMac, isOwn, lockHead, type Head } from './chain.ts';
import type { EntityKeys } from './keys.ts';
import { MerkleTree } from './merkle.ts';
import type { TimestampServer } from './timestamp.ts';
import type { Fault } from './verify.ts';

/** What a seal says: at that moment the chain of that register ended with that hash. */
const statement = z.strictObject({
  register: z.string(),
  issuer: z.string(),
  seq: z.number().int().positive(),
  hash: z.string(),
  at: z.iso.datetime(),
  /** SHA-256 of the seal before, so that seals make a chain of their own. */
  previous: z.string().optional(),
  /** What was added since the seal before: number of the first entry, root of the tree of their hashes (merkle.ts). */
  tree: z.strictObject({ first: z.number().int().positive(), root: z.string() }).optional(),
});
export type Statement = z.infer<typeof statement>;

/** Hashes read at once. */
const BATCH = 5000;

/** Entries under one seal: more than a busy day has, and few enough that their tree takes some megabytes. */
const MOST_SEALED = 100_000;

export type SealRow = RegisterTables['register_seals'];

export interface SealOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** The entity's signing key, and its certificate: DER, base64. */
  readonly signer: (entityId: string) => { readonly privateKey: KeyObject; readonly certificate: string };
  /** SPID entityID, for whoever reads the seal elsewhere. */
  readonly issuer: (entityId: string) => string;
  readonly timestampServer?: TimestampServer | undefined;
}

/**
 * Signs where an entity's chain stands: a JWS by the key of the body's SPID certificate, and a time stamp where an
 * authority is configured. Who has seen a seal notices if anything before it is changed, whoever changed it. A chain that
 * nobody sealed for long gets several, one after the other. May be called by every process at any time: seals are a chain
 * of their own, and each follows on the one before.
 * @returns the new seals; none when nothing was added since the last one, or the head was altered
 */
export async function sealHead(
  options: SealOptions,
  entityId: string,
  keys: EntityKeys,
): Promise<readonly string[]> {
  const jws: string[] = [];
  for (;;) {
    const next = await nextSeal(options, entityId, keys);
    if (!next) return jws;
    if (!(await follows(options, next, keys))) continue;
    options.log.event({ event: 'register_sealed', entity: entityId, seq: next.seq });
    await stampLast(options, entityId);
    jws.push(next.jws);
  }
}

/**
 * Asks for the time stamp of the last seal where it has none: the authority did not answer then, or was not configured.
 * It covers all seals before, for each names the one before.
 */
export async function stampLast(options: SealOptions, entityId: string): Promise<void> {
  const { db } = options.store;
  const last = await lastSeal(db, entityId);
  if (!last || last.timestamp) return;
  const timestamp = await stamped(options, last.jws);
  if (!timestamp) return;
  await db
    .updateTable('register_seals')
    .set({ timestamp })
    .where('entity_id', '=', entityId)
    .where('seq', '=', last.seq)
    .where('timestamp', 'is', null)
    .execute();
}

interface NextSeal extends Omit<SealRow, 'mac' | 'timestamp'> {
  /** Of the seal that it follows on; 0 for the first. */
  readonly after: number;
}

/** The seal of what is not sealed yet, or of the beginning of it. */
async function nextSeal(
  options: SealOptions,
  entityId: string,
  keys: EntityKeys,
): Promise<NextSeal | undefined> {
  const { db } = options.store;
  const head = await db
    .selectFrom('register_heads')
    .selectAll()
    .where('entity_id', '=', entityId)
    .executeTakeFirst();
  if (!head || !isOwn(head.mac, headMac(keys, head))) return undefined;
  const last = await lastSeal(db, entityId);
  const after = last?.seq ?? 0;
  if (after >= head.seq) return undefined;
  const { seq, hash } = await endOf(db, head, after + MOST_SEALED);
  const now = options.clock.now();
  const first = after + 1;
  const tree = await sealedTree(db, entityId, first, seq);
  const jws = await signed(options, {
    register: entityId,
    issuer: options.issuer(entityId),
    seq,
    hash,
    at: now.toISOString(),
    ...(last ? { previous: sha256(last.jws) } : {}),
    ...(tree ? { tree: { first, root: tree.root.toString('base64url') } } : {}),
  });
  return { entity_id: entityId, seq, at: now.getTime(), jws, after };
}

/** Where a seal ends: at the head, or before it where that is too far; what is gone there can end no seal. */
async function endOf(
  db: Queryable,
  { entity_id, seq, hash }: Head,
  furthest: number,
): Promise<{ readonly seq: number; readonly hash: string }> {
  const before = furthest < seq ? await hashAt(db, entity_id, furthest) : '';
  return before === '' ? { seq, hash } : { seq: furthest, hash: before };
}

/**
 * Writes a seal, unless another process has sealed since it was made: two that follow on the same one would look as if a
 * third had been removed. Decided under the lock of the chain, which is held for no longer than that.
 */
function follows({ store }: SealOptions, { after, ...row }: NextSeal, keys: EntityKeys): Promise<boolean> {
  return store.transaction(async (transaction) => {
    await lockHead(transaction, row.entity_id, keys);
    const last = await lastSeal(transaction, row.entity_id);
    if ((last?.seq ?? 0) !== after) return false;
    await transaction
      .insertInto('register_seals')
      .values({ ...row, mac: sealMac(keys, row), timestamp: null })
      .execute();
    return true;
  });
}

/** The tree of the hashes of a stretch; undefined when part of it has been destroyed. */
export async function sealedTree(
  db: Queryable,
  entityId: string,
  first: number,
  last: number,
): Promise<MerkleTree | undefined> {
  const hashes: Buffer[] = [];
  for (let from = first; from <= last; from += BATCH) {
    const rows = await db
      .selectFrom('register_entries')
      .select('hash')
      .where('entity_id', '=', entityId)
      .where('seq', '>=', from)
      .where('seq', '<=', Math.min(last, from + BATCH - 1))
      .orderBy('seq')
      .execute();
    for (const { hash } of rows) hashes.push(Buffer.from(hash, 'base64url'));
    await othersTurn();
  }
  return hashes.length === last - first + 1 ? MerkleTree.of(hashes) : undefined;
}

/** When the entity's chain was sealed last. */
export async function lastSealedAt(db: Queryable, entityId: string): Promise<Date | undefined> {
  const seal = await lastSeal(db, entityId);
  return seal && new Date(seal.at);
}

/** Since when the oldest entry that no seal covers waits for one. */
export async function unsealedSince(db: Queryable, entityId: string): Promise<Date | undefined> {
  const last = await lastSeal(db, entityId);
  const row = await db
    .selectFrom('register_entries')
    .select('at')
    .where('entity_id', '=', entityId)
    .where('seq', '>', last?.seq ?? 0)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
  return row && new Date(row.at);
}

/** Every seal of a register, oldest first: to be kept somewhere else. */
export function sealsOf(db: Queryable, entityId: string): Promise<SealRow[]> {
  return db
    .selectFrom('register_seals')
    .selectAll()
    .where('entity_id', '=', entityId)
    .orderBy('seq')
    .execute();
}

/**
 * Reads a seal; whose it is tells the certificate in it.
 * @throws when it is not signed by the key of its certificate, or says something else than a seal does
 */
export async function readSeal(jws: string): Promise<{ said: Statement; certificate: X509Certificate }> {
  const [der = ''] = decodeProtectedHeader(jws).x5c ?? [];
  const certificate = new X509Certificate(Buffer.from(der, 'base64'));
  const { payload } = await compactVerify(jws, certificate.publicKey, { algorithms: ['RS256'] });
  return { said: statement.parse(JSON.parse(Buffer.from(payload).toString('utf8'))), certificate };
}

/**
 * Compares seals with the chain as it stands.
 * @param outside seals that were kept elsewhere; those in the database are looked at in any case
 */
export async function sealFaults(
  db: Queryable,
  entityId: string,
  keys: EntityKeys,
  outside: readonly string[] = [],
): Promise<Fault[]> {
  const faults: Fault[] = [];
  const fault = (seq: number, detail: string) => faults.push({ entityId, seq, kind: 'seal', detail });
  let previous: string | undefined;
  for (const row of await sealsOf(db, entityId)) {
    const said = await readSeal(row.jws).then(
      (seal) => seal.said,
      () => undefined,
    );
    const own = isOwn(row.mac, sealMac(keys, row)) && said?.register === entityId && said.seq === row.seq;
    if (!said || !own) fault(row.seq, 'the seal was altered');
    else if (said.previous !== previous) fault(row.seq, 'a seal before this one was removed or exchanged');
    else await compare(db, said, fault);
    previous = sha256(row.jws);
  }
  for (const jws of outside) {
    const { said } = await readSeal(jws);
    if (said.register === entityId) await compare(db, said, fault);
  }
  return faults;
}

/** Time stamps that prove nothing of their seals; that a seal has none is no fault. */
export async function stampFaults(
  db: Queryable,
  entityId: string,
  trusted: readonly X509Certificate[],
): Promise<Fault[]> {
  const { timestampOf } = await import('./timestamp.ts');
  return (await sealsOf(db, entityId)).flatMap(({ seq, jws, timestamp }): Fault[] => {
    if (!timestamp) return [];
    try {
      timestampOf(timestamp, Buffer.from(jws), trusted);
      return [];
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return [{ entityId, seq, kind: 'seal', detail: `its time stamp is worth nothing: ${error.message}` }];
    }
  });
}

/** A sealed entry that retention has destroyed since can no longer be compared; its successors can. */
async function compare(
  db: Queryable,
  { register, seq, hash, at }: Statement,
  fault: (seq: number, detail: string) => void,
): Promise<void> {
  const row = await db
    .selectFrom('register_entries')
    .select('hash')
    .where('entity_id', '=', register)
    .where('seq', '=', seq)
    .executeTakeFirst();
  if (!row && !(await gapAt(db, register, seq))) fault(seq, `was sealed on ${at} and is missing`);
  if (row && row.hash !== hash) fault(seq, `the chain up to here is not the one that was sealed on ${at}`);
}

async function signed({ signer }: SealOptions, said: Statement): Promise<string> {
  const { privateKey, certificate } = signer(said.register);
  return new CompactSign(Buffer.from(JSON.stringify(said)))
    .setProtectedHeader({ alg: 'RS256', typ: 'register-seal', x5c: [certificate] })
    .sign(privateKey);
}

/** A seal without time stamp is a seal; that the authority did not answer is said in the log. */
async function stamped({ timestampServer, log }: SealOptions, jws: string): Promise<Uint8Array | null> {
  if (!timestampServer) return null;
  const { requestTimestamp } = await import('./timestamp.ts');
  try {
    return await requestTimestamp(timestampServer, Buffer.from(jws));
  } catch (error) {
    log.failure(error, { reference: 'register-timestamp' });
    return null;
  }
}

function lastSeal(db: Queryable, entityId: string): Promise<SealRow | undefined> {
  return db
    .selectFrom('register_seals')
    .selectAll()
    .where('entity_id', '=', entityId)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
}

function sealMac(keys: EntityKeys, { entity_id, seq, at, jws }: Omit<SealRow, 'mac' | 'timestamp'>): string {
  return keys.mac(JSON.stringify(['seal', entity_id, seq, at, jws]));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
