import { randomBytes } from 'node:crypto';

/** What an id may be. Whoever looks for another need not look: no store is asked for what it could not even hold. */
export const CLIENT_ID = /^[A-Za-z0-9._~-]{1,100}$/;

/** A new id that nobody can mistake for another. */
export function newClientId(): string {
  return `s-${randomBytes(9).toString('base64url').replace(/[_-]/g, 'x').toLowerCase()}`;
}
