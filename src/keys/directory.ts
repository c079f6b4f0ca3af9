import { createHmac, createSecretKey, hkdfSync } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Misconfigured } from '../operations/errors.ts';
import type { CertificateSubject } from './certificate.ts';
import { cipherOf, type Cipher } from './cipher.ts';
import { errorCode, refuseIfShared, writeNew } from './files.ts';
import { keyedHashOf, type KeyedHash } from './keyed-hash.ts';
import { certificateFor, generate, newSamlKey, type CertificateCreation, type NewFile } from './new-keys.ts';
import type { Passphrases } from './passphrases.ts';
import { openPrivateKey, sealPrivateKey } from './private-key.ts';
import { RotatingKeys, type TurnFacts } from './rotating-keys.ts';
import { turns } from './rotation.ts';
import { keyFiles, nextKeyName, SamlKeys } from './saml-keys.ts';
import {
  newSecretsFile,
  openSecretsFile,
  presentPassphrase,
  SECRETS,
  type SecretUse,
} from './secrets-file.ts';

/** Every key the gateway works with, opened. */
export interface KeyRing {
  /** The keys by which entities sign, by the id of the entity they were made for. */
  readonly saml: SamlKeys;
  /** What signs tokens and cookies, each key in its turn. */
  readonly rotating: RotatingKeys;
  readonly cipher: Cipher;
  readonly personHash: KeyedHash;
  /** Pairwise subject: the same for a person and a sector for ever, telling nothing of either (one-identity, 3). */
  readonly subject: (sector: string, personId: string) => string;
  /**
   * Secrets of 256 bits for one purpose, base64url, newest first: the same in every process that opens this directory.
   * One more in front in secrets.json leaves processes going that still have the older one. The change of what signs
   * cookies does not touch them.
   */
  readonly derived: (purpose: string) => readonly [string, ...string[]];
  /** What there is now, without anything secret. */
  inventory(now: Date): readonly KeyFacts[];
}

/** One key as a list shows it. */
export interface KeyFacts {
  readonly kind: 'saml' | 'oidc' | SecretUse;
  /** Entity, `kid` or the name that stays with what the key sealed. */
  readonly id: string;
  readonly created: Date;
  /** Of a key that takes turns with others. */
  readonly turn?: Pick<TurnFacts, 'from' | 'until' | 'state'>;
  /** Only what has a certificate ends by itself. */
  readonly expires?: Date;
  /** SHA-256 of the certificate, hexadecimal. */
  readonly fingerprint?: string;
}

export interface KeyCreation extends CertificateCreation {
  /** Short entity id → subject of its certificate. */
  readonly certificates: Readonly<Record<string, CertificateSubject>>;
}

const OIDC = { RS256: 'oidc-rs256.key.pem', ES256: 'oidc-es256.key.pem' } as const;
const OIDC_RSA_BITS = 2048;

/**
 * Makes every key that is missing in the directory. Existing files are never touched; nothing is written unless
 * everything can be.
 * @returns the names of the files written
 * @throws Misconfigured when what exists opens not with the passphrase, or a certificate would break a rule of AgID's
 */
export async function createKeys(directory: string, options: KeyCreation): Promise<string[]> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  refuseUnlessWhole(directory, options);
  const begun = existsSync(join(directory, SECRETS));
  const passphrase = begun ? presentPassphrase(directory, options) : options.passphrase;
  const files = await Promise.all([
    ...Object.entries(options.certificates).map(([entityId, subject]) =>
      missingSamlFiles(directory, entityId, subject, { ...options, passphrase }),
    ),
    missingOidcFile(directory, 'RS256', passphrase),
    missingOidcFile(directory, 'ES256', passphrase),
  ]);
  const missing = files.flat();
  if (!begun) {
    // Written first: keys without secrets are then never a beginning, always a loss.
    missing.unshift({ name: SECRETS, content: newSecretsFile(passphrase, options.clock.now()) });
  }
  for (const { name, content } of missing) writeNew(join(directory, name), content);
  return missing.map(({ name }) => name).sort();
}

/**
 * What is there must open with the passphrase: a directory half made with another would not start. And lost secrets
 * are not made anew in silence, for every citizen would become another person.
 */
