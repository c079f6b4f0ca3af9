import { createHash } from 'node:crypto';
import * as oidc from 'openid-client';
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CookieJar } from '../../src/demo/cookies.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { startTestGateway, untilClient, type TestGateway } from '../support/gateway.ts';
import { REDIRECT, RelyingParty, testClient } from '../support/relying-party.ts';

/**
 * What the OpenID Foundation's conformance plans look at, by the names of their modules. The suite itself is run with
 * its own tool; these are its questions, asked of the same endpoints.
 */
const LEVEL = (level: number) => `https://www.spid.gov.it/SpidL${level}`;
const SECRET = 'a long secret of this test, nothing else';

let gateway: TestGateway;
let party: RelyingParty;
let requestKey: CryptoKey;

beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  requestKey = privateKey;
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'r', alg: 'RS256', use: 'sig' }] };
  gateway = await startTestGateway({
    storeUrl: 'sqlite::memory:',
    clients: [
      testClient('basic', {
        authMethod: 'client_secret_basic',
        secrets: [SECRET],
        refreshTokens: true,
        jwks,
      }),
      testClient('post', { authMethod: 'client_secret_post', secrets: [SECRET] }),
      testClient('low', { minimumLevel: 1 }),
    ],
  });
  party = new RelyingParty(gateway);
});
afterEach(() => vi.useRealTimers());
afterAll(() => gateway.stop());

const auth = () => oidc.ClientSecretBasic(SECRET);
const enter = (options: Parameters<RelyingParty['enter']>[1] = {}) =>
  party.enter('basic', { auth: auth(), ...options });
const asked = async (parameters: Record<string, string> = {}, id = 'basic') =>
  party.request(await party.configure(id, auth()), { parameters });
const answerTo = async (parameters: Record<string, string>, browser = party.browser()) =>
  Object.fromEntries((await party.silently(browser, (await asked(parameters)).url)).searchParams);
