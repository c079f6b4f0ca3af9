import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keyedHashOf } from '../../src/keys/keyed-hash.ts';

const older = { id: 'older', key: randomBytes(32) };
const newer = { id: 'newer', key: randomBytes(32) };

describe('keyed hash', () => {
  it('is HMAC-SHA-256 in base64url', () => {
    const expected = createHmac('sha256', newer.key).update('it-fiscal:RSSMRA80A01H501U').digest('base64url');
    expect(keyedHashOf([newer]).hash('it-fiscal:RSSMRA80A01H501U')).toBe(expected);
  });

  it('uses the newest key, and finds what an older key made', () => {
    const hash = keyedHashOf([newer, older]);
    expect(hash.currentKeyId).toBe('newer');
    expect(hash.candidates('value')).toEqual([
      { keyId: 'newer', hash: hash.hash('value') },
      { keyId: 'older', hash: keyedHashOf([older]).hash('value') },
    ]);
  });

  it('tells nothing to whoever lacks the key', () => {
    expect(keyedHashOf([newer]).hash('value')).not.toBe(keyedHashOf([older]).hash('value'));
  });
});
