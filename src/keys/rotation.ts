import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Misconfigured } from '../operations/errors.ts';
import { RETIRED, writeNew } from './files.ts';
import { generate } from './new-keys.ts';
import type { Passphrases } from './passphrases.ts';
import { sealPrivateKey } from './private-key.ts';
import { newSecretFile, presentPassphrase } from './secrets-file.ts';

/** What is changed from time to time: the keys that sign tokens, and the one that signs cookies. */
export const ROTATED = ['oidc-rs256', 'oidc-es256', 'cookies'] as const;
export type Rotated = (typeof ROTATED)[number];

/** One key of a line, in the order of the moments from which they sign. */
export interface Turn {
  readonly use: Rotated;
  readonly file: string;
  /** When it begins to sign; undefined: from the beginning. Part of its name, so that every process knows the same. */
  readonly from: Date | undefined;
}

/**
 * How long a key goes on being understood after another signs, in milliseconds. The longest thing that is signed stands
 * on a login of at most eight hours, and one hour more; a service's copy of the public keys is seldom a day old.
 */
export const UNDERSTOOD_MS = 24 * 60 * 60 * 1000;

/**
 * What a key is published ahead even in a hurry, in milliseconds: every process has looked for new keys by then, and a
 * stock verifier that fetched the public keys just before it will fetch them again.
 */
export const SHORTEST_NOTICE_MS = 60 * 1000;

const OIDC_RSA_BITS = 2048;

/** `oidc-rs256.key.pem`, `oidc-rs256.20270222T120000Z.key.pem`, `cookies.20270222T120000Z.json` */
const NAMES: readonly (readonly [Rotated, RegExp])[] = [
  ['oidc-rs256', /^oidc-rs256(?:\.(\d{8}T\d{6}Z))?\.key\.pem$/],
  ['oidc-es256', /^oidc-es256(?:\.(\d{8}T\d{6}Z))?\.key\.pem$/],
  ['cookies', /^cookies\.(\d{8}T\d{6}Z)\.json$/],
];

/** The keys of a directory that take turns, oldest first. The first for cookies is in secrets.json. */
export function turns(directory: string): Turn[] {
  return readdirSync(directory)
    .flatMap((file) =>
      NAMES.flatMap(([use, name]): Turn[] => {
        const match = name.exec(file);
        return match ? [{ use, file, from: match[1] === undefined ? undefined : moment(match[1]) }] : [];
      }),
    )
    .sort((a, b) => (a.from?.getTime() ?? 0) - (b.from?.getTime() ?? 0));
}

/** The one of a line that signs: the last whose time has come. @returns its place, 0 when none has */
export function signingTurn(line: readonly Pick<Turn, 'from'>[], now: Date): number {
  return Math.max(
    0,
    line.findLastIndex(({ from }) => from === undefined || from <= now),
  );
}

/** Whether what a key has signed may still be about. @param next the key of the line that follows, if any */
export function isUnderstood(next: Pick<Turn, 'from'> | undefined, now: Date): boolean {
  return next?.from === undefined || next.from.getTime() + UNDERSTOOD_MS > now.getTime();
}

/**
 * Makes the next key of every line, which signs from a moment on. Whoever comes second to the same moment finds the key
 * made.
 * @param from at least SHORTEST_NOTICE_MS ahead; whole seconds
 * @returns the names of the files written
 * @throws Misconfigured `keys_locked` when the passphrase is the directory's no more
 */
export async function addTurns(
  directory: string,
  {
    uses,
    from,
    now,
    ...passphrases
  }: {
    readonly uses: readonly Rotated[];
    readonly from: Date;
    readonly now: Date;
  } & Passphrases,
): Promise<string[]> {
  const passphrase = presentPassphrase(directory, passphrases);
  const files = await Promise.all(
    uses.map(async (use) => ({
      name: `${use}.${stamp(from)}.${use === 'cookies' ? 'json' : 'key.pem'}`,
      content: await newContent(use, passphrase, now),
    })),
  );
  return files.flatMap(({ name, content }) => {
    try {
      writeNew(join(directory, name), content);
      return [name];
    } catch (error) {
      if (error instanceof Misconfigured && error.code === 'keys_exist') return [];
      throw error;
    }
  });
}

/** Puts aside what is understood no more. Nothing is deleted. @returns the names of the files */
export function retireTurns(directory: string, now: Date): string[] {
  const gone = ROTATED.flatMap((use) => {
    const line = turns(directory).filter((turn) => turn.use === use);
    const signing = signingTurn(line, now);
    return line.filter((_, at) => at < signing && !isUnderstood(line[at + 1], now));
  });
  return gone.flatMap(({ file }) => (setAside(directory, file) ? [file] : []));
}

/** Puts a file aside. @returns false when another process was first */
export function setAside(directory: string, file: string): boolean {
  mkdirSync(join(directory, RETIRED), { recursive: true, mode: 0o700 });
  try {
    renameSync(join(directory, file), join(directory, RETIRED, file));
    return true;
  } catch (error) {
    if (!existsSync(join(directory, file))) return false;
    throw error;
  }
}

async function newContent(use: Rotated, passphrase: string, now: Date): Promise<string> {
  if (use === 'cookies') return newSecretFile('cookies', passphrase, now);
  const { privateKey } =
    use === 'oidc-rs256'
      ? await generate('rsa', { modulusLength: OIDC_RSA_BITS })
      : await generate('ec', { namedCurve: 'P-256' });
  return sealPrivateKey(privateKey, passphrase);
}

function stamp(moment: Date): string {
  return moment.toISOString().replace(/\.\d{3}|[-:]/g, '');
}

function moment(stamped: string): Date {
  return new Date(stamped.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