const token = (body: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}/oidc/token`, { method: 'POST', headers, body: new URLSearchParams(body) });
const basic = { authorization: `Basic ${Buffer.from(`basic:${SECRET}`).toString('base64')}` };

describe('Basic OP', () => {
  it('oidcc-response-type-missing: is an error, not a page', async () => {
    const url = new URL((await asked()).url);
    url.searchParams.delete('response_type');
    const back = await party.silently(party.browser(), url.href);
    expect(back.searchParams.get('error')).toBe('invalid_request');
  });

  it('oidcc-idtoken-signature, oidcc-idtoken-rs256: a key of the set signs, named by its kid', async () => {
    const { config, tokens } = await enter();
    const header = decodeProtectedHeader(tokens.id_token ?? '');
    const jwks = (await (await fetch(`${gateway.url}/oidc/jwks`)).json()) as { keys: { kid: string }[] };
    expect(header.alg).toBe('RS256');
    expect(jwks.keys.map(({ kid }) => kid)).toContain(header.kid);
    const { exp = 0, iat = 0, at_hash } = decodeJwt(tokens.id_token ?? '');
    expect(exp - iat).toBe(600);
    const half = createHash('sha256').update(tokens.access_token).digest().subarray(0, 16);
    expect(at_hash).toBe(half.toString('base64url'));
    const again = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect(again.claims()?.['at_hash']).not.toBe(at_hash);
  });

  it('oidcc-userinfo-get, -post-header, -post-body: answers the same to each', async () => {
    const { tokens, claims } = await enter();
    const bearer = { authorization: `Bearer ${tokens.access_token}` };
    const url = `${gateway.url}/oidc/userinfo`;
    const answers = await Promise.all([
      fetch(url, { headers: bearer }),
      fetch(url, { method: 'POST', headers: bearer }),
      fetch(url, { method: 'POST', body: new URLSearchParams({ access_token: tokens.access_token }) }),
    ]);
    for (const answer of answers) {
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(await answer.json()).toMatchObject({ sub: claims.sub, name: 'Anna Rossi' });
    }
    expect((await fetch(`${url}?access_token=${tokens.access_token}`)).status).toBe(400);
  });

  it('userinfo without or with a bad token: WWW-Authenticate says what is wrong (RFC 6750, 3)', async () => {
    const url = `${gateway.url}/oidc/userinfo`;
    const bad = await fetch(url, { headers: { authorization: 'Bearer nothing' } });
    expect([bad.status, bad.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringMatching(/^Bearer .*error="invalid_token"/) as string,
    ]);
    const none = await fetch(url);
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringMatching(/^Bearer /) as string,
    ]);
  });

  it('oidcc-ensure-request-without-nonce-succeeds-for-code-flow: nonce comes back, and is not demanded', async () => {
    const config = await party.configure('basic', auth());
    const { url, checks } = await party.request(config);
    const without = new URL(url);
    without.searchParams.delete('nonce');
    const back = await gateway.login(without.href);
    const { pkceCodeVerifier, expectedState } = checks;
    const tokens = await oidc.authorizationCodeGrant(config, back, {
      pkceCodeVerifier,
      expectedState: expectedState ?? '',
    });
    expect(tokens.claims()).not.toHaveProperty('nonce');
  });

  it('oidcc-scope-profile, -email, -all: by scope, in userinfo', async () => {
    const { config, tokens, claims } = await enter({
      parameters: { scope: 'openid profile email phone address unknown offline_access' },
    });
    const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
    expect(userinfo).toMatchObject({
      given_name: 'Anna',
      family_name: 'Rossi',
      email: 'anna.rossi@example.it',
    });
    expect(tokens.scope?.split(' ')).not.toContain('unknown');
  });

  it('oidcc-display-*, oidcc-ensure-other-scope-order-succeeds, oidcc-ensure-request-with-unknown-parameter-succeeds: change nothing', async () => {
    const { claims } = await enter({
      parameters: { display: 'popup', scope: 'email openid', extra: 'foobar', claims_locales: 'it' },
    });
    expect(claims.aud).toBe('basic');
  });

  it.each([
    ['oidcc-prompt-login', { prompt: 'login' }],
    ['oidcc-max-age-1', { max_age: '1' }],
  ])('%s: proves herself anew, with a later auth_time', async (_module, parameters) => {
    const browser = party.browser();
    const first = await enter({ browser });
    vi.useFakeTimers({ toFake: ['Date'], now: systemClock.now().getTime() + 2000 });
    const second = await enter({ browser, parameters });
    expect(second.claims.auth_time ?? 0).toBeGreaterThan(first.claims.auth_time ?? Infinity);
    expect(second.claims.sub).toBe(first.claims.sub);
    expect(second.claims.iat - (second.claims.auth_time ?? 0)).toBeLessThanOrEqual(1);
  });

  it('prompt=select_account: sees as whom she enters, goes on with her session or is somebody else', async () => {
    const browser = party.browser();
    const first = await enter({ browser });
    const { url, checks } = await asked({ prompt: 'select_account' });
    expect((await browser.visit('whom', url)).html).toContain('Stai entrando come Anna R.');
    const back = await untilClient(() => browser.press('go on'));
    const tokens = await oidc.authorizationCodeGrant(first.config, back, checks);
    expect(tokens.claims()).toMatchObject({ sub: first.claims.sub, auth_time: first.claims.auth_time });
    // Whoever has no session yet chooses by entering, and is not asked again.
    expect((await enter({ parameters: { prompt: 'select_account' } })).claims.sub).toBe(first.claims.sub);
    expect((await enter({ parameters: { prompt: 'login select_account' } })).claims.sub).toBe(
      first.claims.sub,
    );
  });

  it('oidcc-prompt-none-not-logged-in, -logged-in: login_required, or a code without a page', async () => {
    expect(await answerTo({ prompt: 'none' })).toMatchObject({ error: 'login_required' });
    const browser = party.browser();
    const first = await enter({ browser });
    const silent = await enter({ browser, silently: true, parameters: { prompt: 'none' } });
    expect([silent.claims.sub, silent.claims.auth_time]).toEqual([first.claims.sub, first.claims.auth_time]);
    expect(await answerTo({ prompt: 'none login' }, browser)).toMatchObject({ error: 'invalid_request' });
    expect(await answerTo({ prompt: 'whatever' }, browser)).toMatchObject({ error: 'invalid_request' });
  });

  it('oidcc-max-age-1, max_age=0, oidcc-max-age-10000: anew when older, else the same auth_time', async () => {
    const browser = party.browser();
    const first = await enter({ browser });
    const young = await enter({ browser, silently: true, parameters: { max_age: '10000' } });
    expect(young.claims.auth_time).toBe(first.claims.auth_time);
    expect(await answerTo({ max_age: '0', prompt: 'none' }, browser)).toMatchObject({
      error: 'login_required',
    });
    const anew = await enter({ browser, parameters: { max_age: '0' } });
    expect(anew.claims.auth_time).toBeTypeOf('number');
    expect(await answerTo({ max_age: '-1' }, browser)).toMatchObject({ error: 'invalid_request' });
  });

  it('oidcc-id-token-hint: silent for the same person, login_required for another', async () => {
    const [anna, hans] = [party.browser(), party.browser()];
    const hers = await enter({ browser: anna });
    const his = await enter({ browser: hans, user: 'hans.muster' });
    const hint = hers.tokens.id_token ?? '';
    await enter({ browser: anna, silently: true, parameters: { prompt: 'none', id_token_hint: hint } });
    expect(await answerTo({ prompt: 'none', id_token_hint: hint }, hans)).toMatchObject({
      error: 'login_required',
    });
    // Somebody else proves himself: the service is told, and nobody goes round in circles.
    const { url } = await asked({ id_token_hint: hint });
    const back = await gateway.login(url, { user: 'hans.muster' });
    expect(back.searchParams.get('error')).toBe('login_required');
    expect(his.claims.sub).not.toBe(hers.claims.sub);
    expect(await answerTo({ id_token_hint: 'nonsense' })).toMatchObject({ error: 'invalid_request' });
  });

  it('an essential acr without a value is any; values that are no list are refused, with a session or without', async () => {
    const claims = (acr: object) => JSON.stringify({ id_token: { acr } });
    const browser = party.browser();
    const any = await enter({ browser, parameters: { claims: claims({ essential: true }) } });
    expect(any.claims['acr']).toBe(LEVEL(2));
    for (const values of [LEVEL(2), 5, { includes: true }, null]) {
      for (const from of [browser, party.browser()])
        expect(await answerTo({ claims: claims({ essential: true, values }), prompt: 'none' }, from)).toEqual(
          {
            error: 'invalid_request',
            error_description: 'claims_invalid: claims.id_token values must be arrays',
            iss: gateway.url,
            state: expect.any(String) as string,
          },
        );
    }
    // What acr_values wishes besides takes nothing away from what is essential.
    const both = { claims: claims({ essential: true, values: ['urn:unknown'] }), acr_values: LEVEL(2) };
    expect(await answerTo({ ...both, prompt: 'none' }, browser)).toMatchObject({ error: 'login_required' });
  });

  it('a claim wanted in the ID token, which has none of them, is not asked of the citizen either', async () => {
    const page = async (part: string) => {
      const claims = JSON.stringify({ [part]: { email: null } });
      return (await party.browser().visit('page', (await asked({ claims, scope: 'openid' })).url)).html;
    };
    expect(await page('userinfo')).toContain('Indirizzo e-mail');
    expect(await page('id_token')).not.toContain('Indirizzo e-mail');
  });

  it('oidcc-claims-essential, acr as voluntary and essential claim', async () => {
    const acr = (values: string[], essential: boolean) =>
      JSON.stringify({ id_token: { acr: { essential, values } }, userinfo: { name: { essential: true } } });
    const voluntary = await enter({ parameters: { claims: acr(['urn:unknown'], false) } });
    expect(voluntary.claims['acr']).toBe(LEVEL(2));
    const essential = await enter({ parameters: { claims: acr([LEVEL(3)], true) } });
    expect(essential.claims['acr']).toBe(LEVEL(3));
    const { url } = await asked({ claims: acr(['urn:unknown'], true) });
    expect((await gateway.login(url)).searchParams.get('error')).toBe('unmet_authentication_requirements');
  });

  it('oidcc-ensure-request-with-acr-values-succeeds, oidcc-ui-locales, oidcc-claims-locales, oidcc-login-hint', async () => {
    const { claims } = await party.enter('low', {
      parameters: {
        acr_values: `${LEVEL(1)} ${LEVEL(2)}`,
        ui_locales: 'se',
        login_hint: 'buffy@example.com',
      },
    });
    expect(claims['acr']).toBe(LEVEL(1));
    const english = await party.browser().visit('in English', (await asked({ ui_locales: 'en' })).url);
    expect(english.html).toContain('<html lang="en">');
  });

  it('oidcc-ensure-registered-redirect-uri, oidcc-redirect-uri-query-*: exact, and refused on a page of ours', async () => {
    for (const redirect_uri of [
      `${REDIRECT}/`,
      `${REDIRECT}?foo=bar`,
      REDIRECT.replace('client', 'CLIENT'),
      REDIRECT.replace('https://', 'https://user@'),
      REDIRECT.replace('/callback', '//callback'),
      REDIRECT.replace('/callback', '/%63allback'),
      'https://client.example.it.evil.example/callback',
    ]) {
      const answer = await fetch((await asked({ redirect_uri })).url, { redirect: 'manual' });
      expect([answer.status, answer.headers.get('location')], redirect_uri).toEqual([400, null]);
    }
  });

  it('oidcc-codereuse: a code is used once, and its second use takes back what came of the first', async () => {
    const first = await enter();
    await expect(oidc.authorizationCodeGrant(first.config, first.back, first.checks)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    await expect(
      oidc.fetchUserInfo(first.config, first.tokens.access_token, first.claims.sub),
    ).rejects.toThrow();
  });

  it('oidcc-ensure-post-request-succeeds: a request may come by POST, with the session it meets', async () => {
    const browser = party.browser();
    await enter({ browser });
    const { url, checks } = await asked({ prompt: 'none' });
    const { origin, pathname, searchParams } = new URL(url);
    const answer = await fetch(`${origin}${pathname}`, {
      method: 'POST',
      body: searchParams,
      redirect: 'manual',
    });
    expect(answer.status).toBe(303);
    const back = await party.silently(browser, new URL(answer.headers.get('location') ?? '', url).href);
    expect(back.searchParams.get('state')).toBe(checks.expectedState);
    expect(back.searchParams.get('code')).toBeTruthy();
  });

  it('oidcc-server-client-secret-post, oidcc-server-rotate-keys: secrets by POST; nothing private in the key set', async () => {
    await party.enter('post', { auth: oidc.ClientSecretPost(SECRET) });
    const wrong = await token(
      {
        grant_type: 'authorization_code',
        client_id: 'post',
        client_secret: SECRET,
        code: 'x',
        redirect_uri: REDIRECT,
      },
      basic,
    );
    expect(wrong.status).toBe(400);
    const jwks = (await (await fetch(`${gateway.url}/oidc/jwks`)).json()) as { keys: object[] };
    for (const key of jwks.keys) expect(Object.keys(key)).not.toContain('d');
  });

  it('oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported, request_uri', async () => {
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.`;
    expect(await answerTo({ request: none })).toMatchObject({
      error: expect.stringMatching(/^(invalid_request_object|request_not_supported)$/) as string,
    });
    expect(await answerTo({ request_uri: 'https://evil.example/r' })).toMatchObject({
      error: 'request_uri_not_supported',
    });
    const signed = await enter({
      build: (config, parameters) =>
        oidc.buildAuthorizationUrlWithJAR(config, parameters, { key: requestKey, kid: 'r' }),
    });
    expect(signed.claims.aud).toBe('basic');
  });

  it('oidcc-refresh-token: keeps sub and auth_time; the new ID token is for the same client', async () => {
    const { config, tokens, claims } = await enter();
    const again = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect(again.claims()).toMatchObject({ sub: claims.sub, aud: 'basic', auth_time: claims.auth_time });
  });
});

