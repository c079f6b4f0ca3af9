import { request } from 'node:http';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { REDIRECT, RelyingParty, testClient } from '../support/relying-party.ts';

const SECRET = 'a secret with : and + and % in it, for this test';

let gateway: TestGateway;
let party: RelyingParty;
beforeAll(async () => {
  gateway = await startTestGateway({
    storeUrl: 'sqlite::memory:',
    clients: [
      testClient('plain', { refreshTokens: true }),
      testClient('other', { postLogoutRedirectUris: ['https://other.example.it/bye'] }),
      testClient('app', {
        applicationType: 'native',
        redirectUris: ['it.example.app:/callback', 'http://127.0.0.1/callback'],
      }),
      testClient('basic', { authMethod: 'client_secret_basic', secrets: [SECRET] }),
    ],
  });
  party = new RelyingParty(gateway);
});
afterAll(() => gateway.stop());

const PARAMETERS = {
  client_id: 'plain',
  response_type: 'code',
  scope: 'openid',
  redirect_uri: REDIRECT,
  state: 's',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
};
const authorize = (query: URLSearchParams | string) =>
  fetch(`${gateway.url}/oidc/auth?${query.toString()}`, { redirect: 'manual' });
const token = (body: string | URLSearchParams, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}/oidc/token`, { method: 'POST', body, headers });

describe('S40 a redirect URI that is nearly the registered one', () => {
  it.each([
    ['somebody’s name before the host', REDIRECT.replace('https://', 'https://evil@')],
    ['a backslash', REDIRECT.replace('.it/', '.it\\@evil.example/')],
    ['two slashes', REDIRECT.replace('/callback', '//callback')],
    ['other letters in the path', REDIRECT.replace('callback', 'Callback')],
    ['a dot after the host', REDIRECT.replace('.it/', '.it./')],
    ['an escaped letter', REDIRECT.replace('callback', 'c%61llback')],
    ['the port that is meant anyway', REDIRECT.replace('.it/', '.it:443/')],
    ['a step up', REDIRECT.replace('/callback', '/x/../callback')],
    ['a fragment', `${REDIRECT}#x`],
    ['a query', `${REDIRECT}?x`],
    ['a blank after it', `${REDIRECT} `],
    ['a line end after it', `${REDIRECT}\r\nLocation: https://evil.example`],
    ['another scheme', REDIRECT.replace('https', 'http')],
    ['a letter of another alphabet', REDIRECT.replace('client', 'сlient')],
  ])('%s: leads nowhere', async (_, redirect_uri) => {
    const query = new URLSearchParams({ ...PARAMETERS, redirect_uri });
    const pushed = await fetch(`${gateway.url}/oidc/par`, { method: 'POST', body: query });
    const asked = await authorize(query);
    expect([asked.status, asked.headers.get('location'), pushed.status]).toEqual([400, null, 400]);
    await Promise.all([asked.arrayBuffer(), pushed.arrayBuffer()]);
  });
});

