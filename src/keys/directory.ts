import {
  createHmac,
  createPublicKey,
  generateKeyPair,
  hkdfSync,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JWK } from 'jose';
import type { Clock } from '../operations/clock.ts';
import { Misconfigured } from '../operations/errors.ts';
import { checkCertificate } from './certificate-check.ts';
import {
  certificateFacts,
  selfSignedCertificate,
  type CertificateFacts,
  type CertificateSubject,
} from './certificate.ts';
import { cipherOf, type Cipher } from './cipher.ts';
import { readKeyFile, refuseIfShared, writeNew } from './files.ts';
import { keyedHashOf, type KeyedHash } from './keyed-hash.ts';
import { openPrivateKey, openSigningJwk, refuseUnlessRsa, sealPrivateKey } from './private-key.ts';
import { newSecretsFile, openSecretsFile, SECRET_USES, type SecretUse } from './secrets-file.ts';

/** A SAML signing key with its certificate. */
export interface SamlKey {
  readonly privateKey: KeyObject;
  /** DER, base64 on one line. */
  readonly certificate: string;
  readonly facts: CertificateFacts;
}

/** Every key the gateway works with, opened. */
export interface KeyRing {
  /** @throws Misconfigured when the entity has no key in the directory */
  saml(entityId: string): SamlKey;
  /** Private JWKs for ID tokens, one of each algorithm. */
  readonly oidc: readonly JWK[];
  /** For signed cookies, newest first. */
  readonly cookies: readonly [string, ...string[]];
  readonly cipher: Cipher;
  readonly personHash: KeyedHash;
  /** Pairwise subject: the same for a person and a sector for ever, telling nothing of either (one-identity, 3). */
  readonly subject: (sector: string, personId: string) => string;
  /**
   * Secrets of 256 bits for one purpose, base64url, newest first: the same in every process that opens this directory.
   * A rotation adds one in front, so that processes that still have the older one go on.
   */
  readonly derived: (purpose: string) => readonly [string, ...string[]];
  /** What there is, without anything secret. */
  readonly inventory: readonly KeyFacts[];
}

/** One key as a list shows it. */
export interface KeyFacts {
  readonly kind: 'saml' | 'oidc' | SecretUse;
  /** Entity, `kid` or the name that stays with what the key sealed. */
  readonly id: string;
  readonly created: Date;
  /** Only what has a certificate ends by itself. */
  readonly expires?: Date;
  /** SHA-256 of the certificate, hexadecimal. */
  readonly fingerprint?: string;
}

export interface KeyCreation {
  readonly passphrase: string;
  /** Short entity id → subject of its certificate. */
  readonly certificates: Readonly<Record<string, CertificateSubject>>;
  /** RSA modulus of the SAML keys in bits: 2048, 3072 or 4096. */
  readonly rsaBits: 2048 | 3072 | 4096;
  /** Validity of the certificates. */
  readonly years: number;
  readonly clock: Clock;
}

interface NewFile {
  readonly name: string;
  readonly content: string;
}

const SECRETS = 'secrets.json';
const OIDC = { RS256: 'oidc-rs256.key.pem', ES256: 'oidc-es256.key.pem' } as const;
const OIDC_ALGORITHMS = ['RS256', 'ES256'] as const;
const OIDC_RSA_BITS = 2048;
/** A short entity id, as in the configuration; here it becomes part of a file's name. */
const ENTITY_ID = /^[a-z][a-z0-9_-]{0,39}$/;

const generate = promisify(generateKeyPair) as (
  type: 'rsa' | 'ec',
  options: { readonly modulusLength: number } | { readonly namedCurve: string },
) => Promise<{ readonly privateKey: KeyObject }>;

/**
 * Makes every key that is missing in the directory. Existing files are never touched; nothing is written unless
 * everything can be.
 * @returns the names of the files written
 * @throws Misconfigured when what exists opens not with the passphrase, or a certificate would break a rule of AgID's
 */
