import { randomBytes } from 'node:crypto';

/**
 * What an id may be. Whoever looks for another need not look: no store is asked for what it could not even hold. In an
 * address `.` and `..` are no names, but steps (RFC 3986, 3.3): nobody could get to a service that is called so.
 */
export const CLIENT_ID = /^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,100}$/;

/** A new id that nobody can mistake for another. */
export function newClientId(): string {
  return `s-${randomBytes(9).toString('base64url').replace(/[_-]/g, 'x').toLowerCase()}`;
}

/** Whether an id is one of ours, made by the above. */
export function isClientId(text: string): boolean {
  return /^s-[a-z0-9]{12}$/.test(text);
}
