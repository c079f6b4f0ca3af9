import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { Misconfigured, Refused } from '../operations/errors.ts';
import { refuseIfShared } from './files.ts';
import type { Passphrases } from './passphrases.ts';
import { openSigningJwk } from './private-key.ts';
import { isUnderstood, ROTATED, signingTurn, turns, UNDERSTOOD_MS, type Rotated } from './rotation.ts';
import { openSecretFile, type Secret } from './secrets-file.ts';

/** What signs and what is understood at one moment. */
export interface KeySet {
  /** Private JWKs for tokens, one or more of each algorithm; of each, the first signs. */
  readonly tokens: readonly JWK[];
  /** For signed cookies; the first signs. */
  readonly cookies: readonly [string, ...string[]];
  /** The same as long as nothing of it changes. */
  readonly version: string;
}

/** One key that takes turns, as a list shows it. */
export interface TurnFacts {
  readonly use: Rotated;
  /** `kid`, or the name of a secret. */
  readonly id: string;
  readonly created: Date;
  /** When it began to sign, or will; undefined: from the beginning. */
  readonly from: Date | undefined;
  /** Until when what it signed is understood; undefined while no other follows. */
  readonly until: Date | undefined;
  readonly state: 'signs' | 'published' | 'understood' | 'past';
}

interface Opened {
  readonly id: string;
  readonly created: Date;
  readonly from: Date | undefined;
  readonly key: JWK | string;
}

type Lines = Readonly<Record<Rotated, readonly [Opened, ...Opened[]]>>;

/** The keys of a directory that take turns. Each is opened once; new ones are found without a restart. */
export class RotatingKeys {
  readonly #directory: string;
  readonly #passphrases: Passphrases;
  readonly #firstCookies: readonly Secret[];
  readonly #opened = new Map<string, Opened>();
  #lines: Lines;

  /**
   * @param firstCookies those of secrets.json, newest first
   * @throws Misconfigured when a file is missing, readable by others, opens not with the passphrase or does not fit
   */
  constructor(directory: string, passphrases: Passphrases, firstCookies: readonly Secret[]) {
    this.#directory = directory;
    this.#passphrases = passphrases;
    this.#firstCookies = firstCookies;
    this.#lines = this.#read();
  }

  /** Looks for keys that were added or put aside since. Throws as the constructor does; then all stays as it was. */
  reload(): void {
    this.#lines = this.#read();
  }

  at(now: Date): KeySet {
    const tokens = [...inUse(this.#lines['oidc-rs256'], now), ...inUse(this.#lines['oidc-es256'], now)];
    const [cookie, ...others] = inUse(this.#lines.cookies, now);
    const ids = [...tokens, cookie, ...others].map(({ id }) => id).join(' ');
    return {
      tokens: tokens.map(({ key }) => key as JWK),
      cookies: [cookie.key as string, ...others.map(({ key }) => key as string)],
      version: createHash('sha256').update(ids).digest('base64url'),
    };
  }

  facts(now: Date): readonly TurnFacts[] {
    return ROTATED.flatMap((use) => {
      const line = this.#lines[use];
      const signing = signingTurn(line, now);
      return line.map(({ id, created, from }, at): TurnFacts => {
        const next = line[at + 1]?.from;
        const until = next && new Date(next.getTime() + UNDERSTOOD_MS);
        const before = isUnderstood(line[at + 1], now) ? 'understood' : 'past';
        const state = at === signing ? 'signs' : at > signing ? 'published' : before;
        return { use, id, created, from, until, state };
      });
    });
  }

  /**
   * The file of a key that may be put aside before its time.
   * @throws Refused `key_unknown`, `key_in_use` (it signs), `key_kept` (it is in secrets.json)
   */
  withdrawable(id: string, now: Date): string {
    const found = this.facts(now).find((turn) => turn.id === id);
    if (!found)
      throw new Refused('key_unknown', `${id}: no key for tokens or cookies; keys show lists them`, {
        status: 404,
      });
    if (found.state === 'signs')
      throw new Refused(
        'key_in_use',
        `${id}: it signs now; first: keys rotate --now, and wait until that signs`,
        {
          status: 409,
        },
      );
    const [file] = [...this.#opened].find(([, opened]) => opened.id === id) ?? [];
    if (file) return file;
    throw new Refused(
      'key_kept',
      `${id}: it is in secrets.json, where it stays for what else derives from it`,
      {
        status: 409,
      },
    );
  }

  #read(): Lines {
    const files = turns(this.#directory);
    const line = (use: Rotated): Opened[] =>
      files.filter((turn) => turn.use === use).map(({ file, from }) => this.#open(use, file, from));
    const [oldest, ...newer] = this.#firstCookies.toReversed().map(fromTheBeginning);
    if (!oldest) throw new Error('secrets.json always holds one');
    return {
      'oidc-rs256': atLeastOne(line('oidc-rs256'), join(this.#directory, 'oidc-rs256.key.pem')),
      'oidc-es256': atLeastOne(line('oidc-es256'), join(this.#directory, 'oidc-es256.key.pem')),
      cookies: [oldest, ...newer, ...line('cookies')],
    };
  }

  #open(use: Rotated, name: string, from: Date | undefined): Opened {
    const known = this.#opened.get(name);
    if (known) return known;
    const file = join(this.#directory, name);
    refuseIfShared(file);
    const opened = { ...this.#content(use, file), from };
    this.#opened.set(name, opened);
    return opened;
  }

  #content(use: Rotated, file: string): Omit<Opened, 'from'> {
    if (use === 'cookies') {
      const { id, created, key } = openSecretFile('cookies', file, this.#passphrases);
      return { id, created, key: asText(key) };
    }
    const jwk = openSigningJwk(file, use === 'oidc-rs256' ? 'RS256' : 'ES256', this.#passphrases);
    // The date of the file is the key's: whoever writes it again leaves that as it was.
    return { id: jwk.kid, created: statSync(file).mtime, key: jwk };
  }
}

/** The one that signs, those that will, those that did and may be met again. */
function inUse(line: readonly [Opened, ...Opened[]], now: Date): [Opened, ...Opened[]] {
  const signing = signingTurn(line, now);
  const older = line.slice(0, signing).filter((_, at) => isUnderstood(line[at + 1], now));
  return [line[signing] ?? line[0], ...line.slice(signing + 1), ...older.toReversed()];
}

function fromTheBeginning({ id, created, key }: Secret): Opened {
  return { id, created, from: undefined, key: asText(key) };
}

function atLeastOne(line: readonly Opened[], file: string): readonly [Opened, ...Opened[]] {
  const [first, ...others] = line;
  if (first) return [first, ...others];
  throw new Misconfigured('keys_missing', `${file}: missing; make it with: npm run gateway -- keys create`);
}

function asText(key: Uint8Array): string {
  return Buffer.from(key).toString('base64url');
}
