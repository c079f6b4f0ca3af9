import { createHmac, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { REDIRECT, RelyingParty, testClient } from '../support/relying-party.ts';
import { openCanary, type Canary } from './canary.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwkOf = (key: KeyObject) => key.export({ format: 'jwk' }) as Record<string, unknown>;

let gateway: TestGateway;
let canary: Canary;
/** A genuine ID token, and the key that signed it. */
let hint: string;
let ourKey: KeyObject;
beforeAll(async () => {
  canary = await openCanary();
  const jwks = { keys: [{ ...jwkOf(publicKey), kid: 'k', alg: 'RS256', use: 'sig' }] };
  gateway = await startTestGateway({
    storeUrl: 'sqlite::memory:',
    clients: [
      testClient('jar', { jwks, protocol: { requestObjects: 'RS256' } }),
      testClient('jwt', { jwks, authMethod: 'private_key_jwt' }),
      testClient('plain'),
    ],
  });
  hint = (await new RelyingParty(gateway).enter('plain')).tokens.id_token ?? '';
  const keys = (await (await fetch(`${gateway.url}/oidc/jwks`)).json()) as {
    keys: Record<string, unknown>[];
  };
  const { kid } = JSON.parse(Buffer.from(hint.split('.')[0] ?? '', 'base64url').toString()) as {
    kid: string;
  };
  ourKey = createPublicKey({ key: keys.keys.find((key) => key['kid'] === kid) ?? {}, format: 'jwk' });
});
afterAll(() => Promise.all([gateway.stop(), canary.stop()]));

const encode = (part: string | object) =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
const rs256 = (input: string, key: KeyObject) =>
  sign('sha256', Buffer.from(input), key).toString('base64url');

interface Forgery {
  readonly header: Record<string, unknown> | string;
  readonly payload: object | string;
  readonly signature: (input: string) => string;
}
const written = ({ header, payload, signature }: Forgery) => {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${signature(input)}`;
};

/** Ways to make a token that its reader believes, by what it is about and the public key it would be verified with. */
const FORGERIES: readonly (readonly [
  name: string,
  make: (payload: object, verifiedWith: KeyObject) => string,
])[] = [
  ['S45 no algorithm', (payload) => written({ header: { alg: 'none' }, payload, signature: () => '' })],
  [
    'S45 no algorithm, in other letters',
    (payload) => written({ header: { alg: 'nOnE' }, payload, signature: () => '' }),
  ],
  [
    'S45 GHSA-jc38-x7x8-2xc8 HS256 keyed with the public key',
    (payload, key) => {
      const pem = key.export({ format: 'pem', type: 'spki' });
      return written({
        header: { alg: 'HS256' },
        payload,
        signature: (input) => createHmac('sha256', pem).update(input).digest('base64url'),
      });
    },
  ],
  [
    'S45 HS256 keyed with nothing',
    (payload) =>
      written({
        header: { alg: 'HS256' },
        payload,
        signature: (input) => createHmac('sha256', '').update(input).digest('base64url'),
      }),
  ],
  [
    'S45 a key in the header',
    (payload) =>
      written({
        header: { alg: 'RS256', jwk: jwkOf(stranger.publicKey) },
        payload,
        signature: (input) => rs256(input, stranger.privateKey),
      }),
  ],
  [
    'S45 a key set named by the header',
    (payload) =>
      written({
        header: { alg: 'RS256', jku: `http://127.0.0.1:${canary.port}/jwks` },
        payload,
        signature: (input) => rs256(input, stranger.privateKey),
      }),
  ],
  [
    'S45 a certificate named by the header',
    (payload) =>
      written({
        header: { alg: 'RS256', x5u: `http://127.0.0.1:${canary.port}/x` },
        payload,
        signature: (input) => rs256(input, stranger.privateKey),
      }),
  ],
  [
    'S45 another’s key under the right kid',
    (payload) =>
      written({
        header: { alg: 'RS256', kid: 'k' },
        payload,
        signature: (input) => rs256(input, stranger.privateKey),
      }),
  ],
  [
    'S45 an empty signature',
    (payload) => written({ header: { alg: 'RS256', kid: 'k' }, payload, signature: () => '' }),
  ],
  [
    'S45 the claims as text, not an object',
    () => written({ header: { alg: 'RS256' }, payload: '"x"', signature: () => 'AAAA' }),
  ],
  [
    'S45 a header with a prototype',
    (payload) =>
      written({ header: '{"alg":"none","__proto__":{"alg":"RS256"}}', payload, signature: () => '' }),
  ],
  [
    'S42 CVE-2022-36083 two thousand million iterations',
    (payload) =>
      [
        encode({
          alg: 'PBES2-HS256+A128KW',
          enc: 'A128GCM',
          p2c: 2_147_483_647,
          p2s: 'AAAAAAAAAAAAAAAAAAAAAA',
        }),
        'A'.repeat(32),
        'A'.repeat(16),
        encode(payload),
        'A'.repeat(22),
      ].join('.'),
  ],
  [
    'S43 CVE-2024-28176 a compressed token',
    (payload) =>
      [
        encode({ alg: 'RSA-OAEP-256', enc: 'A256GCM', zip: 'DEF' }),
        'A'.repeat(342),
        'A'.repeat(16),
        encode(payload),
        'A'.repeat(22),
      ].join('.'),
  ],
  [
    'S44 GHSA-58f5-hfqc-jgch encrypted by CBC and HMAC',
    (payload) =>
      [
        encode({ alg: 'RSA-OAEP', enc: 'A128CBC-HS256' }),
        'A'.repeat(342),
        'A'.repeat(22),
        encode(payload),
        'A'.repeat(22),
      ].join('.'),
  ],
  [
    'S44 encrypted by RSA 1.5',
    (payload) =>
      [
        encode({ alg: 'RSA1_5', enc: 'A256GCM' }),
        'A'.repeat(342),
        'A'.repeat(16),
        encode(payload),
        'A'.repeat(22),
      ].join('.'),
  ],
];
/** Signed by the right key, and still not to be believed. */
const GENUINE = (payload: object, header: object = {}) =>
  written({
    header: { alg: 'RS256', kid: 'k', ...header },
    payload,
    signature: (input) => rs256(input, privateKey),
  });