function refuseUnlessWhole(directory: string, passphrases: Passphrases): void {
  refuseSharedFiles(directory);
  const secrets = join(directory, SECRETS);
  const keys = readdirSync(directory).filter((name) => name.endsWith('.key.pem'));
  if (existsSync(secrets)) openSecretsFile(secrets, passphrases);
  else if (keys.length > 0) {
    throw new Misconfigured(
      'keys_missing',
      `${secrets}: missing, but ${keys.join(', ')} exist; restore it from a copy, or begin anew in an empty directory`,
    );
  }
  for (const name of keys) openPrivateKey(join(directory, name), passphrases);
}

async function missingSamlFiles(
  directory: string,
  entityId: string,
  subject: CertificateSubject,
  options: KeyCreation,
): Promise<NewFile[]> {
  const existing = keyFiles(directory).filter((file) => file.entityId === entityId);
  const certificateFile = join(directory, `saml-${entityId}.crt.pem`);
  if (existing.length === 0 && existsSync(certificateFile)) {
    throw new Misconfigured(
      'keys_missing',
      `${join(directory, `saml-${entityId}.key.pem`)}: missing, but ${certificateFile} is there; restore or remove`,
    );
  }
  const [first] = existing;
  if (!first) return newSamlKey(nextKeyName(directory, entityId), subject, options);
  if (first.pending || existsSync(join(directory, `${first.name}.crt.pem`))) return [];
  const privateKey = openPrivateKey(join(directory, `${first.name}.key.pem`), options);
  return [await certificateFor(first.name, privateKey, subject, options)];
}

async function missingOidcFile(
  directory: string,
  alg: 'RS256' | 'ES256',
  passphrase: string,
): Promise<NewFile[]> {
  // The first one of all is put aside after some changes of keys.
  if (turns(directory).some(({ use }) => use === `oidc-${alg.toLowerCase()}`)) return [];
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
export function loadKeys(directory: string, passphrases: Passphrases): KeyRing {
  refuseUnlessReadable(directory);
  if (!existsSync(join(directory, SECRETS))) {
    throw new Misconfigured(
      'keys_missing',
      `keys.directory: ${directory} holds no keys; make them with: npm run gateway -- keys create`,
    );
  }
  refuseSharedFiles(directory);
  const secrets = openSecretsFile(join(directory, SECRETS), passphrases);
  const saml = new SamlKeys(directory, passphrases);
  const rotating = new RotatingKeys(directory, passphrases, secrets.cookies);
  const subjectKey = createSecretKey(secrets.subject[0].key);
  const [cookie, ...olderCookies] = secrets.cookies;
  const derive = (purpose: string, { key }: { readonly key: Uint8Array }) =>
    Buffer.from(hkdfSync('sha256', key, '', `derived:${purpose}`, 32)).toString('base64url');
  return {
    saml,
    rotating,
    cipher: cipherOf(secrets.data),
    personHash: keyedHashOf(secrets.person),
    subject: (sector, personId) =>
      createHmac('sha256', subjectKey)
        .update(JSON.stringify([sector, personId]))
        .digest('base64url'),
    derived: (purpose) => [derive(purpose, cookie), ...olderCookies.map((older) => derive(purpose, older))],
    inventory: (now) => [
      ...saml.ids().flatMap((id) =>
        saml.of(id).map(({ facts }) => ({
          kind: 'saml' as const,
          id,
          created: facts.notBefore,
          expires: facts.notAfter,
          fingerprint: facts.fingerprint,
        })),
      ),
      ...(['data', 'person', 'subject'] as const).flatMap((kind) =>
        secrets[kind].map(({ id, created }) => ({ kind, id, created })),
      ),
      ...rotating.facts(now).map(({ use, id, created, ...turn }) => ({
        kind: use === 'cookies' ? use : ('oidc' as const),
        id,
        created,
        turn,
      })),
    ],
  };
}

/** A folder that may not be looked into is not an empty one: nobody shall make new keys beside those that are there. */
function refuseUnlessReadable(directory: string): void {
  try {
    readdirSync(directory);
  } catch (cause) {
    const code = errorCode(cause);
    if (code === 'ENOENT') return;
    throw new Misconfigured(
      'keys_missing',
      `keys.directory: ${directory} cannot be read (${code}); the user that the gateway runs as has to own it, mode 700`,
      { cause },
    );
  }
}

function refuseSharedFiles(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (name === SECRETS || name.endsWith('.key.pem')) refuseIfShared(join(directory, name));
  }
}
