import { generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto';
import { selfSignedCertificate } from '../../src/keys/certificate.ts';
import type { SignerKey } from '../../src/selfcheck/signer.ts';

/** The independent signer of the self-check, and keys for it. */
export { certificateInfo, signElement, URI, type SignOptions } from '../../src/selfcheck/signer.ts';

export interface TestKey extends SignerKey {
  readonly publicKey: KeyObject;
}

const keys = new Map<string, Promise<TestKey>>();

/** An RSA key with its certificate, the same one for the same holder for as long as the process lives. */
export function testKey(bits = 2048, holder = 'provider'): Promise<TestKey> {
  const name = `${holder} ${bits}`;
  const found = keys.get(name) ?? makeKey(bits, holder);
  keys.set(name, found);
  return found;
}

async function makeKey(bits: number, holder: string): Promise<TestKey> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const subject = {
    commonName: `Test ${holder}`,
    organizationName: `Test ${holder}`,
    entityId: `https://${holder}.example.it`,
    ipaCode: 'c_test',
    locality: 'Roma',
  };
  const years = 10;
  const pem = await selfSignedCertificate(subject, privateKey, new Date('2025-01-01T00:00:00Z'), years);
  return { privateKey, publicKey, certificate: new X509Certificate(pem).raw.toString('base64') };
}
