import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  randomBytes,
  scryptSync,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JWK } from 'jose';
import type { Clock } from '../operations/clock.ts';
import { Misconfigured } from '../operations/errors.ts';
import {
  certificateFacts,
  selfSignedCertificate,
  type CertificateFacts,
  type CertificateSubject,
} from './certificate.ts';
import { cipherOf, type Cipher, type SecretKey } from './cipher.ts';
import { keyedHashOf, type KeyedHash } from './keyed-hash.ts';

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
  /** Private JWKs for ID tokens, newest of each algorithm first. */
  readonly oidc: readonly JWK[];
  /** For signed cookies, newest first. */
  readonly cookies: readonly [string, ...string[]];
  readonly cipher: Cipher;
  readonly personHash: KeyedHash;
  /** Pairwise subject: the same for a person and a sector for ever, telling nothing of either (one-identity, 3). */
  subject(sector: string, personId: string): string;
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

const SECRETS = 'secrets.json';
const SECRET_USES = ['data', 'person', 'subject', 'cookies'] as const;
type SecretUse = (typeof SECRET_USES)[number];

/** secrets.json: each secret sealed under a key that scrypt derives from the passphrase. Rotation adds an entry in front. */
interface SecretsFile {
  readonly salt: string;
  readonly secrets: Readonly<Record<SecretUse, readonly { id: string; created: string; sealed: string }[]>>;
}

const rsa = promisify(generateKeyPair) as (
  type: 'rsa',
  options: { modulusLength: number },
) => Promise<{ privateKey: KeyObject }>;
const ec = promisify(generateKeyPair) as (
  type: 'ec',
  options: { namedCurve: string },
) => Promise<{ privateKey: KeyObject }>;

/**
 * Makes every key that is missing in the directory. Existing files are never touched.
 * @returns the names of the files written
 */
export async function createKeys(directory: string, options: KeyCreation): Promise<string[]> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const written: string[] = [];
  const write = (name: string, content: string) => {
    writeFileSync(join(directory, name), content, { mode: 0o600, flag: 'wx' });
    written.push(name);
  };
  const missing = (name: string) => !existsSync(join(directory, name));

  await Promise.all([
    ...Object.entries(options.certificates).map(async ([entityId, subject]) => {
      const [keyFile, certificateFile] = [`saml-${entityId}.key.pem`, `saml-${entityId}.crt.pem`];
      if (!missing(keyFile) || !missing(certificateFile)) return;
      const { privateKey } = await rsa('rsa', { modulusLength: options.rsaBits });
      const certificate = await selfSignedCertificate(
        subject,
        privateKey,
        options.clock.now(),
        options.years,
      );
      write(keyFile, pem(privateKey, options.passphrase));
      write(certificateFile, `${certificate}\n`);
    }),
    (async () => {
      if (!missing('oidc-rs256.key.pem')) return;
      const { privateKey } = await rsa('rsa', { modulusLength: 2048 });
      write('oidc-rs256.key.pem', pem(privateKey, options.passphrase));
    })(),
    (async () => {
      if (!missing('oidc-es256.key.pem')) return;
      const { privateKey } = await ec('ec', { namedCurve: 'P-256' });
      write('oidc-es256.key.pem', pem(privateKey, options.passphrase));
    })(),
  ]);
  if (missing(SECRETS)) write(SECRETS, `${JSON.stringify(newSecrets(options), null, 2)}\n`);
  return written.sort();
}

/**
 * Opens the key directory.
 * @throws Misconfigured when a file is missing, readable by others, opens not with the passphrase or does not fit
 */
export function loadKeys(directory: string, options: { readonly passphrase: string }): KeyRing {
  if (!existsSync(join(directory, SECRETS))) {
    throw new Misconfigured(
      'keys_missing',
      `keys.directory: ${directory} holds no keys; make them with: npm run gateway -- keys create`,
    );
  }
  for (const name of readdirSync(directory)) refuseIfOthersCanRead(join(directory, name));
  const secrets = openSecrets(directory, options.passphrase);
  const subjectKey = secrets.subject[0].key;
  const saml = new Map(
    readdirSync(directory)
      .flatMap((name) => /^saml-(.+)\.key\.pem$/.exec(name)?.[1] ?? [])
      .map((entityId) => [entityId, loadSamlKey(directory, entityId, options.passphrase)]),
  );
  return {
    saml(entityId) {
      const key = saml.get(entityId);
      if (key) return key;
      throw new Misconfigured(
        'keys_missing',
        `keys.directory: ${directory} holds no saml-${entityId}.key.pem; make it with: npm run gateway -- keys create`,
      );
    },
    oidc: [
      oidcKey(join(directory, 'oidc-rs256.key.pem'), 'RS256', options.passphrase),
      oidcKey(join(directory, 'oidc-es256.key.pem'), 'ES256', options.passphrase),
    ],
    cookies: secrets.cookies.map(({ key }) => Buffer.from(key).toString('base64url')) as [
      string,
      ...string[],
    ],
    cipher: cipherOf(secrets.data),
    personHash: keyedHashOf(secrets.person),
    subject: (sector, personId) =>
      createHmac('sha256', subjectKey)
        .update(JSON.stringify([sector, personId]))
        .digest('base64url'),
  };
}

