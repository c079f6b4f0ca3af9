import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
  type JSONWebKeySet,
  type JWK,
} from 'jose';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../src/operations/clock.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { RelyingParty, testClient, REDIRECT, type EnterOptions } from '../support/relying-party.ts';
import { describeStores } from '../support/stores.ts';
import { clientCertificate } from '../support/client-certificate.ts';

const SECRET = 'a long secret of this test, nothing else';
const API = 'https://api.unione.example.it/pratiche';
const OPAQUE_API = 'https://api.unione.example.it/archivio';
const apis = [{ resource: API, scopes: ['pratiche:read'] }];

interface Keys {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

async function keysFor(alg: string, use: 'sig' | 'enc'): Promise<Keys> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: `${alg}-${use}`, alg, use } };
}

describeStores('protocol features, each switched on for one client', (openUrl) => {
  let gateway: TestGateway;
  let party: RelyingParty;
  let sign: Keys;
  let rsa: Keys;
  let ec: Keys;
  let published: Server;
  let publishedKeys: readonly JWK[];
  let certificate: Awaited<ReturnType<typeof clientCertificate>>;
  let selfSigned: Awaited<ReturnType<typeof clientCertificate>>;

  beforeAll(async () => {
    [sign, rsa, ec] = await Promise.all([
      keysFor('ES256', 'sig'),
      keysFor('RSA-OAEP-256', 'enc'),
      keysFor('ECDH-ES', 'enc'),
    ]);
    [certificate, selfSigned] = await Promise.all([
      clientCertificate('service.example.it'),
      clientCertificate('self.example.it'),
    ]);
    publishedKeys = [sign.jwk];
    published = createServer((_request, response) => {
      response.setHeader('Content-Type', 'application/json');
      // As a web server does that nobody has told about keys.
      response.setHeader('Cache-Control', 'public, max-age=31536000');
      response.setHeader('Expires', 'Fri, 31 Dec 2100 23:59:59 GMT');
      response.end(JSON.stringify({ keys: publishedKeys }));
    });
    await new Promise<void>((resolve) => published.listen(0, '127.0.0.1', resolve));
    const jwksUri = `http://127.0.0.1:${(published.address() as AddressInfo).port}/jwks`;
    const jwks = { keys: [sign.jwk as Record<string, unknown>] };
    gateway = await startTestGateway({
      storeUrl: await openUrl(),
      change: (input) => ({
        ...input,
        behindProxy: true,
        clientCertificates: { header: 'X-Client-Certificate', verifiedHeader: 'X-Client-Verify' },
        apis: [
          { resource: API, name: { it: 'Pratiche' }, scopes: ['pratiche:read', 'pratiche:write'] },
          {
            resource: OPAQUE_API,
            name: { it: 'Archivio' },
            scopes: ['archivio:read'],
            tokenFormat: 'opaque',
            introspectedBy: 'archive',
          },
        ],
      }),
      clients: [
        testClient('par', { protocol: { pushedRequests: true } }),
        testClient('jar', { jwks, protocol: { requestObjects: 'ES256' } }),
        testClient('jarm', { protocol: { signedResponses: true } }),
        testClient('dpop', { refreshTokens: true, protocol: { boundTokens: 'dpop' } }),
        testClient('fapi', {
          jwks,
          authMethod: 'private_key_jwt',
          idTokenAlgorithm: 'ES256',
          refreshTokens: true,
          protocol: {
            profile: 'fapi-2.0',
            pushedRequests: true,
            boundTokens: 'dpop',
            assertionAlgorithm: 'ES256',
          },
        }),
        testClient('uri', { authMethod: 'private_key_jwt', jwksUri }),
        testClient('tls', {
          authMethod: 'tls_client_auth',
          protocol: { certificateDns: 'service.example.it', boundTokens: 'mtls' },
        }),
        testClient('fapi-tls', {
          authMethod: 'tls_client_auth',
          idTokenAlgorithm: 'ES256',
          refreshTokens: true,
          protocol: {
            profile: 'fapi-2.0',
            pushedRequests: true,
            boundTokens: 'mtls',
            certificateDns: 'service.example.it',
          },
        }),
        testClient('self-signed', {
          authMethod: 'self_signed_tls_client_auth',
          jwks: { keys: [selfSigned.jwk] },
        }),
        testClient('encrypted-rsa', {
          jwks: { keys: [rsa.jwk] },
          protocol: { encryptedIdToken: 'RSA-OAEP-256', encryptedUserinfo: 'RSA-OAEP-256' },
        }),
        testClient('encrypted-ec', {
          jwks: { keys: [ec.jwk] },
          protocol: { encryptedIdToken: 'ECDH-ES', signedUserinfo: 'ES256', encryptedUserinfo: 'ECDH-ES' },
        }),
        testClient('signed-userinfo', { protocol: { signedUserinfo: 'RS256' } }),
        testClient('public-one', { protocol: { publicSubject: 'one register for the whole region' } }),
        testClient('public-two', {
          sector: 'elsewhere',
          protocol: { publicSubject: 'one register for the whole region' },
        }),
        testClient('front', {
          authMethod: 'client_secret_basic',
          secrets: [SECRET],
          refreshTokens: true,
          protocol: { apis: [...apis, { resource: OPAQUE_API, scopes: ['archivio:read'] }] },
        }),
        testClient('back-end', {
          redirectUris: [],
          postLogoutRedirectUris: [],
          attributes: [],
          authMethod: 'client_secret_basic',
          secrets: [SECRET],
          protocol: { withoutCitizens: true, clientCredentials: true, apis },
        }),
        testClient('back-end-of-two', {
          redirectUris: [],
          postLogoutRedirectUris: [],
          attributes: [],
          authMethod: 'client_secret_basic',
          secrets: [SECRET],
          protocol: {
            withoutCitizens: true,
            clientCredentials: true,
            apis: [...apis, { resource: OPAQUE_API, scopes: ['archivio:read'] }],
          },
        }),
        testClient('archive', {
          redirectUris: [],
          postLogoutRedirectUris: [],
          attributes: [],
          authMethod: 'client_secret_basic',
          secrets: [SECRET],
          protocol: { withoutCitizens: true },
        }),
        testClient('plain'),
      ],
    });
    party = new RelyingParty(gateway);
  });
  afterAll(async () => {
    await gateway.stop();
    published.close();
  });

  const enter = (id: string, options: EnterOptions = {}) => party.enter(id, options);
  const secret = () => oidc.ClientSecretBasic(SECRET);
  const assertion = () => oidc.PrivateKeyJwt({ key: sign.privateKey, kid: sign.jwk.kid ?? '' });
  const dpopFor = async (id: string, auth?: oidc.ClientAuth) =>
    oidc.getDPoPHandle(await party.configure(id, auth), await oidc.randomDPoPKeyPair('ES256'));

  /** A client behind a proxy that ended TLS with its certificate. */
  const withCertificate =
    (pem: string, verified = 'SUCCESS') =>
    (config: oidc.Configuration) => {
      config[oidc.customFetch] = (url, init) =>
        fetch(url, {
          ...(init as RequestInit),
          headers: {
            ...init.headers,
            'X-Client-Certificate': encodeURIComponent(pem),
            'X-Client-Verify': verified,
          },
        });
    };
  const userinfoOf = ({ config, tokens, claims }: Awaited<ReturnType<typeof enter>>) =>
    oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
  const refusedAt = async (id: string, options: EnterOptions = {}) => {
    const config = await party.configure(id, options.auth);
    const { url } = await party.request(config, options);
    return Object.fromEntries((await party.silently(party.browser(), url)).searchParams);
  };

  it('takes pushed requests from everybody, and only pushed ones where that is registered', async () => {
    const build = oidc.buildAuthorizationUrlWithPAR;
    expect((await enter('par', { build })).claims.aud).toBe('par');
    expect((await enter('plain', { build })).claims.aud).toBe('plain');
    const config = await party.configure('par');
    const { url } = await party.request(config);
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(303);
    expect(await refusedAt('par')).toMatchObject({ error: 'invalid_request' });
  });

  it('lets one of 50 simultaneous uses of a pushed request bring a code', async () => {
    const browser = party.browser();
    await enter('plain', { browser });
    const { url } = await party.request(await party.configure('par'), {
      build: oidc.buildAuthorizationUrlWithPAR,
    });
    const ends = await Promise.allSettled(Array.from({ length: 50 }, () => party.silently(browser, url)));
    const codes = ends.filter((end) => end.status === 'fulfilled' && end.value.searchParams.has('code'));
    expect(codes).toHaveLength(1);
  });

  it('takes signed request objects, and only those where that is registered', async () => {
    const build: EnterOptions['build'] = (config, parameters) =>
      oidc.buildAuthorizationUrlWithJAR(config, parameters, { key: sign.privateKey, kid: 'ES256-sig' });
    expect((await enter('jar', { build })).claims.aud).toBe('jar');
    expect(await refusedAt('jar')).toMatchObject({ error: 'invalid_request' });
    const other = await keysFor('ES256', 'sig');
    const forged: EnterOptions['build'] = (config, parameters) =>
      oidc.buildAuthorizationUrlWithJAR(config, parameters, { key: other.privateKey, kid: 'ES256-sig' });
    const { url } = await party.request(await party.configure('jar'), { build: forged });
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(400);
  });

  it('signs authorization responses where that is registered, and then sends no other', async () => {
    const prepare = (config: oidc.Configuration) => oidc.useJwtResponseMode(config);
    expect((await enter('jarm', { prepare, parameters: { response_mode: 'jwt' } })).claims.aud).toBe('jarm');
    for (const response_mode of ['query', 'fragment'])
      expect(await refusedAt('jarm', { parameters: { response_mode } })).not.toHaveProperty('code');
  });

  it('binds tokens to a key by DPoP with our nonces, through refresh and userinfo', async () => {
    const config = await party.configure('dpop');
    const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'));
    const entered = await enter('dpop', { grantOptions: { DPoP } });
    const { tokens, claims } = entered;
    expect(tokens.token_type.toLowerCase()).toBe('dpop');
    const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub, { DPoP });
    expect(userinfo['name']).toBe('Anna Rossi');
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, { DPoP });
    expect(refreshed.token_type.toLowerCase()).toBe('dpop');
    await expect(oidc.fetchUserInfo(config, tokens.access_token, claims.sub)).rejects.toMatchObject({
      status: 401,
    });
    const thief = await dpopFor('dpop');
    await expect(
      oidc.fetchUserInfo(config, tokens.access_token, claims.sub, { DPoP: thief }),
    ).rejects.toMatchObject({ status: 401 });
    await expect(enter('dpop')).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('speaks the FAPI 2.0 security profile with a client registered for it', async () => {
    const config = await party.configure('fapi', assertion());
    const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'));
    const { tokens, back } = await enter('fapi', {
      auth: assertion(),
      build: (from, parameters) => oidc.buildAuthorizationUrlWithPAR(from, parameters, { DPoP }),
      grantOptions: { DPoP },
    });
    expect(back.searchParams.get('iss')).toBe(gateway.url);
    const refresh = tokens.refresh_token ?? '';
    const again = await oidc.refreshTokenGrant(config, refresh, undefined, { DPoP });
    expect([undefined, refresh]).toContain(again.refresh_token);
    expect(await refusedAt('fapi', { auth: assertion() })).toMatchObject({ error: 'invalid_request' });
  });

  it('reads the keys of a client where it publishes them, and notices within a minute that they have changed', async () => {
    onTestFinished(() => void vi.useRealTimers());
    expect((await enter('uri', { auth: assertion() })).claims.aud).toBe('uri');
    const next = await keysFor('ES256', 'sig');
    publishedKeys = [{ ...next.jwk, kid: 'next' }];
    const withNext = () => oidc.PrivateKeyJwt({ key: next.privateKey, kid: 'next' });
    vi.useFakeTimers({ toFake: ['Date'], now: systemClock.now().getTime() + 61_000 });
    expect((await enter('uri', { auth: withNext() })).claims.aud).toBe('uri');
    await expect(enter('uri', { auth: assertion() })).rejects.toMatchObject({ error: 'invalid_client' });
  });

  it('knows a client by its certificate and binds its tokens to it', async () => {
    const entered = await enter('tls', {
      auth: oidc.TlsClientAuth(),
      prepare: withCertificate(certificate.pem),
    });
    expect((await userinfoOf(entered))['name']).toBe('Anna Rossi');
    const without = await party.configure('tls', oidc.TlsClientAuth());
    await expect(
      oidc.fetchUserInfo(without, entered.tokens.access_token, entered.claims.sub),
    ).rejects.toMatchObject({ status: 401 });
    for (const [pem, verified] of [
      [selfSigned.pem, 'SUCCESS'],
      [certificate.pem, 'FAILED'],
      ['nothing', 'SUCCESS'],
    ] as const) {
      await expect(
        enter('tls', { auth: oidc.TlsClientAuth(), prepare: withCertificate(pem, verified) }),
      ).rejects.toMatchObject({ error: 'invalid_client', status: 401 });
    }
  });

  it('speaks FAPI 2.0 with a client that proves itself by a certificate: nothing works without it', async () => {
    const build = oidc.buildAuthorizationUrlWithPAR;
    const auth = oidc.TlsClientAuth();
    const entered = await enter('fapi-tls', { auth, build, prepare: withCertificate(certificate.pem) });
    expect((await userinfoOf(entered))['name']).toBe('Anna Rossi');
    const { tokens, claims } = entered;
    for (const steal of [() => undefined, withCertificate(selfSigned.pem)]) {
      const thief = await party.configure('fapi-tls', auth);
      steal(thief);
      await expect(oidc.fetchUserInfo(thief, tokens.access_token, claims.sub)).rejects.toMatchObject({
        status: 401,
      });
      await expect(oidc.refreshTokenGrant(thief, tokens.refresh_token ?? '')).rejects.toMatchObject({
        error: 'invalid_client',
      });
    }
    const again = await oidc.refreshTokenGrant(entered.config, tokens.refresh_token ?? '');
    expect((await userinfoOf({ ...entered, tokens: again }))['name']).toBe('Anna Rossi');
  });

  it('knows a client by the self-signed certificate it registered, and by no other', async () => {
    const prepare = withCertificate(selfSigned.pem, 'NONE');
    expect((await enter('self-signed', { auth: oidc.TlsClientAuth(), prepare })).claims.aud).toBe(
      'self-signed',
    );
    await expect(
      enter('self-signed', { auth: oidc.TlsClientAuth(), prepare: withCertificate(certificate.pem) }),
    ).rejects.toMatchObject({ error: 'invalid_client' });
  });

  it.each(['encrypted-rsa', 'encrypted-ec'])(
    'encrypts ID token and userinfo to the client: %s',
    async (id) => {
      const entered = await enter(id, {
        prepare: (config) =>
          oidc.enableDecryptingResponses(
            config,
            ['A256GCM'],
            { key: rsa.privateKey, kid: rsa.jwk.kid ?? '', alg: 'RSA-OAEP-256' },
            { key: ec.privateKey, kid: ec.jwk.kid ?? '', alg: 'ECDH-ES' },
          ),
      });
      expect(entered.tokens.id_token?.split('.')).toHaveLength(5);
      expect((await userinfoOf(entered))['name']).toBe('Anna Rossi');
    },
  );

  it('signs userinfo where that is registered', async () => {
    const { tokens } = await enter('signed-userinfo');
    const answer = await fetch(`${gateway.url}/oidc/userinfo`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    expect(answer.headers.get('content-type')).toContain('application/jwt');
    const { payload } = await jwtVerify(await answer.text(), await ourKeys(), {
      issuer: gateway.url,
      audience: 'signed-userinfo',
      algorithms: ['RS256'],
    });
    expect(payload['name']).toBe('Anna Rossi');
  });

  it('gives clients with public subjects one and the same, and nobody else', async () => {
    const subs = await Promise.all(
      ['public-one', 'public-two', 'plain'].map(async (id) => (await enter(id)).claims.sub),
    );
    expect(subs[0]).toBe(subs[1]);
    expect(subs[2]).not.toBe(subs[0]);
  });

  it('issues JWT access tokens for an API, with the citizen as the client knows her and her level', async () => {
    const { config, back, checks } = await authorized('front', { resource: API });
    const tokens = await oidc.authorizationCodeGrant(config, back, checks, { resource: API });
    const { payload, protectedHeader } = await jwtVerify(tokens.access_token, await ourKeys(), {
      issuer: gateway.url,
      audience: API,
      algorithms: ['ES256'],
    });
    expect(protectedHeader.typ).toBe('at+jwt');
    expect(payload).toMatchObject({
      sub: tokens.claims()?.sub,
      client_id: 'front',
      scope: 'pratiche:read',
      acr: 'https://www.spid.gov.it/SpidL2',
      auth_time: tokens.claims()?.auth_time,
    });
  });

  it('refuses an API or a scope that the client is not registered for', async () => {
    const scope = 'openid pratiche:read pratiche:write';
    const { config, back, checks } = await authorized('front', { resource: API, scope });
    const tokens = await oidc.authorizationCodeGrant(config, back, checks, { resource: API });
    expect(tokens.scope).toBe('pratiche:read');
    for (const [id, resource] of [
      ['plain', API],
      ['front', 'https://api.unione.example.it/unknown'],
    ] as const) {
      const auth = id === 'front' ? secret() : oidc.None();
      expect(await refusedAt(id, { auth, parameters: { resource } })).toMatchObject({
        error: 'invalid_target',
      });
    }
  });

  it('gives a back end a token in its own name, and a citizen’s client none', async () => {
    const config = await party.configure('back-end', secret());
    const { access_token: token } = await oidc.clientCredentialsGrant(config, { scope: 'pratiche:read' });
    const { payload } = await jwtVerify(token, await ourKeys(), { issuer: gateway.url, audience: API });
    expect(payload).toMatchObject({ sub: 'back-end', client_id: 'back-end', scope: 'pratiche:read' });
    await expect(
      oidc.clientCredentialsGrant(await party.configure('front', secret()), { resource: API }),
    ).rejects.toMatchObject({ error: 'unauthorized_client', status: 400 });
    const { url } = await party.request(config);
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(400);
  });

  it('tells a back end of several APIs to name one, and one that asks for nothing it may do so', async () => {
    const config = await party.configure('back-end-of-two', secret());
    const refusal = (parameters: Record<string, string>) =>
      oidc.clientCredentialsGrant(config, parameters).catch((error: unknown) => error);
    expect(await refusal({ scope: 'pratiche:read' })).toMatchObject({
      error: 'invalid_target',
      error_description: 'resource_missing',
    });
    expect(await refusal({ resource: API, scope: 'pratiche:write archivio:read' })).toMatchObject({
      error: 'invalid_scope',
      error_description: 'scope_not_allowed',
    });
    const some = { resource: API, scope: 'pratiche:read pratiche:write' };
    expect(await oidc.clientCredentialsGrant(config, some)).toMatchObject({ scope: 'pratiche:read' });
  });

  it('signs what it tells about a token for whoever asks to have it so (RFC 9701)', async () => {
    const config = await party.configure('back-end-of-two', secret());
    const { access_token } = await oidc.clientCredentialsGrant(config, { resource: OPAQUE_API });
    const ask = async (token: string) => {
      const answer = await fetch(`${gateway.url}/oidc/introspect`, {
        method: 'POST',
        headers: {
          accept: 'application/token-introspection+jwt',
          authorization: `Basic ${Buffer.from(`archive:${encodeURIComponent(SECRET)}`).toString('base64')}`,
        },
        body: new URLSearchParams({ token }),
      });
      expect(answer.headers.get('content-type')).toContain('application/token-introspection+jwt');
      const verified = await jwtVerify(await answer.text(), await ourKeys(), {
        issuer: gateway.url,
        audience: 'archive',
        typ: 'token-introspection+jwt',
        algorithms: ['RS256'],
      });
      return verified.payload['token_introspection'];
    };
    expect(await ask(access_token)).toMatchObject({
      active: true,
      aud: OPAQUE_API,
      client_id: 'back-end-of-two',
    });
    expect(await ask('nothing')).toEqual({ active: false });
  });

  it('tells an API about its own opaque tokens, the client about its own, and nobody else anything', async () => {
    const { config, back, checks } = await authorized('front', { resource: OPAQUE_API });
    const tokens = await oidc.authorizationCodeGrant(config, back, checks, { resource: OPAQUE_API });
    const told = async (id: string) =>
      oidc.tokenIntrospection(await party.configure(id, secret()), tokens.access_token);
    expect(await told('archive')).toMatchObject({
      active: true,
      aud: OPAQUE_API,
      scope: 'archivio:read',
      client_id: 'front',
      sub: tokens.claims()?.sub,
      acr: 'https://www.spid.gov.it/SpidL2',
    });
    expect(await told('front')).toMatchObject({ active: true });
    expect(await told('back-end')).toEqual({ active: false });
  });

  it('takes tokens back at the word of their client, with all that came of the same login', async () => {
    const { config, tokens, claims } = await enter('front', { auth: secret() });
    const other = await party.configure('back-end', secret());
    await expect(oidc.tokenRevocation(other, tokens.access_token)).rejects.toMatchObject({
      error: 'invalid_request',
    });
    await oidc.tokenRevocation(config, tokens.access_token);
    await expect(oidc.fetchUserInfo(config, tokens.access_token, claims.sub)).rejects.toThrow();
    await expect(oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    const second = await enter('front', { auth: secret() });
    await oidc.tokenRevocation(config, second.tokens.refresh_token ?? '');
    await expect(oidc.fetchUserInfo(config, second.tokens.access_token, second.claims.sub)).rejects.toThrow();
  });

  it('revokes the grant, with the newest tokens too, when a used refresh token comes again', async () => {
    const { config, tokens, claims } = await enter('front', { auth: secret() });
    const second = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    await expect(oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    await expect(oidc.refreshTokenGrant(config, second.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    await expect(oidc.fetchUserInfo(config, second.access_token, claims.sub)).rejects.toThrow();
  });

  it('accepts a DPoP proof once, of 50 sent at the same moment', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const proof = async (nonce?: string) =>
      new SignJWT({ htm: 'POST', htu: `${gateway.url}/oidc/par`, jti: 'once', ...(nonce ? { nonce } : {}) })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
        .setIssuedAt()
        .sign(privateKey);
    const body = new URLSearchParams({
      client_id: 'dpop',
      redirect_uri: REDIRECT,
      response_type: 'code',
      scope: 'openid',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    });
    const push = (DPoP: string) =>
      fetch(`${gateway.url}/oidc/par`, { method: 'POST', body, headers: { DPoP } });
    const nonce = (await push(await proof())).headers.get('dpop-nonce') ?? '';
    const DPoP = await proof(nonce);
    const answers = await Promise.all(Array.from({ length: 50 }, () => push(DPoP)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  });

  it('offers in discovery what the tests above show, and nothing more', async () => {
    const metadata = (await (
      await fetch(`${gateway.url}/.well-known/openid-configuration`)
    ).json()) as Record<string, unknown>;
    const ours = ['RS256', 'ES256'];
    const requests = ['ES256', 'PS256', 'RS256'];
    const encryption = ['RSA-OAEP-256', 'ECDH-ES'];
    const methods = [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      'tls_client_auth',
      'self_signed_tls_client_auth',
      'none',
    ];
    expect(metadata).toEqual({
      issuer: gateway.url,
      ...endpoints({
        authorization: 'auth',
        end_session: 'logout',
        introspection: 'introspect',
        pushed_authorization_request: 'par',
        revocation: 'revoke',
        token: 'token',
        userinfo: 'userinfo',
      }),
      jwks_uri: `${gateway.url}/oidc/jwks`,
      acr_values_supported: [1, 2, 3].map((level) => `https://www.spid.gov.it/SpidL${level}`),
      backchannel_logout_session_supported: true,
      backchannel_logout_supported: true,
      authorization_response_iss_parameter_supported: true,
      authorization_signing_alg_values_supported: ours,
      claim_types_supported: ['normal'],
      claims_parameter_supported: true,
      claims_supported: expect.arrayContaining(['sub', 'acr', 'auth_time', 'name', 'email']) as string[],
      code_challenge_methods_supported: ['S256'],
      dpop_signing_alg_values_supported: ['ES256', 'PS256'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      id_token_encryption_alg_values_supported: encryption,
      id_token_encryption_enc_values_supported: ['A256GCM'],
      id_token_signing_alg_values_supported: ours,
      introspection_endpoint_auth_methods_supported: methods,
      introspection_endpoint_auth_signing_alg_values_supported: requests,
      introspection_signing_alg_values_supported: ours,
      prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
      request_object_signing_alg_values_supported: requests,
      request_parameter_supported: true,
      request_uri_parameter_supported: false,
      response_modes_supported: [
        'form_post',
        'fragment',
        'query',
        'jwt',
        'query.jwt',
        'fragment.jwt',
        'form_post.jwt',
      ],
      response_types_supported: ['code'],
      revocation_endpoint_auth_methods_supported: methods,
      revocation_endpoint_auth_signing_alg_values_supported: requests,
      scopes_supported: ['openid', 'profile', 'email', 'phone', 'address', 'age'],
      subject_types_supported: ['pairwise', 'public'],
      tls_client_certificate_bound_access_tokens: true,
      token_endpoint_auth_methods_supported: methods,
      token_endpoint_auth_signing_alg_values_supported: requests,
      ui_locales_supported: ['it', 'en'],
      userinfo_encryption_alg_values_supported: encryption,
      userinfo_encryption_enc_values_supported: ['A256GCM'],
      userinfo_signing_alg_values_supported: ours,
    });
  });

  function endpoints(paths: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(paths).map(([name, path]) => [`${name}_endpoint`, `${gateway.url}/oidc/${path}`]),
    );
  }

  async function authorized(id: string, parameters: Record<string, string>) {
    const config = await party.configure(id, secret());
    const { url, checks } = await party.request(config, {
      parameters: { scope: 'openid pratiche:read archivio:read', ...parameters },
    });
    return { config, checks, back: await gateway.login(url) };
  }

  async function ourKeys() {
    return createLocalJWKSet((await (await fetch(`${gateway.url}/oidc/jwks`)).json()) as JSONWebKeySet);
  }
});
