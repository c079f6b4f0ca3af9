import { randomBytes } from 'node:crypto';

export { markup as xml, Markup as Xml } from '../operations/markup.ts';

/** A new message ID: an NCName with 128 random bits, never guessable, never repeated (spid-authn-request, 1). */
export function newId(): string {
  return `_${randomBytes(16).toString('hex')}`;
}
