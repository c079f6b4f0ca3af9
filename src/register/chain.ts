import { createHash, timingSafeEqual } from 'node:crypto';
import { Unavailable } from '../operations/errors.ts';
import { prepared } from '../store/prepared.ts';
import type { RegisterTables } from '../store/schema/register.ts';
import type { Queryable, Transaction } from '../store/store.ts';
import type { EntryRow } from './entry.ts';
import type { EntityKeys } from './keys.ts';

export type Head = RegisterTables['register_heads'];

/** What the first entry of a chain follows on. */
export const BEGINNING = createHash('sha256').update('the beginning of a register').digest('base64url');

/** The hash that ties an entry to all before it: over every column but the sealed content, which its digest stands for. */
export function entryHash(row: Omit<EntryRow, 'hash' | 'content'>, before: string): string {
  return createHash('sha256')
    .update(JSON.stringify([...hashedFields(row), before]))
    .digest('base64url');
}

/** What an entry's hash is of, before the hash of the entry before. */
export function hashedFields(row: Omit<EntryRow, 'hash' | 'content'>): (string | number | null)[] {
  return [
    row.entity_id,
    row.seq,
    row.transaction_id,
    row.reference,
    row.at,
    row.month,
    row.kind,
    row.source,
    row.client_id,
    row.provider,
    row.request_id,
    row.message_id,
    row.assertion_id,
    row.outcome,
    row.level,
    row.claims,
    row.person_hash,
    row.digest,
  ];
}

/** What makes a head the keys' own. */
export function headMac(keys: EntityKeys, head: Omit<Head, 'mac'>): string {
  return keys.mac(
    JSON.stringify(['head', head.entity_id, head.seq, head.hash, head.at, head.month, head.key_id]),
  );
}

export function isOwn(mac: string, expected: string): boolean {
  const [a, b] = [Buffer.from(mac), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * The head of an entity's chain, locked until the transaction ends: of any number of processes one at a time gets past
 * here, so that no two entries ever follow on the same one. Written first and read by that, on both engines.
 * @throws Unavailable `register_keys_foreign`, `register_head_altered`
 */
export async function lockHead(
  transaction: Transaction,
  entityId: string,
  keys: EntityKeys,
): Promise<Omit<Head, 'mac'>> {
  const head = (await lockChain(transaction, entityId)) ?? (await begin(transaction, entityId, keys));
  if (head.key_id !== keys.id) {
    throw new Unavailable(
      'register_keys_foreign',
      `the register of ${entityId} was begun with other keys; restore register-${entityId}.json from a copy`,
    );
  }
  if (!isOwn(head.mac, headMac(keys, head))) {
    throw new Unavailable(
      'register_head_altered',
      `the head of the register of ${entityId} was altered; run: npm run gateway -- register verify`,
    );
  }
  return head;
}

async function begin(transaction: Transaction, entityId: string, keys: EntityKeys): Promise<Head> {
  const empty = { entity_id: entityId, seq: 0, hash: BEGINNING, at: 0, month: '', key_id: keys.id };
  await transaction
    .insertInto('register_heads')
    .values({ ...empty, mac: headMac(keys, empty) })
    .onConflict((conflict) => conflict.column('entity_id').doNothing())
    .execute();
  const head = await lockChain(transaction, entityId);
  if (!head) throw new Error('the head of a register vanished');
  return head;
}

const touch = prepared((db, { entityId }: { entityId: string }) =>
  db
    .updateTable('register_heads')
    .set({ entity_id: entityId })
    .where('entity_id', '=', entityId)
    .returningAll(),
);

/**
 * Lets one process at a time get past here until its transaction ends, whatever state the head is in.
 * @returns the head; undefined when nothing is registered yet
 */
export async function lockChain(transaction: Transaction, entityId: string): Promise<Head | undefined> {
  const [head] = await touch(transaction, { entityId });
  return head;
}

const move = prepared((db, { entity_id, seq, hash, at, month, key_id, mac }: Head) =>
  db
    .updateTable('register_heads')
    .set({ seq, hash, at, month, key_id, mac })
    .where('entity_id', '=', entity_id),
);

/** The chain now ends with this entry. */
export async function moveHead(
  transaction: Transaction,
  keys: EntityKeys,
  row: Pick<EntryRow, 'entity_id' | 'seq' | 'hash' | 'at' | 'month'>,
): Promise<void> {
  const { entity_id, seq, hash, at, month } = row;
  const head = { entity_id, seq, hash, at, month, key_id: keys.id };
  await move(transaction, { ...head, mac: headMac(keys, head) });
}

/**
 * The hash of the entry at a place of a chain; where it was destroyed, as the certificate of its destruction knows it.
 * Empty where neither is there: somebody has removed it.
 */
export async function hashAt(db: Queryable, entityId: string, seq: number): Promise<string> {
  if (seq === 0) return BEGINNING;
  const row = await db
    .selectFrom('register_entries')
    .select('hash')
    .where('entity_id', '=', entityId)
    .where('seq', '=', seq)
    .executeTakeFirst();
  if (row) return row.hash;
  const gap = await gapAt(db, entityId, seq);
  return gap?.last_seq === seq ? gap.hash_after : '';
}

/** The certificate of the destruction of an entry, by the key of the table: there are thousands, and they are kept for good. */
export async function gapAt(
  db: Queryable,
  entityId: string,
  seq: number,
): Promise<RegisterTables['register_destroyed'] | undefined> {
  const gap = await db
    .selectFrom('register_destroyed')
    .selectAll()
    .where('entity_id', '=', entityId)
    .where('first_seq', '<=', seq)
    .orderBy('first_seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return gap && gap.last_seq >= seq ? gap : undefined;
}
