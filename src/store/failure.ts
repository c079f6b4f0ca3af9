import { Misconfigured, Unavailable } from '../operations/errors.ts';

/**
 * Why a store could not be opened, with what to do next.
 * @param place of the store, without credentials
 */
export function openingFailed(place: string, error: unknown): Error {
  if (error instanceof Misconfigured) return error;
  // Of what a query said, the driver's own words tell more to whoever sets the machine up.
  const cause = error instanceof Unavailable ? (error.cause ?? error) : error;
  const { message, code } = said(cause);
  const newer = /previously executed migration (\S+) is missing/.exec(message)?.[1];
  if (newer)
    return new Misconfigured(
      'store_newer',
      `store.url: ${place} was upgraded by a newer version of the gateway (it has ${newer}): start that version, or restore the backup from before the upgrade (docs/production.md)`,
      { cause: error },
    );
  const advice = ADVICE[code] ?? ADVICE[code.slice(0, 2)];
  const reason = [message, advice].filter(Boolean).join('; ') || code;
  return new Unavailable('store_unusable', `store.url: ${place} cannot be used: ${reason}`, { cause });
}

/**
 * What the store cannot do now, by an error of its drivers. Their words are left out: they may quote what was stored.
 * @returns Unavailable `store_full`, `store_read_only`, `store_busy` or `store_away`; undefined for errors of another kind,
 *   which are ours
 */
export function storeTrouble(error: unknown): Unavailable | undefined {
  const { message, code } = said(error);
  const trouble =
    TROUBLE[code] ?? TROUBLE[code.slice(0, 2)] ?? (CONNECTION_LOST.test(message) ? 'store_away' : undefined);
  return trouble && new Unavailable(trouble, TROUBLES[trouble], { cause: error });
}

const TROUBLES = {
  store_full: 'the disk of the store is full',
  store_read_only: 'the store cannot be written to',
  store_busy: 'the store takes no more connections, or another process holds it',
  store_away: 'the store does not answer',
} as const;

/** By the code as in `ADVICE`: of the error, of its class in PostgreSQL, or of SQLite. */
const TROUBLE: Readonly<Record<string, keyof typeof TROUBLES>> = {
  ENOSPC: 'store_full',
  '53100': 'store_full',
  '13': 'store_full',
  '25006': 'store_read_only',
  '8': 'store_read_only',
  '53': 'store_busy',
  '5': 'store_busy',
  ECONNREFUSED: 'store_away',
  ECONNRESET: 'store_away',
  EPIPE: 'store_away',
  ENOENT: 'store_away', // the socket of a PostgreSQL on this machine
  ENOTFOUND: 'store_away',
  EAI_AGAIN: 'store_away',
  ETIMEDOUT: 'store_away',
  EHOSTUNREACH: 'store_away',
  ENETUNREACH: 'store_away',
  '08': 'store_away',
  '28': 'store_away',
  '3D': 'store_away',
  '57': 'store_away',
  '58': 'store_away',
  '10': 'store_away',
  '14': 'store_away',
};

/** What pg says without a code. */
const CONNECTION_LOST =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** By the code of the error, of its class in PostgreSQL, or of SQLite (sqlite.org/rescode.html). */
const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there (ECONNREFUSED): start the database, or correct host and port',
  ENOTFOUND: 'correct the name of the host',
  ETIMEDOUT: 'look at network and firewall',
  '28': 'correct user and password',
  '3D000': 'make the database: createdb --owner USER NAME',
  '42501': 'the user has to own the database',
  '53300': 'raise max_connections: each process takes up to 24',
  '5': 'another process holds it: SQLite is for one process, several share PostgreSQL',
  '8': 'the user that the gateway runs as has to own file and folder',
  '13': 'make room on the disk',
  '14': 'the user that the gateway runs as has to own file and folder',
  '26': 'name the file of a gateway',
};

/** Whether a row could not be written because what it refers to is gone, by an error of a driver. */
export function refersToNothing(error: unknown): boolean {
  // PostgreSQL: foreign_key_violation; SQLite: SQLITE_CONSTRAINT_FOREIGNKEY.
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === '23503') || ('errcode' in error && error.errcode === 787);
}

function said(error: unknown): { readonly message: string; readonly code: string } {
  if (!(error instanceof Error)) return { message: String(error), code: '' };
  // Of SQLite's extended codes the lowest byte says what it is.
  if ('errcode' in error) return { message: error.message, code: String(Number(error.errcode) & 0xff) };
  return { message: error.message, code: 'code' in error ? String(error.code) : '' };
}