export async function createKeys(directory: string, options: KeyCreation): Promise<string[]> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  refuseUnlessWhole(directory, options.passphrase);
  const files = await Promise.all([
    ...Object.entries(options.certificates).map(([entityId, subject]) =>
      missingSamlFiles(directory, entityId, subject, options),
    ),
    missingOidcFile(directory, 'RS256', options.passphrase),
    missingOidcFile(directory, 'ES256', options.passphrase),
  ]);
  const missing = files.flat();
  if (!existsSync(join(directory, SECRETS))) {
    // Written first: keys without secrets are then never a beginning, always a loss.
    missing.unshift({ name: SECRETS, content: newSecretsFile(options.passphrase, options.clock.now()) });
  }
  for (const { name, content } of missing) writeNew(join(directory, name), content);
  return missing.map(({ name }) => name).sort();
}

/**
 * What is there must open with the passphrase: a directory half made with another would not start. And lost secrets
 * are not made anew in silence, for every citizen would become another person.
 */
function refuseUnlessWhole(directory: string, passphrase: string): void {
  refuseSharedFiles(directory);
  const secrets = join(directory, SECRETS);
  const keys = readdirSync(directory).filter((name) => name.endsWith('.key.pem'));
  if (existsSync(secrets)) openSecretsFile(secrets, passphrase);
  else if (keys.length > 0) {
    throw new Misconfigured(
      'keys_missing',
      `${secrets}: missing, but ${keys.join(', ')} exist; restore it from a copy, or begin anew in an empty directory`,
    );
  }
  for (const name of keys) openPrivateKey(join(directory, name), passphrase);
}

async function missingSamlFiles(
  directory: string,
  entityId: string,
  subject: CertificateSubject,
  { passphrase, rsaBits, years, clock }: KeyCreation,
): Promise<NewFile[]> {
  if (!ENTITY_ID.test(entityId)) {
    throw new Misconfigured('keys_name', `entity "${entityId}": not a short id such as "unione"`);
  }
  const names = samlNames(entityId);
  const [keyFile, certificateFile] = [join(directory, names.key), join(directory, names.certificate)];
  const keyExists = existsSync(keyFile);
  if (existsSync(certificateFile)) {
    if (keyExists) return [];
    throw new Misconfigured(
      'keys_missing',
      `${keyFile}: missing, but ${certificateFile} is there; restore or remove`,
    );
  }
  const privateKey = keyExists
    ? openPrivateKey(keyFile, passphrase)
    : (await generate('rsa', { modulusLength: rsaBits })).privateKey;
  const now = clock.now();
  const certificate = await selfSignedCertificate(subject, privateKey, now, years);
  const violations = await checkCertificate(new X509Certificate(certificate).raw, subject, now);
  if (violations.length > 0) {
    const lines = violations.map(
      ({ rule, key, found, allowed }) => `  ${key}: found ${found}; allowed: ${allowed} (${rule})`,
    );
    throw new Misconfigured(
      'certificate_invalid',
      `The certificate of entity ${entityId} would not be accepted:\n${lines.join('\n')}`,
    );
  }
  return [
    ...(keyExists ? [] : [{ name: names.key, content: sealPrivateKey(privateKey, passphrase) }]),
    { name: names.certificate, content: `${certificate}\n` },
  ];
}

async function missingOidcFile(
  directory: string,
  alg: 'RS256' | 'ES256',
  passphrase: string,
): Promise<NewFile[]> {
  if (existsSync(join(directory, OIDC[alg]))) return [];
  const { privateKey } =
    alg === 'RS256'
      ? await generate('rsa', { modulusLength: OIDC_RSA_BITS })
      : await generate('ec', { namedCurve: 'P-256' });
  return [{ name: OIDC[alg], content: sealPrivateKey(privateKey, passphrase) }];
}

/**
 * Opens the key directory.
 * @throws Misconfigured when a file is missing, readable by others, opens not with the passphrase or does not fit
 */