describe('S40 what a request may not be', () => {
  it.each(['client_id', 'scope', 'redirect_uri', 'state', 'code_challenge', 'response_type', 'nonce'])(
    '%s twice: refused, without a login',
    async (name) => {
      const query = new URLSearchParams({ nonce: 'n', ...PARAMETERS });
      query.append(name, query.get(name) ?? '');
      const answer = await authorize(query);
      await answer.arrayBuffer();
      const location = answer.headers.get('location') ?? '';
      expect(location).not.toContain('/login/');
      expect([answer.status, location].join(' ')).toMatch(/^400 $|error=invalid_request/);
    },
  );

  it('nothing twice by POST either', async () => {
    const query = new URLSearchParams(PARAMETERS);
    query.append('redirect_uri', 'https://evil.example/');
    const answer = await fetch(`${gateway.url}/oidc/auth`, {
      method: 'POST',
      body: query,
      redirect: 'manual',
    });
    const went = await fetch(new URL(answer.headers.get('location') ?? '', gateway.url), {
      redirect: 'manual',
    });
    expect([answer.status, went.status, went.headers.get('location')]).toEqual([303, 400, null]);
  });

  it.each([
    ['an array', 'grant_type[]=authorization_code&client_id=plain'],
    ['a sparse array', 'grant_type[4]=authorization_code&client_id=plain'],
    ['an object', 'grant_type[x]=authorization_code&client_id=plain'],
    ['a prototype', '__proto__[grant_type]=authorization_code&client_id=plain'],
  ])('%s at the token endpoint: refused', async (_, body) => {
    const answer = await token(body, { 'content-type': 'application/x-www-form-urlencoded' });
    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({ error: 'invalid_request' }),
    ]);
  });

  it('JSON at the token endpoint: refused', async () => {
    const body = JSON.stringify({ grant_type: 'authorization_code', client_id: 'plain', code: 'x' });
    const answer = await token(body, { 'content-type': 'application/json' });
    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({ error: 'invalid_request' }),
    ]);
  });

  const basic = (value: string) => ({ authorization: `Basic ${value}` });
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const right = base64(`basic:${encodeURIComponent(SECRET)}`);
  it.each([
    ['not base64', '****'],
    ['base64 with something in the middle', `${right.slice(0, 8)}!${right.slice(8)}`],
    ['base64 with a blank', `${right.slice(0, 8)} ${right.slice(8)}`],
    ['without a colon', base64('basic')],
    ['with a broken escape', base64(`basic:${encodeURIComponent(SECRET)}%zz`)],
    ['with the secret as it is, where it has to be escaped', base64(`basic:${SECRET}`)],
  ])('a Basic header %s: refused', async (_, value) => {
    const body = new URLSearchParams({ grant_type: 'authorization_code', code: 'x', redirect_uri: REDIRECT });
    const genuine = await token(body, basic(right));
    expect(await genuine.json()).toMatchObject({ error: 'invalid_grant' });
    const answer = await token(body, basic(value));
    expect([
      answer.status === 400 || answer.status === 401,
      ((await answer.json()) as { error: string }).error,
    ]).toEqual([true, expect.stringMatching(/^invalid_(client|request)$/)]);
  });

  it.each([
    ['null', null],
    ['https://evil.example', null],
    ['https://client.example.it.evil.example', null],
    ['https://client.example.it', 'https://client.example.it'],
  ])(
    'a page of the origin %s reads an answer about tokens only where the client lives',
    async (origin, allowed) => {
      const body = new URLSearchParams({ grant_type: 'authorization_code', client_id: 'plain', code: 'x' });
      const answer = await token(body, { origin });
      await answer.arrayBuffer();
      expect(answer.headers.get('access-control-allow-origin')).toBe(allowed);
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    },
  );

  it('a sandboxed page, whose origin is null, does not read as an app whose address has no origin either', async () => {
    const body = new URLSearchParams({ grant_type: 'authorization_code', client_id: 'app', code: 'x' });
    const answer = await token(body, { origin: 'null' });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(await answer.json()).toMatchObject({ error_description: 'origin_not_allowed' });
  });

  it.each(['https://other.example.it/bye', 'https://client.example.it/bye/', 'javascript:alert(1)'])(
    'the address %s after a logout, which is not this client’s: refused',
    async (post_logout_redirect_uri) => {
      const query = new URLSearchParams({ client_id: 'plain', post_logout_redirect_uri });
      const answer = await fetch(`${gateway.url}/oidc/logout?${query.toString()}`, { redirect: 'manual' });
      await answer.arrayBuffer();
      expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
    },
  );
});

it.each([
  ['http://127.0.0.1:50123/callback', true],
  ['http://127.0.0.1/other', false],
  ['http://127.0.0.1.evil.example/callback', false],
  ['http://127.0.0.1:50123@evil.example/callback', false],
  ['http://localhost:50123/callback', false],
  ['https://127.0.0.1:50123/callback', false],
])('an app that listens at %s is answered there: %s (RFC 8252, 7.3)', async (redirect_uri, answered) => {
  const answer = await authorize(
    new URLSearchParams({ ...PARAMETERS, client_id: 'app', redirect_uri, prompt: 'none' }),
  );
  expect(answer.headers.get('location')?.startsWith(`${redirect_uri}?error=login_required`) ?? false).toBe(
    answered,
  );
});

