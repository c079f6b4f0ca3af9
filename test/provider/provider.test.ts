import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startTestGateway, untilClient, type TestGateway } from '../support/gateway.ts';
import { REDIRECT, RelyingParty, testClient, type EnterOptions } from '../support/relying-party.ts';
import { describeStores } from '../support/stores.ts';

const SECRET = 'a long secret of this test, nothing else';
const FISCAL = 'https://attributes.eid.gov.it/fiscal_number';

describeStores('the OpenID Provider', (openUrl) => {
  let gateway: TestGateway;
  let party: RelyingParty;
  let keys: { privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey']; jwk: JWK };
  const printed: string[] = [];

  beforeAll(async () => {
    for (const method of ['log', 'info', 'warn', 'error'] as const) {
      vi.spyOn(console, method).mockImplementation(
        (...parts: unknown[]) => void printed.push(parts.join(' ')),
      );
    }
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    keys = { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' } };
    gateway = await startTestGateway({
      storeUrl: await openUrl(),
      clients: [
        testClient('basic', {
          authMethod: 'client_secret_basic',
          secrets: [SECRET, 'another secret that is valid too'],
        }),
        testClient('post', {
          authMethod: 'client_secret_post',
          secrets: [SECRET],
          idTokenAlgorithm: 'ES256',
        }),
        testClient('jwt', {
          authMethod: 'private_key_jwt',
          jwks: { keys: [keys.jwk] },
        }),
        testClient('public'),
        testClient('several', { redirectUris: [REDIRECT, 'https://other.example.it/callback'] }),
        testClient('elsewhere', { sector: 'another sector' }),
        testClient('modest', { attributes: [] }),
        testClient('low', { minimumLevel: 1 }),
        testClient('refreshing', { refreshTokens: true }),
      ],
    });
    party = new RelyingParty(gateway);
  });
  afterAll(async () => {
    await gateway.stop();
    vi.restoreAllMocks();
  });

  /** A whole login, with what the client gets to know. */
  async function enter(id: string, options: EnterOptions = {}) {
    const entered = await party.enter(id, options);
    const { config, tokens, claims } = entered;
    return { ...entered, userinfo: await oidc.fetchUserInfo(config, tokens.access_token, claims.sub) };
  }

  it.each([
    ['client_secret_basic', 'basic', () => oidc.ClientSecretBasic(SECRET)],
    [
      'a second secret during a rotation',
      'basic',
      () => oidc.ClientSecretBasic('another secret that is valid too'),
    ],
    ['client_secret_post', 'post', () => oidc.ClientSecretPost(SECRET)],
    ['private_key_jwt', 'jwt', () => oidc.PrivateKeyJwt({ key: keys.privateKey, kid: 'k1' })],
    ['none with PKCE', 'public', () => oidc.None()],
  ] as const)('lets a stock client in from discovery alone, by %s', async (_method, id, auth) => {
    const { claims, userinfo } = await enter(id, { auth: auth() });
    expect(claims).toMatchObject({
      iss: gateway.url,
      aud: id,
      acr: 'https://www.spid.gov.it/SpidL2',
      amr: ['spid', 'mfa'],
    });
    expect(claims.auth_time).toBeTypeOf('number');
    expect(userinfo).toMatchObject({
      name: 'Anna Rossi',
      email: 'anna.rossi@example.it',
      [FISCAL]: 'TINIT-RSSNNA85T50G843V',
    });
  });

  it('keeps the ID token minimal and signs it as the client is registered', async () => {
    const { claims, tokens } = await enter('post', { auth: oidc.ClientSecretPost(SECRET) });
    expect(Object.keys(claims).sort()).toEqual([
      'acr',
      'amr',
      'at_hash',
      'aud',
      'auth_time',
      'exp',
      'iat',
      'iss',
      'nonce',
      'sub',
    ]);
    const header = JSON.parse(
      Buffer.from(tokens.id_token?.split('.')[0] ?? '', 'base64url').toString(),
    ) as unknown;
    expect(header).toMatchObject({ alg: 'ES256' });
  });

  it('releases only what is approved and asked for', async () => {
    expect(Object.keys((await enter('modest')).userinfo)).toEqual(['sub']);
    expect(
      Object.keys((await enter('public', { parameters: { scope: 'openid email' } })).userinfo).sort(),
    ).toEqual(['email', FISCAL, 'sub'].sort());
    const asked = JSON.stringify({ userinfo: { given_name: null, birthdate: null } });
    const { userinfo } = await enter('public', { parameters: { scope: 'openid', claims: asked } });
    expect(Object.keys(userinfo).sort()).toEqual(['given_name', FISCAL, 'sub'].sort());
  });

  it('refuses a wrong secret, a wrong verifier, another redirect URI and a code used twice', async () => {
    await expect(enter('basic', { auth: oidc.ClientSecretBasic('wrong') })).rejects.toMatchObject({
      status: 401,
    });
    const config = await party.configure('public');
    const { url, checks } = await party.request(config);
    const back = await gateway.login(url);
    await expect(
      oidc.authorizationCodeGrant(config, back, { ...checks, pkceCodeVerifier: 'x'.repeat(50) }),
    ).rejects.toMatchObject({ error: 'invalid_grant' });
    const wrong = await fetch(url.replace('client.example.it', 'evil.example.it'), { redirect: 'manual' });
    expect([wrong.status, wrong.headers.get('location')]).toEqual([400, null]);
    const first = await enter('public');
    await expect(oidc.authorizationCodeGrant(config, first.back, first.checks)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    await expect(oidc.fetchUserInfo(config, first.tokens.access_token, first.claims.sub)).rejects.toThrow();
  });

  it('refuses a request without PKCE, and any response type but code', async () => {
    const config = await party.configure('public');
    const { url } = await party.request(config);
    const without = new URL(url);
    without.searchParams.delete('code_challenge');
    const back = await party.silently(party.browser(), without.href);
    expect(Object.fromEntries(back.searchParams)).toMatchObject({
      error: 'invalid_request',
      iss: gateway.url,
    });
    const implicit = new URL(url);
    implicit.searchParams.set('response_type', 'id_token');
    expect((await fetch(implicit, { redirect: 'manual' })).status).toBeGreaterThanOrEqual(300);
  });

  it('lets exactly one of 50 simultaneous redemptions of a code succeed', async () => {
    const config = await party.configure('public');
    const { url, checks } = await party.request(config);
    const back = await gateway.login(url);
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () => oidc.authorizationCodeGrant(config, back, checks)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ error: 'invalid_grant', status: 400 });
    }
  });

  it('rotates refresh tokens, lets one of 50 simultaneous uses succeed, and ends the grant at reuse', async () => {
    const { config, tokens } = await enter('refreshing');
    const second = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect(second.refresh_token).not.toBe(tokens.refresh_token);
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () => oidc.refreshTokenGrant(config, second.refresh_token ?? '')),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    expect((await enter('public')).tokens.refresh_token).toBeUndefined();
  });

  it('accepts a client assertion once, of 50 sent at the same moment', async () => {
    const config = await party.configure('jwt', oidc.PrivateKeyJwt({ key: keys.privateKey, kid: 'k1' }));
    const { url, checks } = await party.request(config);
    const code = (await gateway.login(url)).searchParams.get('code') ?? '';
    const assertion = await new SignJWT({ jti: 'used-once' })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer('jwt')
      .setSubject('jwt')
      .setAudience(gateway.url)
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(keys.privateKey);
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: REDIRECT,
      code_verifier: checks.pkceCodeVerifier,
      client_id: 'jwt',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    });
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => fetch(`${gateway.url}/oidc/token`, { method: 'POST', body })),
    );
    const errors = await Promise.all(
      answers.map(async (answer) => ((await answer.json()) as { error?: string }).error),
    );
    expect(errors.filter((error) => error !== 'invalid_client')).toHaveLength(1);
  });

  it('knows one person as one subject per sector, through whichever provider, across restarts, telling nothing', async () => {
    const [provider, other] = gateway.providers;
    const first = await enter('public', { provider });
    const again = await enter('public', { provider: other });
    const sameSector = await enter('several');
    const otherSector = await enter('elsewhere');
    const otherPerson = await enter('public', { user: 'anna.rossi.omocode' });
    await gateway.restart();
    const later = await enter('public');
    expect([again.claims.sub, sameSector.claims.sub, later.claims.sub]).toEqual(
      Array(3).fill(first.claims.sub),
    );
    expect(new Set([first.claims.sub, otherSector.claims.sub, otherPerson.claims.sub]).size).toBe(3);
    expect(first.claims.sub).toMatch(/^[\w-]{43}$/);
  });

  it('signs a citizen in once: another service of the entity gets its code without asking', async () => {
    const citizen = party.browser();
    await enter('public', { browser: citizen });
    const config = await party.configure('several');
    const { url, checks } = await party.request(config);
    const tokens = await oidc.authorizationCodeGrant(config, await party.silently(citizen, url), checks);
    expect((await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '')).name).toBe(
      'Anna Rossi',
    );
  });

  it('lets five tabs of one service in at once, each with a code and tokens that go on working', async () => {
    const citizen = party.browser();
    await enter('refreshing', { browser: citizen });
    const config = await party.configure('refreshing');
    const tabs = await Promise.all(Array.from({ length: 5 }, () => party.request(config)));
    const backs = await Promise.all(tabs.map(({ url }) => party.silently(citizen, url)));
    for (const [at, back] of backs.entries()) {
      const tokens = await oidc.authorizationCodeGrant(config, back, tabs[at]?.checks ?? {});
      const again = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
      expect(await oidc.fetchUserInfo(config, again.access_token, tokens.claims()?.sub ?? '')).toHaveProperty(
        'name',
      );
    }
  });

  it.each([
    ['prompt=login', { prompt: 'login' }],
    ['max_age=0', { max_age: '0' }],
    ['a login_hint at somebody else', { login_hint: 'another.person@example.it' }],
    ['a higher level', { acr_values: 'https://www.spid.gov.it/SpidL3' }],
  ] as const)('asks again for %s', async (_what, parameters) => {
    const citizen = party.browser();
    await enter('public', { browser: citizen });
    const { url } = await party.request(await party.configure('public'), { parameters });
    expect((await citizen.visit('again', url)).html).toContain('Entra in Servizio public');
    const { url: silent } = await party.request(await party.configure('public'), {
      parameters: { ...parameters, prompt: 'none' },
    });
    if (!('prompt' in parameters)) {
      expect((await party.silently(citizen, silent)).searchParams.get('error')).toBe('login_required');
    }
  });

  it('answers prompt=none with login_required where nobody is signed in', async () => {
    const { url } = await party.request(await party.configure('public'), { parameters: { prompt: 'none' } });
    const back = await party.silently(party.browser(), url);
    expect(Object.fromEntries(back.searchParams)).toMatchObject({
      error: 'login_required',
      iss: gateway.url,
    });
  });

  it('asks for the level the client names, never below its minimum, and says which was used', async () => {
    const at = async (id: string, acr: string) =>
      (await enter(id, { parameters: { acr_values: acr } })).claims.acr;
    const [one, two, three] = [1, 2, 3].map((level) => `https://www.spid.gov.it/SpidL${level}`) as [
      string,
      string,
      string,
    ];
    expect(await at('public', one)).toBe(two);
    expect(await at('public', three)).toBe(three);
    expect(await at('public', `${three} ${two}`)).toBe(two);
    expect(await at('low', one)).toBe(one);
    expect(await at('low', 'https://example.org/unknown')).toBe(one);
  });

  it('goes straight to the provider that the service names', async () => {
    const { url } = await party.request(await party.configure('public'), {
      parameters: { idp_hint: gateway.providers[1] },
    });
    const page = await party.browser().visit('authorization request', url);
    expect(page.html).toContain(`action="${gateway.providers[1]}/sso"`);
    const { url: unknown } = await party.request(await party.configure('public'), {
      parameters: { idp_hint: 'https://nobody.example' },
    });
    expect((await party.browser().visit('authorization request', unknown)).html).toContain(
      'Entra in Servizio public',
    );
  });

  it('signs out at the service’s word, and takes the citizen back', async () => {
    const citizen = party.browser();
    const { config, tokens } = await enter('public', { browser: citizen });
    const url = oidc.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: 'https://client.example.it/bye',
      state: 'x',
    });
    await citizen.visit('sign out', url.href);
    const back = await untilClient(() => citizen.press('confirm'));
    expect(back.href).toBe('https://client.example.it/bye?state=x');
    const { url: silent } = await party.request(config, { parameters: { prompt: 'none' } });
    expect((await party.silently(citizen, silent)).searchParams.get('error')).toBe('login_required');
    const foreign = await fetch(
      `${gateway.url}/oidc/logout?client_id=public&post_logout_redirect_uri=https://evil.example`,
    );
    expect(foreign.status).toBe(400);
  });

  it('advertises nothing that does not answer', async () => {
    const metadata = (await (
      await fetch(`${gateway.url}/.well-known/openid-configuration`)
    ).json()) as Record<string, unknown>;
    const endpoints = Object.entries(metadata).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name));
    expect(endpoints.map(([name]) => name).sort()).toEqual([
      'authorization_endpoint',
      'end_session_endpoint',
      'introspection_endpoint',
      'jwks_uri',
      'pushed_authorization_request_endpoint',
      'revocation_endpoint',
      'token_endpoint',
      'userinfo_endpoint',
    ]);
    for (const [name, url] of endpoints)
      expect((await fetch(String(url), { redirect: 'manual' })).status, name).not.toBe(500);
    expect(metadata).toMatchObject({
      issuer: gateway.url,
      response_types_supported: ['code'],
      subject_types_supported: ['pairwise', 'public'],
      token_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
        'none',
      ],
      code_challenge_methods_supported: ['S256'],
      id_token_signing_alg_values_supported: expect.arrayContaining(['RS256', 'ES256']) as string[],
      grant_types_supported: expect.arrayContaining(['authorization_code', 'refresh_token']) as string[],
      acr_values_supported: [1, 2, 3].map((level) => `https://www.spid.gov.it/SpidL${level}`),
      ui_locales_supported: ['it', 'en'],
      authorization_response_iss_parameter_supported: true,
    });
    const jwks = (await (await fetch(String(metadata['jwks_uri']))).json()) as { keys: JWK[] };
    expect(jwks.keys.every((key) => !('d' in key))).toBe(true);
  });

  it.each(['\u0000', 'a\u0000b', '\ud800', 'x'.repeat(5000), "' or 1=1 --"])(
    'knows no client and no login called %j, whatever its store makes of that',
    async (name) => {
      for (const path of ['token', 'par', 'revoke', 'introspect']) {
        const body = new URLSearchParams({ client_id: name, grant_type: 'authorization_code', token: name });
        const answer = await fetch(`${gateway.url}/oidc/${path}`, { method: 'POST', body });
        expect([answer.status, await answer.json()], path).toEqual([
          401,
          { error: 'invalid_client', error_description: 'client_unknown' },
        ]);
      }
      const query = new URLSearchParams({ client_id: name, response_type: 'code' }).toString();
      const id = encodeURIComponent(name.toWellFormed());
      for (const path of [`oidc/auth?${query}`, `oidc/logout?${query}`, `oidc/auth/${id}`, `login/${id}`])
        expect((await fetch(`${gateway.url}/${path}`, { redirect: 'manual' })).status, path).toBe(400);
    },
  );

  it('leaves none of the library’s defaults unset: nothing is printed', () => {
    expect(printed).toEqual([]);
  });
});
