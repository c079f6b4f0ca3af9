import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Misconfigured } from '../operations/errors.ts';

/** Folder of a key directory for keys that sign no more: kept, for they prove what was signed. */
export const RETIRED = 'retired';

/**
 * Writes a file that only its owner may read, whole or not at all, and never over another: the content is on the disk
 * before the name exists, and a name that exists is left alone.
 * @throws Misconfigured `keys_exist` when the name is taken
 */
export function writeNew(file: string, content: string): void {
  const draft = writeDraft(file, content);
  try {
    // A link, unlike a renaming, fails when the name exists.
    linkSync(draft, file);
  } catch (cause) {
    if (errorCode(cause) !== 'EEXIST') throw cause;
    throw new Misconfigured('keys_exist', `${file}: exists already; keys are never overwritten`, { cause });
  } finally {
    unlinkSync(draft);
  }
}

/**
 * Puts new content in the place of a file's old one, at once and for good: the register forgets keys by it. Drafts that
 * a killed process has left go too, for what is forgotten may be in them.
 * @param keepDate whether the file shall seem as old as it was, where its date says when a key was made
 */
export function replaceFile(file: string, content: string, { keepDate = false } = {}): void {
  const draft = writeDraft(file, content);
  // The file system's clock, by which the other drafts are dated too.
  const now = statSync(draft).mtime;
  if (keepDate) utimesSync(draft, now, statSync(file).mtime);
  renameSync(draft, file);
  const directory = openSync(dirname(file), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
  removeLeftDrafts(dirname(file), now);
}

/** No draft is written for so long, in milliseconds. */
const DRAFT_MS = 60_000;

function removeLeftDrafts(directory: string, now: Date): void {
  for (const name of readdirSync(directory)) {
    if (!/^\.[0-9a-f]{16}\.draft$/.test(name)) continue;
    const draft = join(directory, name);
    const written = statSync(draft, { throwIfNoEntry: false })?.mtime;
    if (written && now.getTime() - written.getTime() > DRAFT_MS) rmSync(draft, { force: true });
  }
}

/** A file beside the one meant, whole and on the disk. @returns its name */
function writeDraft(file: string, content: string): string {
  const draft = join(dirname(file), `.${randomBytes(8).toString('hex')}.draft`);
  const descriptor = openSync(draft, 'wx', 0o600);
  try {
    writeSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return draft;
}

/** @throws Misconfigured `keys_missing` when the file is not there or may not be read */
export function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Misconfigured('keys_missing', `${file}: cannot be read (${errorCode(cause) ?? 'unknown'})`, {
      cause,
    });
  }
}

/**
 * Whether a file that holds a secret is its owner's alone.
 * @throws Misconfigured `keys_readable` when anyone else may read or change it
 */
export function refuseIfShared(file: string): void {
  const mode = (statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o777;
  if ((mode & 0o077) === 0) return;
  throw new Misconfigured(
    'keys_readable',
    `${file}: others may read it (mode ${mode.toString(8)}); allowed: 600. Run: chmod 600 ${file}`,
  );
}

/** What the system calls it, such as `EACCES`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
