import { Agent, request } from 'node:http';
import fc from 'fast-check';
import type { Fuzzed } from './gateway.ts';

/** Something that takes bytes from outside. */
export interface Target {
  readonly name: string;
  /** One property to run against a running gateway; what is thrown is a finding. */
  readonly property: (gateway: Fuzzed) => fc.IAsyncProperty<[unknown]>;
}

/** Text of every kind, what has worked elsewhere among it. */
export const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
  fc.constantFrom(
    ...['', '0', '-1', 'null', '[object Object]', '__proto__', 'constructor', '../../etc/passwd', '%00'],
    ...['%', '%zz', '\u0000', '\ud800', '"><script>', "' or 1=1 --", 'http://127.0.0.1:9/', '//evil.example'],
    ...['javascript:alert(1)', 'a'.repeat(5000), '{"a":1}', 'true', '1e309'],
  ),
);

export interface Message {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const agent = new Agent({ keepAlive: true, maxSockets: 4 });

/** @returns the status of the answer */
function send(url: string, { method, path, headers, body }: Message): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(url), { method, path, headers, agent }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

export const base64 = (value: string | Uint8Array) => Buffer.from(value as Uint8Array).toString('base64');

/** Parameters by name, with values of every kind, some twice, some unknown. */
export function parameters(names: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<string> {
  const known = Object.entries(names).map(([name, value]) => value.map((v) => [name, v] as const));
  const pair = fc.oneof(...known, fc.tuple(text, text));
  const encoded = fc
    .array(pair, { maxLength: 12 })
    .map((pairs) => pairs.map(([name, value]) => `${escape(name)}=${escape(value)}`).join('&'));
  return fc.oneof({ weight: 8, arbitrary: encoded }, { weight: 1, arbitrary: fc.string({ maxLength: 60 }) });
}

function escape(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

/** A value a header can carry at all. */
const header = text.map((value) => value.replace(/[^\x20-\x7e]/g, '').slice(0, 500));

export const headers = fc.record(
  {
    'Content-Type': fc.oneof(
      fc.constant('application/x-www-form-urlencoded'),
      fc.constantFrom('application/json', 'multipart/form-data; boundary=x', 'text/xml'),
      header,
    ),
    'Content-Encoding': fc.constantFrom('identity', 'gzip', 'br', 'x'),
    Cookie: header,
    Authorization: fc.oneof(
      header.map((value) => `Basic ${base64(value)}`),
      header.map((v) => `Bearer ${v}`),
      header,
    ),
    Origin: header,
    'Accept-Language': header,
    'X-Forwarded-For': header,
    'X-Forwarded-Host': header,
    'X-Forwarded-Proto': header,
    DPoP: header,
  },
  { requiredKeys: ['Content-Type'] },
);

/**
 * @returns the status of the answer
 * @throws Error for an answer that is a fault of ours
 */
export async function expectAnswer(url: string, message: Message): Promise<number> {
  const status = await send(url, message);
  if (status < 200 || status >= 500) throw new Error(`answered ${status}`);
  return status;
}

/** Requests to a path: the parameters in the query or the body, the right or another method. */
export function endpoint(
  name: string,
  path: string | fc.Arbitrary<string>,
  names: Readonly<Record<string, fc.Arbitrary<string>>>,
): Target {
  const bytes = fc.oneof(
    { weight: 6, arbitrary: parameters(names).map((form) => Buffer.from(form)) },
    { weight: 1, arbitrary: fc.json().map((json) => Buffer.from(json)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((raw) => Buffer.from(raw)) },
  );
  const message = fc
    .record({
      method: fc.constantFrom('POST', 'POST', 'GET', 'GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
      path: typeof path === 'string' ? fc.constant(path) : path,
      query: fc.oneof(fc.constant(''), parameters(names)),
      headers,
      body: bytes,
    })
    .map(({ query, ...rest }): Message => ({
      ...rest,
      path: rest.path + (query && `?${query.replace(/[^\x21-\x7e]/g, '')}`),
      body: rest.method === 'GET' ? Buffer.alloc(0) : rest.body,
      headers: {
        ...rest.headers,
        ...(rest.method === 'GET' ? {} : { 'Content-Length': String(rest.body.length) }),
      },
    }));
  return {
    name,
    property: ({ url }) =>
      fc.asyncProperty(message, async (sent) => {
        await expectAnswer(url, sent);
      }),
  };
}

export const any = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, text]));
