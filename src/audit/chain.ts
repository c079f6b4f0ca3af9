import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Unavailable } from '../operations/errors.ts';
import type { Transaction } from '../store/store.ts';
import type { AuditRow } from './entry.ts';

/** What the first entry follows on. */
export const BEGINNING = sha256('the beginning of an audit trail');

export interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** Newest first; a head is written with the newest and read with any. */
export type MacKeys = readonly [string, ...string[]];

const ONLY_ROW = 1;

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** Ties an entry to all before it: over every column but the sealed content, which its digest stands for. */
export function entryHash(row: Omit<AuditRow, 'hash' | 'content'>, before: string): string {
  return sha256(
    JSON.stringify([
      row.seq,
      row.at,
      row.via,
      row.actor_hash,
      row.action,
      row.outcome,
      row.target_kind,
      row.target_id,
      row.entity_id,
      row.digest,
      before,
    ]),
  );
}

/** Whether a head is the keys' own. */
export function isOwnHead(head: Head & { readonly mac: string }, keys: MacKeys): boolean {
  const given = Buffer.from(head.mac);
  return keys.some((key) => {
    const expected = Buffer.from(headMac(head, key));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/**
 * The head, locked until the transaction ends: of any number of processes one at a time gets past here. Written first
 * and read by that, on both engines.
 * @throws Unavailable `audit_head_altered`
 */
export async function lockHead(transaction: Transaction, keys: MacKeys): Promise<Head> {
  const head = (await touch(transaction)) ?? (await begin(transaction, keys));
  if (!isOwnHead(head, keys)) {
    throw new Unavailable(
      'audit_head_altered',
      'the head of the audit trail was altered, or written with other keys; run: npm run gateway -- audit verify',
    );
  }
  return head;
}

export async function moveHead(transaction: Transaction, keys: MacKeys, { seq, hash }: Head): Promise<void> {
  await transaction
    .updateTable('audit_head')
    .set({ seq, hash, mac: headMac({ seq, hash }, keys[0]) })
    .where('id', '=', ONLY_ROW)
    .execute();
}

async function begin(transaction: Transaction, keys: MacKeys) {
  const empty = { seq: 0, hash: BEGINNING };
  await transaction
    .insertInto('audit_head')
    .values({ id: ONLY_ROW, ...empty, mac: headMac(empty, keys[0]) })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  const head = await touch(transaction);
  if (!head) throw new Error('the head of the audit trail vanished');
  return head;
}

function touch(transaction: Transaction) {
  return transaction
    .updateTable('audit_head')
    .set({ id: ONLY_ROW })
    .where('id', '=', ONLY_ROW)
    .returning(['seq', 'hash', 'mac'])
    .executeTakeFirst();
}

function headMac({ seq, hash }: Head, key: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify(['audit head', seq, hash]))
    .digest('base64url');
}