describe('errors of the token endpoint (RFC 6749, 5.2)', () => {
  it.each([
    ['no client', {}, {}, 400, 'invalid_request'],
    ['an unknown client', { client_id: 'nobody' }, {}, 401, 'invalid_client'],
    [
      'a wrong secret',
      {},
      { authorization: `Basic ${Buffer.from('basic:no').toString('base64')}` },
      401,
      'invalid_client',
    ],
    ['no grant type', {}, basic, 400, 'invalid_request'],
    ['an unknown grant type', { grant_type: 'password' }, basic, 400, 'unsupported_grant_type'],
    [
      'an unknown code',
      { grant_type: 'authorization_code', code: 'x', redirect_uri: REDIRECT },
      basic,
      400,
      'invalid_grant',
    ],
    [
      'an unknown refresh token',
      { grant_type: 'refresh_token', refresh_token: 'x' },
      basic,
      400,
      'invalid_grant',
    ],
  ] as const)('%s', async (_what, body, headers, status, error) => {
    const answer = await token(body, headers);
    expect(await answer.json()).toMatchObject({ error });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([status, 'no-store']);
    if (status === 401 && 'authorization' in headers)
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
  });

  it('accepts POST only, and one value for each parameter', async () => {
    const got = await fetch(`${gateway.url}/oidc/token`);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
    const twice = await fetch(`${gateway.url}/oidc/token`, {
      method: 'POST',
      headers: { ...basic, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=authorization_code&grant_type=refresh_token&code=x',
    });
    expect(await twice.json()).toMatchObject({ error: 'invalid_request' });
  });
});

describe('Config OP and form post', () => {
  it('oidcc-discovery-endpoint-verification: the issuer is the address, over what was asked', async () => {
    const answer = await fetch(`${gateway.url}/.well-known/openid-configuration`);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(await answer.json()).toMatchObject({ issuer: gateway.url });
  });

  it('discovery and keys may be kept for a minute, for new keys are published before they sign', async () => {
    for (const path of ['.well-known/openid-configuration', 'oidc/jwks']) {
      const { headers } = await fetch(`${gateway.url}/${path}`);
      expect(headers.get('cache-control')).toBe('public, max-age=60');
    }
  });

  it('RFC 8414: who speaks OAuth only finds the same where its discovery is', async () => {
    const at = async (name: string): Promise<unknown> =>
      (await fetch(`${gateway.url}/.well-known/${name}`)).json();
    expect(await at('oauth-authorization-server')).toEqual(await at('openid-configuration'));
  });

  it('form_post: the answer is a form to the service, that a policy of ours lets go', async () => {
    const browser = party.browser();
    await enter({ browser });
    const page = await browser.visit('form post', (await asked({ response_mode: 'form_post' })).url);
    expect(page.html).toContain(`action="${REDIRECT}"`);
    const back = await untilClient(() => browser.press('go on'));
    expect(back.href).toBe(REDIRECT);
  });
});

describe('attacks on the browser', () => {
  it('a login begun in one browser cannot be finished in another (login CSRF, session fixation)', async () => {
    const [attacker, victim] = [party.browser(), party.browser()];
    const { url } = await asked();
    const page = await attacker.visit('begin', url);
    await expect(victim.visit('handed over', page.url)).rejects.toThrow('400');
  });

  it('a code is worth nothing to another client, another redirect URI or another verifier (mix-up, injection)', async () => {
    const { url, checks } = await asked();
    const code = (await gateway.login(url)).searchParams.get('code') ?? '';
    const redeem = (changes: Record<string, string>, headers: Record<string, string> = basic) =>
      token(
        {
          grant_type: 'authorization_code',
          code,
          redirect_uri: REDIRECT,
          code_verifier: checks.pkceCodeVerifier,
          ...changes,
        },
        headers,
      );
    for (const answer of [
      await redeem({ client_id: 'low' }, {}),
      await redeem({ redirect_uri: 'https://client.example.it/other' }),
      await redeem({ code_verifier: 'x'.repeat(43) }),
    ])
      expect(await answer.json()).toMatchObject({ error: 'invalid_grant' });
  });

  it('a session that somebody planted, or looked at before she proved herself again, is worth nothing afterwards', async () => {
    const jar = new CookieJar(systemClock);
    const browser = party.browser(jar);
    const { url } = await asked({ prompt: 'none' });
    const cookies = () => jar.header(new URL(url), { method: 'GET', crossSite: false }) ?? '';
    const signedIn = async (cookie: string) => {
      const answer = await fetch(url, { headers: { cookie }, redirect: 'manual' });
      return new URL(answer.headers.get('location') ?? '').searchParams.has('code');
    };
    await enter({ browser, user: 'hans.muster' });
    const planted = cookies();
    expect(await signedIn(planted)).toBe(true);
    await expect(gateway.login((await asked({ prompt: 'login' })).url, { browser })).rejects.toThrow();
    // A form that a script sends ends the session of whoever was there before.
    await untilClient(() => browser.press('go on'));
    const before = cookies();
    await enter({ browser, parameters: { acr_values: LEVEL(3) } });
    expect([await signedIn(planted), await signedIn(before)]).toEqual([false, false]);
  });

  it('every answer names its issuer', async () => {
    const back = await gateway.login((await asked()).url);
    expect(back.searchParams.get('iss')).toBe(gateway.url);
    expect(await answerTo({ prompt: 'none' })).toMatchObject({ iss: gateway.url });
  });
});