const soon = () => Math.floor(performance.timeOrigin / 1000 + performance.now() / 1000) + 60;
let used = 0;

/** The error that the service is told, or that stands on a page of ours. */
async function errorOf(
  answer: Response,
): Promise<{ status: number; error: string | undefined; took?: number }> {
  const text = await answer.text();
  const location = answer.headers.get('location');
  const error =
    location === null
      ? (/"error":"(\w+)"/.exec(text)?.[1] ?? undefined)
      : (new URL(location, gateway.url).searchParams.get('error') ?? location);
  return { status: answer.status, error };
}

describe('a client assertion', () => {
  const claims = (more: object = {}) => ({
    iss: 'jwt',
    sub: 'jwt',
    aud: gateway.url,
    jti: `j${++used}`,
    iat: soon() - 60,
    exp: soon(),
    ...more,
  });
  const authenticate = async (client_assertion: string) =>
    errorOf(
      await fetch(`${gateway.url}/oidc/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          code: 'none',
          redirect_uri: REDIRECT,
          code_verifier: 'v'.repeat(43),
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion,
        }),
      }),
    );

  it.each([{}, { typ: 'JWT' }, { typ: 'client-authentication+jwt' }])(
    'is believed when the client signed it (header %o): only the code is wrong',
    async (header) => {
      expect(await authenticate(GENUINE(claims(), header))).toEqual({ status: 400, error: 'invalid_grant' });
    },
  );

  it.each(FORGERIES)('is refused: %s', async (_, make) => {
    const started = performance.now();
    const { status, error } = await authenticate(make(claims(), publicKey));
    expect([status === 400 || status === 401, error]).toEqual([
      true,
      expect.stringMatching(/^invalid_(client|request)$/),
    ]);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it.each([
    ['an extension that has to be understood', { crit: ['x'], x: 1 }, {}],
    ['past its time', {}, { exp: 1 }],
    ['for another audience', {}, { aud: 'https://other.example.it' }],
    ['of another client', {}, { iss: 'plain', sub: 'plain' }],
    ['without a name of its own', {}, { jti: undefined }],
    ['a request object that also says whose it is', {}, { response_type: 'code', client_id: 'jwt' }],
    ['typed as a request object', { typ: 'oauth-authz-req+jwt' }, {}],
    ['typed as a proof of possession', { typ: 'dpop+jwt' }, {}],
    ['typed as an access token', { typ: 'application/at+jwt' }, {}],
  ])('is refused though the client signed it: S45 %s', async (_, header, more) => {
    expect(await authenticate(GENUINE(claims(more), header))).toMatchObject({
      error: expect.stringMatching(/^invalid_(client|request)$/) as string,
    });
  });
});

describe('a request object', () => {
  const parameters = () => ({
    client_id: 'jar',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: REDIRECT,
    state: 's',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  const claims = (more: object = {}) => ({
    ...parameters(),
    iss: 'jar',
    aud: gateway.url,
    exp: soon(),
    ...more,
  });
  const ask = async (request: string) =>
    errorOf(
      await fetch(
        `${gateway.url}/oidc/auth?${new URLSearchParams({ ...parameters(), request }).toString()}`,
        { redirect: 'manual' },
      ),
    );

  it('is believed when the client signed it: the login begins', async () => {
    expect((await ask(GENUINE(claims()))).error).toMatch(/^\/login\//);
  });

  it.each(FORGERIES)('is refused: %s', async (_, make) => {
    const started = performance.now();
    const { error } = await ask(make(claims(), publicKey));
    expect(error).toBe('invalid_request_object');
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it.each([
    ['an extension that has to be understood', { crit: ['x'], x: 1 }, {}],
    ['past its time', {}, { exp: 1 }],
    ['for another audience', {}, { aud: 'https://other.example.it' }],
    ['of another client', {}, { client_id: 'plain' }],
    ['a request object inside', {}, { request: 'x.y.z' }],
    ['typed as a client assertion', { typ: 'client-authentication+jwt' }, {}],
    ['typed as a proof of possession', { typ: 'dpop+jwt' }, {}],
  ])('is refused though the client signed it: S45 %s', async (_, header, more) => {
    expect(await ask(GENUINE(claims(more), header))).toMatchObject({ error: 'invalid_request_object' });
  });
});

describe('the hint of an ID token', () => {
  const leave = async (id_token_hint: string) => {
    const answer = await fetch(
      `${gateway.url}/oidc/logout?${new URLSearchParams({ id_token_hint }).toString()}`,
    );
    await answer.arrayBuffer();
    return answer.status;
  };

  it('is believed when we signed it', async () => {
    expect(await leave(hint)).toBe(200);
  });

  it.each(FORGERIES)('is refused: %s', async (_, make) => {
    const [, payload = ''] = hint.split('.');
    const started = performance.now();
    expect(
      await leave(make(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object, ourKey)),
    ).toBe(400);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

it('S45 nobody is asked for keys that a token names', () => {
  expect(canary.calls()).toBe(0);
});