it('whatever a request says of the host it came to, addresses are those of the configuration', async () => {
  const ask = (path: string, headers: Record<string, string>) =>
    new Promise<string>((resolve, reject) => {
      const { port } = new URL(gateway.url);
      request({ host: '127.0.0.1', port, path, headers }, (answer) => {
        let text = answer.headers.location ?? '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => resolve(text));
      })
        .on('error', reject)
        .end();
    });
  const evil = {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    forwarded: 'host=evil.example',
    'x-forwarded-prefix': '/evil',
    'x-original-url': '/evil',
  };
  for (const path of [
    '/.well-known/openid-configuration',
    `/oidc/auth?${new URLSearchParams(PARAMETERS).toString()}`,
    `http://evil.example/oidc/auth?${new URLSearchParams({ ...PARAMETERS, prompt: 'none' }).toString()}`,
    '/oidc/logout',
  ]) {
    const text = await ask(path, evil);
    expect(text).not.toBe('');
    expect(text, path).not.toContain('evil');
  }
});

describe('S49 CVE-2025-32379 GHSA-x2rg-q646-7m2v script in a request', () => {
  const SCRIPT = '"><script>alert(1)</script>';
  const PLACES: readonly (readonly [name: string, path: string, parameters: Record<string, string>])[] = [
    ['the client', '/oidc/auth', { ...PARAMETERS, client_id: SCRIPT }],
    ['the redirect URI', '/oidc/auth', { ...PARAMETERS, redirect_uri: `javascript:alert(1)//${SCRIPT}` }],
    ['the scope', '/oidc/auth', { ...PARAMETERS, scope: `openid ${SCRIPT}` }],
    ['the response type', '/oidc/auth', { ...PARAMETERS, response_type: SCRIPT }],
    ['the response mode', '/oidc/auth', { ...PARAMETERS, response_mode: SCRIPT }],
    ['the state', '/oidc/auth', { ...PARAMETERS, state: SCRIPT, prompt: 'none' }],
    [
      'the state of a form',
      '/oidc/auth',
      { ...PARAMETERS, state: SCRIPT, prompt: 'none', response_mode: 'form_post' },
    ],
    ['the languages', '/oidc/auth', { ...PARAMETERS, ui_locales: SCRIPT }],
    ['the provider named', '/oidc/auth', { ...PARAMETERS, idp_hint: SCRIPT }],
    ['the hint at a logout', '/oidc/logout', { id_token_hint: SCRIPT }],
    [
      'the address after a logout',
      '/oidc/logout',
      { client_id: 'plain', post_logout_redirect_uri: `javascript:alert(1)//${SCRIPT}` },
    ],
    ['the state of a logout', '/oidc/logout', { client_id: 'plain', state: SCRIPT }],
    ['a path', `/${encodeURIComponent(SCRIPT)}`, {}],
    ['a language', '/', { lang: SCRIPT }],
    ['the RelayState', '/spid/unione/slo', { SAMLRequest: SCRIPT, RelayState: SCRIPT }],
  ];
  it.each(PLACES)('as %s is in no answer as it came, and could not run', async (_, path, parameters) => {
    let url: string | undefined = `${gateway.url}${path}?${new URLSearchParams(parameters).toString()}`;
    while (url?.startsWith(gateway.url)) {
      const answer: Response = await fetch(url, { redirect: 'manual' });
      const location = answer.headers.get('location');
      const body = await answer.text();
      expect(body).not.toContain('<script>alert');
      expect(body).not.toMatch(/(href|action|src)="javascript:/);
      expect(location ?? '').not.toMatch(/^javascript:|[<>"]/);
      expect(answer.headers.get('content-security-policy') ?? 'absent').not.toContain('unsafe-inline');
      if (body !== '') expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      url = location === null ? undefined : new URL(location, url).href;
    }
  });
});

it('S51 proconnect-identite#1988 what one request was given is not given to the next that does not ask', async () => {
  const browser = party.browser();
  const userinfo = async (scope: string, silently: boolean) => {
    const { config, tokens, claims } = await party.enter('plain', {
      browser,
      silently,
      parameters: { scope },
    });
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    return Promise.all(
      [tokens, refreshed].map(async ({ access_token }) =>
        Object.keys(await oidc.fetchUserInfo(config, access_token, claims.sub)),
      ),
    );
  };
  for (const keys of await userinfo('openid profile email', false))
    expect(keys).toEqual(expect.arrayContaining(['given_name', 'family_name', 'email']));
  for (const keys of await userinfo('openid email', true)) {
    expect(keys).toContain('email');
    expect(keys).not.toContain('family_name');
  }
  for (const keys of await userinfo('openid', true)) {
    expect(keys).not.toContain('email');
    expect(keys).not.toContain('family_name');
  }
});
