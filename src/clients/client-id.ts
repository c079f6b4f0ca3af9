import { randomBytes } from 'node:crypto';

/** A new id that nobody can mistake for another. */
export function newClientId(): string {
  return `s-${randomBytes(9).toString('base64url').replace(/[_-]/g, 'x').toLowerCase()}`;
}
