import {
  createCipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  randomBytes,
  scryptSync,
  type KeyObject,
} from 'node:crypto';
import type { JWK } from 'jose';
import { Misconfigured } from '../operations/errors.ts';
import { readKeyFile } from './files.ts';
import { withEither, type Passphrases } from './passphrases.ts';

/** 16 MiB for every guess: the most that OpenSSL accepts when it reads an encrypted key. */
const SCRYPT = { N: 2 ** 14, r: 8, p: 1 } as const;

/** Sizes that AgID admits (spid-sp-metadata, 5), in bits. */
const RSA_BITS: readonly number[] = [2048, 3072, 4096];

const OID = {
  pbes2: '2a864886f70d01050d',
  scrypt: '2b06010401da47040b',
  aes256Cbc: '60864801650304012a',
} as const;

/**
 * PKCS#8 PEM, encrypted with AES-256 under a key that scrypt makes of the passphrase (RFC 8018, RFC 7914). The
 * platform's own export stretches a passphrase with two thousand rounds of PBKDF2 only, a thousand times cheaper to
 * guess; hence these few lines. `openssl pkey -in` reads the result.
 */
export function sealPrivateKey(key: KeyObject, passphrase: string): string {
  const [salt, iv] = [randomBytes(16), randomBytes(16)];
  const cipher = createCipheriv('aes-256-cbc', scryptSync(passphrase, salt, 32, SCRYPT), iv);
  const sealed = [cipher.update(key.export({ type: 'pkcs8', format: 'der' })), cipher.final()];
  const stretching = sequence(oid(OID.scrypt), sequence(octets(salt), ...Object.values(SCRYPT).map(integer)));
  const encryption = sequence(oid(OID.aes256Cbc), octets(iv));
  const der = sequence(sequence(oid(OID.pbes2), sequence(stretching, encryption)), octets(...sealed));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN ENCRYPTED PRIVATE KEY-----', ...lines, '-----END ENCRYPTED PRIVATE KEY-----', ''].join(
    '\n',
  );
}

/**
 * Opens a private key file: PKCS#8 PEM encrypted in any way OpenSSL knows.
 * @throws Misconfigured `keys_missing`, `keys_locked` (wrong passphrase, or not encrypted)
 */
export function openPrivateKey(file: string, passphrases: Passphrases): KeyObject {
  const pem = readKeyFile(file);
  if (!pem.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----')) {
    throw new Misconfigured(
      'keys_locked',
      `${file}: found no encrypted private key; allowed: encrypted PKCS#8 PEM`,
    );
  }
  return withEither(file, passphrases, (passphrase) => createPrivateKey({ key: pem, passphrase }));
}

/** @throws Misconfigured `keys_weak` unless the key is RSA of a size that AgID admits */
export function refuseUnlessRsa(file: string, key: KeyObject): void {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType === 'rsa' && RSA_BITS.includes(bits)) return;
  const found = bits > 0 ? `${key.asymmetricKeyType} ${bits}` : key.asymmetricKeyType;
  throw new Misconfigured(
    'keys_weak',
    `${file}: found ${found}; allowed: RSA of ${RSA_BITS.join(', ')} bits`,
  );
}

/**
 * The private JWK that signs ID tokens; `kid` is the thumbprint of the public key (RFC 7638).
 * @throws Misconfigured `keys_weak` when the key does not fit the algorithm, and whatever openPrivateKey throws
 */
export function openSigningJwk(
  file: string,
  alg: 'RS256' | 'ES256',
  passphrases: Passphrases,
): JWK & { kid: string } {
  const key = openPrivateKey(file, passphrases);
  if (alg === 'RS256') refuseUnlessRsa(file, key);
  else if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new Misconfigured(
      'keys_weak',
      `${file}: found ${key.asymmetricKeyType}; allowed: EC on curve P-256`,
    );
  }
  // An export carries its members in any order; the thumbprint wants the public ones in the alphabet's.
  const members = Object.entries(createPublicKey(key).export({ format: 'jwk' }));
  const canonical = JSON.stringify(Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1))));
  const kid = createHash('sha256').update(canonical).digest('base64url');
  return { ...(key.export({ format: 'jwk' }) as JWK), kid, alg, use: 'sig' };
}

/** One value of ASN.1 in DER: tag, length, content of at most 65 535 bytes. */
function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.concat(content);
  const { length } = bytes;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), bytes]);
}

const sequence = (...items: readonly Uint8Array[]): Buffer => der(0x30, ...items);
const octets = (...parts: readonly Uint8Array[]): Buffer => der(0x04, ...parts);
const oid = (encoded: string): Buffer => der(0x06, Buffer.from(encoded, 'hex'));

/** Of 0 to 32 767; a leading zero bit keeps it positive. */
function integer(value: number): Buffer {
  return der(0x02, value < 0x80 ? Buffer.of(value) : Buffer.of(value >> 8, value & 0xff));
}
