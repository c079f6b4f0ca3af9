import { Refused } from '../operations/errors.ts';

/**
 * Decodes base64 strictly, white space aside: no other alphabet, no missing or surplus padding, no stray bits.
 * @param limit most bytes of the result
 * @throws Refused `not_base64` or `too_large`
 */
export function decodeBase64(value: string, limit: number): Buffer {
  const text = value.replace(/[ \t\r\n]+/g, '');
  if (text.length > Math.ceil(limit / 3) * 4)
    throw new Refused('too_large', `more than ${limit} bytes`, { status: 413 });
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.toString('base64') !== text) throw new Refused('not_base64', 'not base64');
  if (bytes.length > limit) throw new Refused('too_large', `more than ${limit} bytes`, { status: 413 });
  return bytes;
}
