import { Misconfigured, Unavailable } from '../operations/errors.ts';

/**
 * Why a store could not be opened, with what to do next.
 * @param place of the store, without credentials
 */
export function openingFailed(place: string, error: unknown): Error {
  if (error instanceof Misconfigured || error instanceof Unavailable) return error;
  const { message, code } = said(error);
  const newer = /previously executed migration (\S+) is missing/.exec(message)?.[1];
  if (newer)
    return new Misconfigured(
      'store_newer',
      `store.url: ${place} was upgraded by a newer version of the gateway (it has ${newer}): start that version, or restore the backup from before the upgrade (docs/production.md)`,
      { cause: error },
    );
  const advice = ADVICE[code] ?? ADVICE[code.slice(0, 2)];
  const reason = [message, advice].filter(Boolean).join('; ') || code;
  return new Unavailable('store_unusable', `store.url: ${place} cannot be used: ${reason}`, { cause: error });
}

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

function said(error: unknown): { readonly message: string; readonly code: string } {
  if (!(error instanceof Error)) return { message: String(error), code: '' };
  const code = 'errcode' in error ? error.errcode : 'code' in error ? error.code : '';
  return { message: error.message, code: String(code) };
}
