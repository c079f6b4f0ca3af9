import { isUtf8 } from 'node:buffer';
import { Refused } from './errors.ts';

/**
 * Whether text is one that can be looked up and kept: half a surrogate pair is no character, and PostgreSQL holds no
 * U+0000.
 */
export function isText(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0');
}

/** Whether what percent-encoding stands for is UTF-8 and text; a `%` by itself stands for itself, as in browsers. */
export function isEncodedText(encoded: string): boolean {
  try {
    return isText(decodeURIComponent(encoded.replaceAll(/%(?![\da-f]{2})/gi, '%25')));
  } catch {
    return false;
  }
}

/**
 * The fields of a form (`application/x-www-form-urlencoded`), in order, also those that come twice.
 * @throws Refused `characters_refused` (400)
 */
export function formFields(body: Buffer): URLSearchParams {
  const encoded = bodyText(body);
  if (!isEncodedText(encoded)) throw notText();
  return new URLSearchParams(encoded);
}

/**
 * A body that is text.
 * @throws Refused `characters_refused` (400)
 */
export function bodyText(body: Buffer): string {
  if (!isUtf8(body)) throw notText();
  return body.toString('utf8');
}

/**
 * What a JSON text says (RFC 8259).
 * @throws Refused `json_invalid`, or `characters_refused` for characters that cannot be kept, also escaped ones (400)
 */
export function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) => {
      if (!isText(key) || (typeof value === 'string' && !isText(value))) throw notText();
      return value;
    });
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused('json_invalid', 'the body is no JSON');
  }
}

function notText(): Refused {
  return new Refused(
    'characters_refused',
    'what was sent is not UTF-8, or has U+0000 or half a character in it',
  );
}
