import { randomInt } from 'node:crypto';

/** Letters and digits that cannot be mistaken for one another when read out or written down. */
const ALPHABET = 'ABCDEFGHJKMNPQRSTVWXYZ23456789';

/**
 * A support reference: short enough for a citizen to dictate (8 characters), long enough not to be met twice
 * among the logins an operator searches (6·10¹¹). It opens nothing by itself, so it need not be a secret.
 */
export function newReference(): string {
  const letters = Array.from({ length: 8 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}
