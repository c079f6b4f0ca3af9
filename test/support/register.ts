import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { cipherOf, type Cipher } from '../../src/keys/cipher.ts';
import { keyedHashOf } from '../../src/keys/keyed-hash.ts';
import { RegisterKeys } from '../../src/register/keys.ts';
import { Register } from '../../src/register/register.ts';

export const personHash = keyedHashOf([{ id: 'person', key: new Uint8Array(32).fill(2) }]);
export const masterKey: Cipher = cipherOf([{ id: 'master', key: new Uint8Array(32).fill(1) }]);

/** A directory that goes with the test file. */
export function keyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-register-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A register with keys of its own in a directory that goes with the test file. */
export function testRegister(): Register {
  return new Register(new RegisterKeys(keyDirectory(), masterKey), personHash);
}