function pem(key: KeyObject, passphrase: string): string {
  return key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();
}

function refuseIfOthersCanRead(file: string): void {
  const { mode } = statSync(file);
  if (/\.key\.pem$|secrets\.json$/.test(file) && (mode & 0o077) !== 0) {
    throw new Misconfigured(
      'keys_readable',
      `${file}: others may read it (mode ${(mode & 0o777).toString(8)}); allowed: 600. Run: chmod 600 ${file}`,
    );
  }
}

function openPrivateKey(file: string, passphrase: string): KeyObject {
  try {
    return createPrivateKey({ key: readFileSync(file), passphrase });
  } catch (cause) {
    throw new Misconfigured(
      'keys_locked',
      `${file}: cannot be read with the passphrase given in keys.passphrase`,
      { cause },
    );
  }
}

function loadSamlKey(directory: string, entityId: string, passphrase: string): SamlKey {
  const file = join(directory, `saml-${entityId}.key.pem`);
  const privateKey = openPrivateKey(file, passphrase);
  const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (privateKey.asymmetricKeyType !== 'rsa' || ![2048, 3072, 4096].includes(bits)) {
    throw new Misconfigured(
      'keys_weak',
      `${file}: found ${privateKey.asymmetricKeyType} ${bits}; allowed: RSA of 2048, 3072 or 4096 bits`,
    );
  }
  const certificateFile = join(directory, `saml-${entityId}.crt.pem`);
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(readFileSync(certificateFile));
  } catch (cause) {
    throw new Misconfigured('keys_missing', `${certificateFile}: missing or not a PEM certificate`, {
      cause,
    });
  }
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new Misconfigured('keys_mismatch', `${certificateFile}: is not the certificate of ${file}`);
  }
  return {
    privateKey,
    certificate: certificate.raw.toString('base64'),
    facts: certificateFacts(certificate),
  };
}

function oidcKey(file: string, alg: 'RS256' | 'ES256', passphrase: string): JWK {
  const key = openPrivateKey(file, passphrase);
  const kid = createHmac('sha256', 'kid')
    .update(createPublicKey(key).export({ type: 'spki', format: 'der' }))
    .digest('base64url')
    .slice(0, 22);
  return { ...(key.export({ format: 'jwk' }) as JWK), kid, alg, use: 'sig' };
}

function newSecrets({ passphrase, clock }: KeyCreation): SecretsFile {
  const salt = randomBytes(16).toString('base64url');
  const cipher = cipherOf([{ id: 'passphrase', key: derive(passphrase, salt) }]);
  const created = clock.now().toISOString();
  const entry = (use: SecretUse) => {
    const id = randomBytes(6).toString('hex');
    return [
      {
        id,
        created,
        sealed: Buffer.from(cipher.seal(randomBytes(32), secretContext(use, id))).toString('base64'),
      },
    ];
  };
  const [data, person, subject, cookies] = SECRET_USES.map(entry) as [
    ReturnType<typeof entry>,
    ReturnType<typeof entry>,
    ReturnType<typeof entry>,
    ReturnType<typeof entry>,
  ];
  return { salt, secrets: { data, person, subject, cookies } };
}

function openSecrets(directory: string, passphrase: string): Record<SecretUse, [SecretKey, ...SecretKey[]]> {
  const file = join(directory, SECRETS);
  try {
    const { salt, secrets } = JSON.parse(readFileSync(file, 'utf8')) as SecretsFile;
    const cipher = cipherOf([{ id: 'passphrase', key: derive(passphrase, salt) }]);
    const open = (use: SecretUse) =>
      secrets[use].map(({ id, sealed }) => ({
        id,
        key: cipher.open(Buffer.from(sealed, 'base64'), secretContext(use, id)),
      })) as unknown as [SecretKey, ...SecretKey[]];
    return { data: open('data'), person: open('person'), subject: open('subject'), cookies: open('cookies') };
  } catch (cause) {
    throw new Misconfigured(
      'keys_locked',
      `${file}: cannot be read with the passphrase given in keys.passphrase`,
      { cause },
    );
  }
}

function secretContext(use: SecretUse, id: string): string {
  return `secret:${use}:${id}`;
}

/** scrypt with 32 MiB: slow enough for guessing, quick enough for a start. */
function derive(passphrase: string, salt: string): Buffer {
  return scryptSync(passphrase, salt, 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 });
}
