import { sign, type KeyObject } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Refused } from '../operations/errors.ts';
import { decodeBase64 } from './base64.ts';
import { ALGORITHM } from './names.ts';
import { isAllowedSignature, verifyBytes, type SigningKey } from './signature.ts';

export { decodeBase64 };

export type MessageName = 'SAMLRequest' | 'SAMLResponse';

/**
 * HTTP-Redirect: DEFLATE, base64, parameters in the one order that is signed, RSA-SHA256 over exactly the bytes that
 * are sent (spid-authn-request, 5).
 * @returns the URL, and the query string with its signature as evidence
 */
export function redirectBinding(
  location: string,
  name: MessageName,
  xml: string,
  relayState: string | undefined,
  key: SigningKey,
): { url: string; query: string } {
  const message = deflateRawSync(Buffer.from(xml)).toString('base64');
  const signed = [
    `${name}=${encodeURIComponent(message)}`,
    ...(relayState === undefined ? [] : [`RelayState=${encodeURIComponent(relayState)}`]),
    `SigAlg=${encodeURIComponent(ALGORITHM.rsaSha256)}`,
  ].join('&');
  const signature = sign('sha256', Buffer.from(signed), key.privateKey).toString('base64');
  const query = `${signed}&Signature=${encodeURIComponent(signature)}`;
  return { url: `${location}${location.includes('?') ? '&' : '?'}${query}`, query };
}

/** HTTP-POST: the fields of the form (spid-authn-request, 6). */
export function postBinding(
  name: MessageName,
  xml: string,
  relayState: string | undefined,
): Record<string, string> {
  return {
    [name]: Buffer.from(xml).toString('base64'),
    ...(relayState === undefined ? {} : { RelayState: relayState }),
  };
}

/**
 * Reads the fields of an application/x-www-form-urlencoded body.
 * @throws Refused `duplicate_parameter`: which of two values counts must never be a guess
 */
export function parseForm(body: Buffer): ReadonlyMap<string, string> {
  return singleValued(new URLSearchParams(body.toString('latin1')));
}

/**
 * Reads a signed HTTP-Redirect message. The signature is verified over the substrings as they arrived.
 * @param rawQuery the query string without `?`
 * @param limit most bytes of the inflated message
 * @throws Refused `duplicate_parameter`, `missing_parameter`, `signature_algorithm`, `signature`, `not_base64`,
 *   `deflate` or `too_large`
 */
export function readRedirect(
  rawQuery: string,
  name: MessageName,
  keys: readonly KeyObject[],
  limit: number,
): { xml: Buffer; relayState: string | undefined; key: KeyObject } {
  const query = singleValued(new URLSearchParams(rawQuery));
  const [message, algorithm, signature] = [name, 'SigAlg', 'Signature'].map((parameter) => {
    const value = query.get(parameter);
    if (!value) throw new Refused('missing_parameter', `${parameter} is missing`);
    return value;
  }) as [string, string, string];
  if (!isAllowedSignature(algorithm))
    throw new Refused('signature_algorithm', 'signature algorithm not allowed');

  const raw = new Map(rawQuery.split('&').map((pair) => [pair.split('=', 1)[0] ?? '', pair]));
  // A parameter whose name is itself escaped would be read but not verified.
  if ([...query.keys()].some((parameter) => !raw.has(parameter))) {
    throw new Refused('missing_parameter', 'a parameter name is escaped');
  }
  const signed = [name, 'RelayState', 'SigAlg'].flatMap((parameter) => raw.get(parameter) ?? []).join('&');
  const value = decodeBase64(signature, 1024);
  const key = keys.find((one) => verifyBytes(algorithm, Buffer.from(signed), one, value));
  if (!key) throw new Refused('signature', 'the signature does not verify');
  return { xml: inflate(decodeBase64(message, limit), limit), relayState: query.get('RelayState'), key };
}

/**
 * The message of a Redirect, unverified: only for finding out whose keys to verify it with.
 * @throws Refused as readRedirect
 */
export function peekRedirect(rawQuery: string, name: MessageName, limit: number): Buffer {
  return inflate(decodeBase64(singleValued(new URLSearchParams(rawQuery)).get(name) ?? '', limit), limit);
}

/** Inflates no further than the limit, however much the input promises. */
function inflate(bytes: Buffer, limit: number): Buffer {
  try {
    return inflateRawSync(bytes, { maxOutputLength: limit });
  } catch (error) {
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    throw tooLarge
      ? new Refused('too_large', `inflates to more than ${limit} bytes`, { status: 413 })
      : new Refused('deflate', 'not DEFLATE');
  }
}

function singleValued(parameters: URLSearchParams): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (fields.has(name)) throw new Refused('duplicate_parameter', 'a parameter occurs twice');
    fields.set(name, value);
  }
  return fields;
}
