import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Misconfigured } from '../operations/errors.ts';
import { replaceFile, RETIRED } from './files.ts';
import type { Passphrases } from './passphrases.ts';
import { openPrivateKey, sealPrivateKey } from './private-key.ts';
import {
  openSecretFile,
  openSecretsFile,
  resealedSecretFile,
  resealedSecretsFile,
  SECRETS,
} from './secrets-file.ts';

/** What a file of the key directory, or one of the register's keys, opens with. */
export type Wrapping = 'present' | 'previous' | 'neither';

export interface WrappedFile {
  /** Below the key directory. */
  readonly name: string;
  readonly wrapping: Wrapping;
}

/** How a kind of file is opened, and what is in it afterwards. */
interface Kind {
  readonly names: RegExp;
  /** @throws Misconfigured when the passphrase does not open it */
  readonly open: (file: string, passphrase: string) => unknown;
  /** @returns the content of the file with the same secret under another passphrase */
  readonly reseal: (file: string, from: string, to: string) => string;
}

const KINDS: readonly Kind[] = [
  {
    names: /^secrets\.json$/,
    open: (file, passphrase) => openSecretsFile(file, { passphrase }),
    reseal: resealedSecretsFile,
  },
  {
    names: /^cookies\.\d{8}T\d{6}Z\.json$/,
    open: (file, passphrase) => openSecretFile('cookies', file, { passphrase }),
    reseal: (file, from, to) => resealedSecretFile('cookies', file, from, to),
  },
  {
    names: /^(?!\.).+\.key\.pem$/,
    open: (file, passphrase) => openPrivateKey(file, { passphrase }),
    reseal: (file, from, to) => sealPrivateKey(openPrivateKey(file, { passphrase: from }), to),
  },
];

/** Every file that the passphrase protects, also those put aside; secrets.json first. */
export function wrappedFiles(directory: string, passphrases: Passphrases): WrappedFile[] {
  return namesIn(directory).map(({ name, kind }) => ({
    name,
    wrapping: wrappingOf(kind, join(directory, name), passphrases),
  }));
}

/**
 * Writes every file that opens with the previous passphrase again, under the present one. Each is replaced as a whole,
 * so that at any moment every file opens with the one or the other; killed, it goes on when it is called again.
 * secrets.json is the first: from then on every process that makes a key makes it under the present passphrase
 * (presentPassphrase).
 * @returns the names of the files written again
 */
export function rewrapFiles(directory: string, passphrases: Passphrases): string[] {
  const { passphrase, previousPassphrase } = passphrases;
  if (previousPassphrase === undefined) return [];
  const written: string[] = [];
  const seen = new Set<string>();
  // Until there is nothing new: another process may have made a key, or put one aside, meanwhile.
  for (let found = namesIn(directory); found.length > 0;) {
    for (const { name, kind } of found) {
      seen.add(name);
      const file = join(directory, name);
      if (wrappingOf(kind, file, passphrases) !== 'previous') continue;
      replaceFile(file, kind.reseal(file, previousPassphrase, passphrase), { keepDate: true });
      written.push(name);
    }
    found = namesIn(directory).filter(({ name }) => !seen.has(name));
  }
  return written;
}

function namesIn(directory: string): { readonly name: string; readonly kind: Kind }[] {
  const retired = existsSync(join(directory, RETIRED)) ? readdirSync(join(directory, RETIRED)) : [];
  const names = [...readdirSync(directory), ...retired.map((name) => join(RETIRED, name))];
  return names
    .flatMap((name) => {
      const kind = KINDS.find(({ names }) => names.test(name.split('/').at(-1) ?? ''));
      return kind ? [{ name, kind }] : [];
    })
    .sort((a, b) => Number(b.name === SECRETS) - Number(a.name === SECRETS));
}

function wrappingOf({ open }: Kind, file: string, { passphrase, previousPassphrase }: Passphrases): Wrapping {
  if (opens(() => open(file, passphrase))) return 'present';
  return previousPassphrase !== undefined && opens(() => open(file, previousPassphrase))
    ? 'previous'
    : 'neither';
}

function opens(open: () => unknown): boolean {
  try {
    open();
    return true;
  } catch (error) {
    if (error instanceof Misconfigured && error.code === 'keys_locked') return false;
    throw error;
  }
}