export function loadKeys(directory: string, options: { readonly passphrase: string }): KeyRing {
  const { passphrase } = options;
  if (!existsSync(join(directory, SECRETS))) {
    throw new Misconfigured(
      'keys_missing',
      `keys.directory: ${directory} holds no keys; make them with: npm run gateway -- keys create`,
    );
  }
  refuseSharedFiles(directory);
  const secrets = openSecretsFile(join(directory, SECRETS), passphrase);
  const entityIds = readdirSync(directory).flatMap((name) => /^saml-(.+)\.key\.pem$/.exec(name)?.[1] ?? []);
  const saml = new Map(entityIds.map((id) => [id, openSamlKey(directory, id, passphrase)]));
  const oidc = OIDC_ALGORITHMS.map((alg) => openOidcKey(join(directory, OIDC[alg]), alg, passphrase));
  const [subjectKey] = secrets.subject;
  const [cookie, ...olderCookies] = secrets.cookies;
  const derive = (purpose: string, { key }: { readonly key: Uint8Array }) =>
    Buffer.from(hkdfSync('sha256', key, '', `derived:${purpose}`, 32)).toString('base64url');
  const asText = ({ key }: { readonly key: Uint8Array }) => Buffer.from(key).toString('base64url');
  return {
    saml(entityId) {
      const key = saml.get(entityId);
      if (key) return key;
      throw new Misconfigured(
        'keys_missing',
        `keys.directory: ${directory} holds no ${samlNames(entityId).key}; make it with: npm run gateway -- keys create`,
      );
    },
    oidc: oidc.map(({ jwk }) => jwk),
    cookies: [asText(cookie), ...olderCookies.map(asText)],
    cipher: cipherOf(secrets.data),
    personHash: keyedHashOf(secrets.person),
    subject: (sector, personId) =>
      createHmac('sha256', subjectKey.key)
        .update(JSON.stringify([sector, personId]))
        .digest('base64url'),
    derived: (purpose) => [derive(purpose, cookie), ...olderCookies.map((older) => derive(purpose, older))],
    inventory: [
      ...[...saml].map(([id, { facts }]) => ({
        ...{ kind: 'saml' as const, id, created: facts.notBefore },
        ...{ expires: facts.notAfter, fingerprint: facts.fingerprint },
      })),
      ...oidc.map(({ jwk, created }) => ({ kind: 'oidc' as const, id: jwk.kid, created })),
      ...SECRET_USES.flatMap((kind) => secrets[kind].map(({ id, created }) => ({ kind, id, created }))),
    ],
  };
}

function refuseSharedFiles(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (name === SECRETS || name.endsWith('.key.pem')) refuseIfShared(join(directory, name));
  }
}

function openOidcKey(file: string, alg: 'RS256' | 'ES256', passphrase: string) {
  // Nothing ever writes into the file again, so its date is the key's.
  return { jwk: openSigningJwk(file, alg, passphrase), created: statSync(file).mtime };
}

function openSamlKey(directory: string, entityId: string, passphrase: string): SamlKey {
  const names = samlNames(entityId);
  const [keyFile, certificateFile] = [join(directory, names.key), join(directory, names.certificate)];
  const privateKey = openPrivateKey(keyFile, passphrase);
  refuseUnlessRsa(keyFile, privateKey);
  const certificate = readCertificate(certificateFile);
  if (!certificate.publicKey.equals(createPublicKey(privateKey))) {
    throw new Misconfigured('keys_mismatch', `${certificateFile}: is not the certificate of ${keyFile}`);
  }
  return {
    privateKey,
    certificate: certificate.raw.toString('base64'),
    facts: certificateFacts(certificate),
  };
}

function readCertificate(file: string): X509Certificate {
  const text = readKeyFile(file);
  try {
    return new X509Certificate(text);
  } catch (cause) {
    throw new Misconfigured('keys_damaged', `${file}: not a certificate in PEM`, { cause });
  }
}

function samlNames(entityId: string): { readonly key: string; readonly certificate: string } {
  return { key: `saml-${entityId}.key.pem`, certificate: `saml-${entityId}.crt.pem` };
}
