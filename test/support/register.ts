import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { selfSignedCertificate } from '../../src/keys/certificate.ts';
import { cipherOf, type Cipher } from '../../src/keys/cipher.ts';
import { keyedHashOf } from '../../src/keys/keyed-hash.ts';
import type { Clock } from '../../src/operations/clock.ts';
import { createLog } from '../../src/operations/log.ts';
import { RegisterKeys } from '../../src/register/keys.ts';
import { Register } from '../../src/register/register.ts';
import type { SealOptions } from '../../src/register/seal.ts';
import type { Store } from '../../src/store/store.ts';

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

/** The key of a body of the test's own, with its certificate, good for five years. */
export async function testSigner(from: Date): Promise<ReturnType<SealOptions['signer']>> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const subject = {
    commonName: 'X',
    organizationName: 'X',
    entityId: 'https://x',
    ipaCode: 'x',
    locality: 'X',
  };
  const pem = await selfSignedCertificate(subject, privateKey, from, 5);
  return { privateKey, certificate: new X509Certificate(pem).raw.toString('base64') };
}

/** Seals by such a body, without time stamps. */
export async function testSeals(store: Store, clock: Clock): Promise<SealOptions> {
  const signer = await testSigner(clock.now());
  return {
    store,
    clock,
    log: createLog({ level: 'silent' }),
    signer: () => signer,
    issuer: () => 'https://accesso.unione.example.it/spid',
  };
}

/** How often whoever else waits in the process has its turn meanwhile. */
export async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let [turns, over] = [0, false];
  const turn = () => {
    turns++;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  over = true;
  return turns;
}
