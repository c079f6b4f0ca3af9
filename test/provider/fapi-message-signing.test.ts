import { createLocalJWKSet, decodeJwt, jwtVerify, type JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Driver } from '../../src/demo/driver.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { FapiClient, newKey, type Changes, type Key } from '../support/fapi-client.ts';
import { startTestGateway, untilClient, type TestGateway } from '../support/gateway.ts';
import { REDIRECT, RelyingParty, testClient } from '../support/relying-party.ts';

/** The modules of the plan "FAPI 2.0 Message Signing Final" about what is signed; the others are those of fapi.test.ts. */
describe('FAPI 2.0 Message Signing', () => {
  let gateway: TestGateway;
  let party: RelyingParty;
  let browser: Driver;
  let client: FapiClient;
  let rsa: Key;
  let stranger: Key;

  beforeAll(async () => {
    const [key, proof] = await Promise.all([newKey('1'), newKey('p')]);
    [rsa, stranger] = await Promise.all([newKey('r', 'RS256'), newKey('1')]);
    gateway = await startTestGateway({
      storeUrl: 'sqlite::memory:',
      clients: [
        testClient('signing', {
          jwks: { keys: [key, rsa].map(({ jwk }) => jwk as Record<string, unknown>) },
          authMethod: 'private_key_jwt',
          idTokenAlgorithm: 'ES256',
          protocol: {
            profile: 'fapi-2.0',
            pushedRequests: true,
            boundTokens: 'dpop',
            assertionAlgorithm: 'ES256',
            requestObjects: 'ES256',
            signedResponses: true,
          },
        }),
      ],
    });
    party = new RelyingParty(gateway);
    client = new FapiClient(gateway.url, 'signing', key, proof);
    browser = party.browser();
    await gateway.login(await client.pushed(asked()), { browser });
  });
  afterAll(() => gateway.stop());

  const asked = (request: Changes['request'] = {}, parameters: Record<string, string> = {}): Changes => ({
    request,
    parameters: { response_mode: 'jwt', ...parameters },
  });
  const seconds = () => Math.floor(systemClock.now().getTime() / 1000);

  /** What a signed answer says, once its signature, issuer, audience and time are right. */
  async function answerIn(back: URL) {
    expect([...back.searchParams.keys()]).toEqual(['response']);
    const keys = (await (await fetch(`${gateway.url}/oidc/jwks`)).json()) as JSONWebKeySet;
    const { payload } = await jwtVerify(back.searchParams.get('response') ?? '', createLocalJWKSet(keys), {
      issuer: gateway.url,
      audience: 'signing',
      algorithms: ['ES256'],
      requiredClaims: ['exp'],
    });
    return payload;
  }
  const answerTo = async (changes: Changes) =>
    answerIn(await party.silently(browser, await client.pushed(changes)));

  it('discovery-end-point-verification: what the profile demands is offered', async () => {
    const answer = await fetch(`${gateway.url}/.well-known/openid-configuration`);
    expect(await answer.json()).toMatchObject({
      request_object_signing_alg_values_supported: expect.arrayContaining(['ES256', 'PS256']) as string[],
      authorization_signing_alg_values_supported: expect.arrayContaining(['ES256']) as string[],
      response_modes_supported: expect.arrayContaining(['jwt']) as string[],
      introspection_signing_alg_values_supported: expect.arrayContaining(['ES256']) as string[],
    });
  });

  it('happy-flow: a signed request, a signed answer, good for two minutes at most', async () => {
    const { code, state, exp = 0 } = await answerTo(asked());
    expect(state).toBe('a state');
    expect(exp - seconds()).toBeLessThanOrEqual(120);
    const { status, body } = await client.redeem(String(code));
    expect(status).toBe(200);
    expect(decodeJwt(body['id_token'] ?? '')).toMatchObject({ nonce: 'a nonce', aud: 'signing' });
  });

  it('user-rejects-authentication: the error is signed too', async () => {
    const other = party.browser();
    await other.visit('authorization request', await client.pushed(asked()));
    const back = await untilClient(() => other.press('turn back', 'Torna al servizio senza entrare'));
    expect(await answerIn(back)).toMatchObject({ error: 'access_denied', state: 'a state' });
    const silent = await party.silently(party.browser(), await client.pushed(asked({}, { prompt: 'none' })));
    expect(await answerIn(silent)).toMatchObject({ error: 'login_required', state: 'a state' });
  });

  it('state-only-outside-request-object-not-used, ensure-different-nonce-inside-and-outside-request-object', async () => {
    const outside = {
      state: 'outside',
      nonce: 'outside',
      redirect_uri: 'https://evil.example/',
      scope: 'email',
    };
    const within = await answerTo(asked({ outside, claims: { state: undefined, nonce: 'inside' } }));
    expect(within).not.toHaveProperty('state');
    const { body } = await client.redeem(String(within['code']));
    expect(decodeJwt(body['id_token'] ?? '')['nonce']).toBe('inside');
    expect(body['scope']).toBe('openid');
  });

  it('what stands beside request_uri at the authorization endpoint changes nothing', async () => {
    const url = new URL(await client.pushed(asked()));
    for (const [name, value] of [
      ...([
        ['redirect_uri', 'https://evil.example/'],
        ['state', 'outside'],
        ['scope', 'openid email'],
      ] as const),
      ...([
        ['response_mode', 'query'],
        ['prompt', 'login'],
        ['response_type', 'code'],
      ] as const),
    ])
      url.searchParams.set(name, value);
    const back = await party.silently(browser, url.href);
    expect(`${back.origin}${back.pathname}`).toBe(REDIRECT);
    expect(await answerIn(back)).toMatchObject({ code: expect.any(String) as string, state: 'a state' });
  });

  it('ensure-request-object-with-multiple-aud-succeeds, -typ-oauth-authz-req, -iat-8-seconds-in-the-future', async () => {
    const soon = seconds() + 8;
    for (const request of [
      { claims: { aud: [gateway.url, 'https://other.example'] } },
      { header: { typ: 'oauth-authz-req+jwt' } },
      { claims: { iat: soon, nbf: soon } },
    ])
      expect((await client.push(asked(request))).status).toBe(201);
  });

  it.each([
    ['without-exp', () => ({ exp: undefined })],
    ['without-nbf', () => ({ nbf: undefined })],
    ['with-exp-over-60-minutes-after-nbf', () => ({ exp: seconds() + 3700 })],
    ['with-nbf-over-60-minutes-ago', () => ({ nbf: seconds() - 3700 })],
    ['that has expired', () => ({ exp: seconds() - 60, nbf: seconds() - 120 })],
    ['with-exp before nbf', () => ({ nbf: seconds() + 10, exp: seconds() + 5 })],
    ['nbf-a-minute-in-the-future', () => ({ nbf: seconds() + 70 })],
    ['issued more than a minute in the future', () => ({ iat: seconds() + 70 })],
    ['without an audience', () => ({ aud: undefined })],
    ['with-bad-aud', () => ({ aud: 'https://other.example' })],
    ['of another issuer', () => ({ iss: 'other' })],
    ['for another client', () => ({ client_id: 'other' })],
    ['with a request object inside', () => ({ request: 'x.y.z' })],
  ])('ensure-request-object-%s-fails', async (_module, claims) => {
    const { status, body } = await client.push(asked({ claims: claims() }));
    expect([status, body['error']]).toEqual([400, 'invalid_request_object']);
  });

  it('ensure-signed-request-object-with-RS256-fails, ensure-request-object-with-invalid-signature-fails', async () => {
    for (const key of [rsa, stranger]) {
      const { status, body } = await client.push(asked({ key }));
      expect([status, body['error']]).toEqual([400, 'invalid_request_object']);
    }
  });

  it('ensure-unsigned-request-at-par-fails, and plain response modes with it', async () => {
    expect((await client.push()).body).toMatchObject({
      error: 'invalid_request',
      error_description: 'request_object_required',
    });
    for (const response_mode of ['query', 'fragment', 'form_post'])
      expect((await client.push(asked({}, { response_mode }))).body).toMatchObject({
        error_description: 'response_mode_not_registered',
      });
  });
});
