import { calculateJwkThumbprint, decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Driver } from '../../src/demo/driver.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { CHALLENGE, FapiClient, newKey, type Changes, type Key } from '../support/fapi-client.ts';
import { startTestGateway, untilClient, type TestGateway } from '../support/gateway.ts';
import { RelyingParty, testClient, type ClientChanges } from '../support/relying-party.ts';

/** The modules of the plan "FAPI 2.0 Security Profile Final", by their names without `fapi2-security-profile-final-`. */
describe('FAPI 2.0 Security Profile', () => {
  let gateway: TestGateway;
  let party: RelyingParty;
  let browser: Driver;
  let client: FapiClient;
  let second: FapiClient;
  let thief: Key;
  let weak: Key;

  beforeAll(async () => {
    const [one, two, proof, otherProof] = await Promise.all(['1', '2', 'p', 'q'].map((kid) => newKey(kid)));
    [thief, weak] = await Promise.all([newKey('t'), newKey('w', 'RS256')]);
    if (!one || !two || !proof || !otherProof) throw new Error('keys');
    const fapi = (...keys: Key[]): ClientChanges => ({
      jwks: { keys: keys.map(({ jwk }) => jwk as Record<string, unknown>) },
      authMethod: 'private_key_jwt',
      idTokenAlgorithm: 'ES256',
      refreshTokens: true,
      protocol: {
        profile: 'fapi-2.0',
        pushedRequests: true,
        boundTokens: 'dpop',
        assertionAlgorithm: 'ES256',
      },
    });
    gateway = await startTestGateway({
      storeUrl: 'sqlite::memory:',
      clients: [testClient('one', fapi(one, weak)), testClient('two', fapi(two))],
    });
    party = new RelyingParty(gateway);
    client = new FapiClient(gateway.url, 'one', one, proof);
    second = new FapiClient(gateway.url, 'two', two, otherProof);
    browser = party.browser();
    await gateway.login(await client.pushed(), { browser });
  });
  afterEach(() => vi.useRealTimers());
  afterAll(() => gateway.stop());

  const authorized = async (changes: Changes = {}) =>
    (await party.silently(browser, await client.pushed(changes))).searchParams;
  const code = async (changes: Changes = {}) => (await authorized(changes)).get('code') ?? '';
  const refusedPush = async (changes: Changes) => {
    const { status, body } = await client.push(changes);
    return [status, body['error'], body['error_description']];
  };
  const seconds = () => Math.floor(systemClock.now().getTime() / 1000);

  it('discovery-end-point-verification: what the profile demands is offered', async () => {
    const answer = await fetch(`${gateway.url}/.well-known/openid-configuration`);
    expect(await answer.json()).toMatchObject({
      pushed_authorization_request_endpoint: `${gateway.url}/oidc/par`,
      authorization_response_iss_parameter_supported: true,
      code_challenge_methods_supported: ['S256'],
      dpop_signing_alg_values_supported: expect.arrayContaining(['ES256', 'PS256']) as string[],
      token_endpoint_auth_methods_supported: expect.arrayContaining(['private_key_jwt']) as string[],
    });
  });

  it('happy-flow, ensure-authorization-request-without-state-success, refresh-token', async () => {
    const back = await authorized();
    expect([back.get('state'), back.get('iss')]).toEqual(['a state', gateway.url]);
    const { status, body } = await client.redeem(back.get('code') ?? '');
    expect([status, body['token_type']]).toEqual([200, 'DPoP']);
    expect(decodeJwt(body['id_token'] ?? '')).toMatchObject({ nonce: 'a nonce', aud: 'one' });
    expect((await client.userinfo(body['access_token'] ?? '')).status).toBe(200);
    const again = await client.refresh(body['refresh_token'] ?? '');
    expect(again.status).toBe(200);
    // 5.3.2.1: bound to the client, so never lost by a rotation.
    expect([undefined, body['refresh_token']]).toContain(again.body['refresh_token']);
    expect((await second.refresh(body['refresh_token'] ?? '')).body['error']).toBe('invalid_grant');
  });

  it('ensure-authorization-request-with-64-char-nonce-success, -with-long-state, -without-nonce', async () => {
    const state = 's'.repeat(1000);
    const back = await authorized({ parameters: { nonce: 'n'.repeat(64), state } });
    expect(back.get('state')).toBe(state);
    const { body } = await client.redeem(back.get('code') ?? '');
    expect(decodeJwt(body['id_token'] ?? '')['nonce']).toBe('n'.repeat(64));
  });

  it('user-rejects-authentication: access_denied with state and iss', async () => {
    const other = party.browser();
    await other.visit('authorization request', await client.pushed());
    const back = await untilClient(() => other.press('turn back', 'Torna al servizio senza entrare'));
    expect(Object.fromEntries(back.searchParams)).toMatchObject({
      error: 'access_denied',
      state: 'a state',
      iss: gateway.url,
    });
  });

  it('ensure-unsigned-authorization-request-without-using-par-fails', async () => {
    const { url } = await party.request(await party.configure('one'));
    const back = await party.silently(party.browser(), url);
    expect([back.searchParams.get('error'), back.searchParams.get('error_description')]).toEqual([
      'invalid_request',
      'pushed_request_required',
    ]);
  });

  it('par-attempt-reuse-request_uri, par-attempt-to-use-request_uri-for-different-client, -expired-request_uri', async () => {
    const url = await client.pushed();
    expect((await party.silently(browser, url)).searchParams.has('code')).toBe(true);
    const refused = async (address: string) => (await fetch(address, { redirect: 'manual' })).status;
    expect(await refused(url)).toBe(400);
    const { body } = await client.push();
    expect(await refused(client.at(body['request_uri'] ?? '', 'two'))).toBe(400);
    const late = await client.pushed();
    vi.useFakeTimers({ toFake: ['Date'], now: systemClock.now().getTime() + 61_000 });
    expect(await refused(late)).toBe(400);
  });

  it.each([
    [
      'par-authorization-request-containing-request_uri',
      { request_uri: 'urn:x' },
      'request_uri_not_supported',
    ],
    ['par-ensure-pkce-required', { code_challenge: '' }, 'invalid_request'],
    ['par-ensure-plain-pkce-rejected', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['ensure-redirect-uri-in-authorization-request', { redirect_uri: '' }, 'invalid_request'],
    ['ensure-registered-redirect-uri', { redirect_uri: 'https://evil.example/' }, 'invalid_request'],
    ['ensure-response-type-token-fails', { response_type: 'code id_token' }, 'unsupported_response_type'],
  ])('%s', async (_module, parameters, error) => {
    expect((await refusedPush({ parameters })).slice(0, 2)).toEqual([400, error]);
  });

  it.each([
    ['another key of the client’s', () => ({ assertionKey: { ...thief, jwk: { ...thief.jwk, kid: '1' } } })],
    ['RS256', () => ({ assertionKey: { ...weak, alg: 'RS256' } })],
    ['the token endpoint as audience', () => ({ assertion: { aud: `${gateway.url}/oidc/token` } })],
    ['a list as audience', () => ({ assertion: { aud: [gateway.url, 'https://other.example'] } })],
    ['the PAR endpoint as audience', () => ({ assertion: { aud: `${gateway.url}/oidc/par` } })],
    ['the issuer and a slash as audience', () => ({ assertion: { aud: `${gateway.url}/` } })],
    ['the issuer in a list as audience', () => ({ assertion: { aud: [gateway.url] } })],
    ['a minute in the future', () => ({ assertion: { nbf: seconds() + 60 } })],
    ['issued more than a minute in the future', () => ({ assertion: { iat: seconds() + 70 } })],
    ['no subject', () => ({ assertion: { sub: undefined } })],
    ['another client as subject', () => ({ assertion: { sub: 'two' } })],
    ['another client as issuer', () => ({ assertion: { iss: 'two' } })],
    ['no identifier', () => ({ assertion: { jti: undefined } })],
    ['a minute ago', () => ({ assertion: { iat: seconds() - 120, exp: seconds() - 60 } })],
    ['no expiry', () => ({ assertion: { exp: undefined } })],
  ])('ensure-client-assertion-…-fails: an assertion with %s is refused', async (_what, changes) => {
    const [status, error] = await refusedPush(changes());
    expect([400, 401]).toContain(status);
    // RFC 6749, 5.2: who says nothing of himself that could be compared has sent a wrong request.
    expect(error).toBe(status === 401 ? 'invalid_client' : 'invalid_request');
  });

  it('par-attempt-invalid-http-method: 405 (RFC 9126, 2.3)', async () => {
    const answer = await fetch(`${gateway.url}/oidc/par`, { method: 'PUT', body: new URLSearchParams() });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
    expect(await answer.json()).toEqual({
      error: 'invalid_request',
      error_description: 'method_not_allowed',
    });
  });

  it('ensure-server-accepts-nbf-8-seconds-in-the-future, -iat-8-seconds-in-the-future', async () => {
    const soon = seconds() + 8;
    expect((await client.push({ assertion: { nbf: soon, iat: soon } })).status).toBe(201);
  });

  it('attempt-reuse-authorization-code-after-one-second: refused, and what came of the first use ends', async () => {
    const once = await code();
    const { body } = await client.redeem(once);
    expect((await client.redeem(once)).body).toMatchObject({
      error: 'invalid_grant',
      error_description: 'code_used',
    });
    expect((await client.userinfo(body['access_token'] ?? '')).status).toBe(401);
  });

  it('par-incorrect-pkce-code-verifier-rejected, par-pkce-code-verifier-missing, ensure-authorization-code-is-bound-to-client', async () => {
    const bound = await code();
    const wrong = async (from: FapiClient, changes: Changes = {}) =>
      (await from.redeem(bound, changes)).body['error_description'];
    expect(await wrong(client, { parameters: { code_verifier: 'x'.repeat(43) } })).toBe('pkce_mismatch');
    expect(await wrong(client, { parameters: { code_verifier: '' } })).toBe('pkce_missing');
    expect(await wrong(second)).toBe('wrong_client');
    expect((await client.redeem(bound)).status).toBe(200);
  });

  it('ensure-holder-of-key-required: no token without a proof, no use without one or with another key', async () => {
    expect((await client.redeem(await code(), { unbound: true })).body).toMatchObject({
      error: 'invalid_grant',
      error_description: 'dpop_missing',
    });
    const token = (await client.redeem(await code())).body['access_token'] ?? '';
    expect((await client.userinfo(token, { unbound: true }, 'Bearer')).status).toBe(401);
    expect((await client.userinfo(token, { proofKey: thief })).status).toBe(401);
    // access-token-type-header-case-sensitivity (RFC 9110, 11.1)
    expect((await client.userinfo(token, {}, 'dPoP')).status).toBe(200);
  });

  it('dpop-negative-tests: a proof for another method, address, token or time is refused', async () => {
    const token = (await client.redeem(await code())).body['access_token'] ?? '';
    for (const proof of [
      { htm: 'POST' },
      { htu: `${gateway.url}/oidc/token` },
      { ath: CHALLENGE },
      { jti: undefined },
      { nonce: 'made up' },
    ]) {
      const answer = await client.userinfo(token, { proof });
      expect([answer.status, answer.headers.get('www-authenticate')], JSON.stringify(proof)).toEqual([
        401,
        expect.stringMatching(/^DPoP .*error="(invalid_dpop_proof|use_dpop_nonce)"/) as string,
      ]);
    }
    // With a nonce of ours the clock of the client does not matter.
    expect((await client.userinfo(token, { proof: { iat: seconds() - 10 } })).status).toBe(200);
    expect((await client.userinfo(token, { proof: { iat: seconds() + 10 } })).status).toBe(200);
  });

  it('ensure-dpop-auth-code-binding-success, ensure-token-endpoint-fails-with-mismatched-dpop-jkt', async () => {
    const dpop_jkt = await calculateJwkThumbprint(thief.jwk);
    const unbound = { unbound: true, parameters: { dpop_jkt } };
    expect((await client.redeem(await code(unbound), { proofKey: thief })).status).toBe(200);
    expect((await client.redeem(await code(unbound))).body).toMatchObject({
      error: 'invalid_grant',
      error_description: 'dpop_key_mismatch',
    });
    expect(await refusedPush({ parameters: { dpop_jkt } })).toEqual([
      400,
      'invalid_request',
      'dpop_key_mismatch',
    ]);
  });
});
