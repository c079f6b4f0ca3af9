import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { SecretKey } from './cipher.ts';

/** Recognises a value without storing it (one-identity, 2). */
export interface KeyedHash {
  readonly currentKeyId: string;
  /** Under the newest key. */
  hash(value: string): string;
  /** Under every key, newest first: rows written under an older key are still found. */
  candidates(value: string): readonly { readonly keyId: string; readonly hash: string }[];
}

/** HMAC-SHA-256, base64url. @param keys newest first */
export function keyedHashOf(keys: readonly [SecretKey, ...SecretKey[]]): KeyedHash {
  const [newest] = keys;
  const hash = (key: KeyObject, value: string) => createHmac('sha256', key).update(value).digest('base64url');
  const current = createSecretKey(newest.key);
  const all = keys.map(({ id, key }) => ({ keyId: id, key: createSecretKey(key) }));
  return {
    currentKeyId: newest.id,
    hash: (value) => hash(current, value),
    candidates: (value) => all.map(({ keyId, key }) => ({ keyId, hash: hash(key, value) })),
  };
}
