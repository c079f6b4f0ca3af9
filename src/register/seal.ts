import { createHash, X509Certificate, type KeyObject } from 'node:crypto';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { CompactSign, compactVerify, decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import type { Clock } from '../operations/clock.ts';
import type { Log } from '../operations/log.ts';
import type { RegisterTables } from '../store/schema/register.ts';
import type { Queryable, Store } from '../store/store.ts';
import { headMac, isOwn } from './chain.ts';
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
 * authority is configured. Who has seen a seal notices if anything before it is changed, whoever changed it.
 * @returns the JWS; undefined when nothing was added since the last one, or the head was altered
 */
export async function sealHead(
  options: SealOptions,
  entityId: string,
  keys: EntityKeys,
): Promise<string | undefined> {
  const { db } = options.store;
  const head = await db
    .selectFrom('register_heads')
    .selectAll()
    .where('entity_id', '=', entityId)
    .executeTakeFirst();
  if (!head || head.seq === 0 || !isOwn(head.mac, headMac(keys, head))) return undefined;
  const last = await lastSeal(db, entityId);
  if (last && last.seq >= head.seq) return undefined;
  const now = options.clock.now();
  const first = (last?.seq ?? 0) + 1;
  const tree = await sealedTree(db, entityId, first, head.seq);
  const jws = await signed(options, {
    register: entityId,
    issuer: options.issuer(entityId),
    seq: head.seq,
    hash: head.hash,
    at: now.toISOString(),
    ...(last ? { previous: sha256(last.jws) } : {}),
    ...(tree ? { tree: { first, root: tree.root.toString('base64url') } } : {}),
  });
  const row = { entity_id: entityId, seq: head.seq, at: now.getTime(), jws };
  await db
    .insertInto('register_seals')
    .values({ ...row, mac: sealMac(keys, row), timestamp: await stamped(options, jws) })
    // Another process of ours has sealed the same head: one seal is enough.
    .onConflict((conflict) => conflict.columns(['entity_id', 'seq']).doNothing())
    .execute();
  options.log.event({ event: 'register_sealed', entity: entityId, seq: head.seq });
  return jws;
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
  return hashes.length === last - first + 1 ? new MerkleTree(hashes) : undefined;
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
  const destroyed = await db
    .selectFrom('register_destroyed')
    .select('first_seq')
    .where('entity_id', '=', register)
    .where('first_seq', '<=', seq)
    .where('last_seq', '>=', seq)
    .executeTakeFirst();
  if (!row && !destroyed) fault(seq, `was sealed on ${at} and is missing`);
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
