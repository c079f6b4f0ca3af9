import { randomBytes, scryptSync } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { Misconfigured } from '../operations/errors.ts';
import { cipherOf, type Cipher, type SecretKey } from './cipher.ts';
import { readKeyFile } from './files.ts';
import { withEither, type Passphrases } from './passphrases.ts';

/** The file that nothing replaces. */
export const SECRETS = 'secrets.json';

/** What each secret is for: data at rest, recognising persons, making subjects, signing cookies. */
const SECRET_USES = ['data', 'person', 'subject', 'cookies'] as const;
export type SecretUse = (typeof SECRET_USES)[number];

/** A secret with the moment it was made. */
export interface Secret extends SecretKey {
  readonly created: Date;
}

/** Newest first: the first one is used, all are understood. */
export type Secrets = Readonly<Record<SecretUse, readonly [Secret, ...Secret[]]>>;

const entry = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{12}$/),
  created: z.iso.datetime(),
  sealed: z.base64(),
});
type Entry = z.infer<typeof entry>;
const entries = z.tuple([entry], entry);
const salt = z.string().regex(/^[\w-]{22}$/);

/** Each secret sealed under a key that scrypt makes of the passphrase. A rotation adds an entry in front. */
const schema = z.strictObject({
  salt,
  secrets: z.strictObject({
    data: entries,
    person: entries,
    // A second key would give every citizen another subject at every service (one-identity, 3).
    subject: z.tuple([entry]),
    cookies: entries,
  }),
});

const SECRET_BYTES = 32;

/** A file with one secret more: what signs cookies from some moment on. */
const single = z.strictObject({ salt, secret: entry });

/** The text of a new secrets file: one secret for each use. */
export function newSecretsFile(passphrase: string, now: Date): string {
  const salt = newSalt();
  const cipher = passphraseCipher(passphrase, salt);
  const secrets = SECRET_USES.map((use) => [use, [newEntry(cipher, use, now)]] as const);
  return fileText({ salt, secrets: Object.fromEntries(secrets) });
}

/** The text of a file with one new secret, so that the file that nothing replaces is never written again. */
export function newSecretFile(use: SecretUse, passphrase: string, now: Date): string {
  const salt = newSalt();
  const secret = newEntry(passphraseCipher(passphrase, salt), use, now);
  return fileText({ salt, secret });
}

/** Throws as openSecretsFile does. */
export function openSecretFile(use: SecretUse, file: string, passphrases: Passphrases): Secret {
  const { salt, secret } = parsed(file, readKeyFile(file), single);
  return withEither(file, passphrases, (passphrase) =>
    opened(passphraseCipher(passphrase, salt), use, secret),
  );
}

function newSalt(): string {
  return randomBytes(16).toString('base64url');
}

function newEntry(cipher: Cipher, use: SecretUse, now: Date): Entry {
  const id = randomBytes(6).toString('hex');
  return {
    id,
    created: now.toISOString(),
    sealed: sealedText(cipher, use, id, randomBytes(SECRET_BYTES)),
  };
}

function sealedText(cipher: Cipher, use: SecretUse, id: string, key: Uint8Array): string {
  return Buffer.from(cipher.seal(key, place(use, id))).toString('base64');
}

function fileText(content: object): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}

function opened(cipher: Cipher, use: SecretUse, { id, created, sealed }: Entry): Secret {
  const key = cipher.open(Buffer.from(sealed, 'base64'), place(use, id));
  return { id, created: new Date(created), key };
}

/**
 * @throws Misconfigured `keys_missing`, `keys_damaged` (not as this program writes it),
 *   `keys_locked` (wrong passphrase, or a secret was altered or moved)
 */
export function openSecretsFile(file: string, passphrases: Passphrases): Secrets {
  const { salt, secrets } = parsed(file, readKeyFile(file), schema);
  return withEither(file, passphrases, (passphrase) => {
    const cipher = passphraseCipher(passphrase, salt);
    const open = (use: SecretUse): readonly [Secret, ...Secret[]] => {
      const [newest, ...older]: [Entry, ...Entry[]] = secrets[use];
      return [opened(cipher, use, newest), ...older.map((one) => opened(cipher, use, one))];
    };
    return { data: open('data'), person: open('person'), subject: open('subject'), cookies: open('cookies') };
  });
}

/**
 * The one passphrase that a directory is written with now: the one that opens its secrets. A process that still has
 * another makes no key that the others could not open.
 * @throws Misconfigured as openSecretsFile does
 */
export function presentPassphrase(
  directory: string,
  { passphrase, previousPassphrase }: Passphrases,
): string {
  const { salt, secrets } = parsed(join(directory, SECRETS), readKeyFile(join(directory, SECRETS)), schema);
  return withEither(join(directory, SECRETS), { passphrase, previousPassphrase }, (one) => {
    opened(passphraseCipher(one, salt), 'data', secrets.data[0]);
    return one;
  });
}

/**
 * The text of secrets.json with the same secrets under another passphrase: names and dates stay, for values in the store
 * name the key that sealed them. Throws as openSecretsFile does.
 */
export function resealedSecretsFile(file: string, from: string, to: string): string {
  const { salt, secrets } = parsed(file, readKeyFile(file), schema);
  const [opening, next] = [passphraseCipher(from, salt), newSalt()];
  const sealing = passphraseCipher(to, next);
  return withEither(file, { passphrase: from }, () => {
    const again = SECRET_USES.map((use) => {
      const all: readonly Entry[] = secrets[use];
      return [use, all.map((one) => sealedAgain(use, one, opening, sealing))] as const;
    });
    return fileText({ salt: next, secrets: Object.fromEntries(again) });
  });
}

/** The same for a file with one secret. */
export function resealedSecretFile(use: SecretUse, file: string, from: string, to: string): string {
  const { salt, secret } = parsed(file, readKeyFile(file), single);
  const [opening, next] = [passphraseCipher(from, salt), newSalt()];
  const sealing = passphraseCipher(to, next);
  return withEither(file, { passphrase: from }, () =>
    fileText({ salt: next, secret: sealedAgain(use, secret, opening, sealing) }),
  );
}

function sealedAgain(use: SecretUse, secret: Entry, opening: Cipher, sealing: Cipher): Entry {
  const { key } = opened(opening, use, secret);
  return { ...secret, sealed: sealedText(sealing, use, secret.id, key) };
}

function parsed<T>(file: string, text: string, shape: z.ZodType<T>): T {
  const damaged = (what: string) =>
    new Misconfigured('keys_damaged', `${file}: ${what}; restore it from a copy, nothing can replace it`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw damaged('not JSON');
  }
  const result = shape.safeParse(json);
  if (result.success) return result.data;
  throw damaged(`not as it was written: ${result.error.issues.map(({ path }) => path.join('.')).join(', ')}`);
}

/** Bound to use and id, so that a secret copied to another use does not open there. */
function place(use: SecretUse, id: string): string {
  return `secret:${use}:${id}`;
}

/** 32 MiB for every guess; a start waits a tenth of a second. */
function passphraseCipher(passphrase: string, salt: string): Cipher {
  const key = scryptSync(passphrase, salt, 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 });
  return cipherOf([{ id: 'passphrase', key }]);
}
