import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { systemClock } from '../../src/operations/clock.ts';
import { StepFailed, type Driver } from '../../src/demo/driver.ts';
import { startTestGateway, untilClient, type ClientInput, type TestGateway } from '../support/gateway.ts';
import { logoutListener, type LogoutListener } from '../support/logout-listener.ts';
import { RelyingParty, type Entered } from '../support/relying-party.ts';

/** The services that docs/conformance.md has the suite's testers set up, with keys and addresses of this test. */
function clientsOfTheGuide(backchannel: string): ClientInput[] {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/conformance.md'), 'utf8');
  const block = /^```yaml\n([\s\S]*?)^```/m.exec(guide)?.[1] ?? '';
  const { clients } = parse(block, { merge: true }) as { clients: ClientInput[] };
  return clients.map((client) =>
    client.backchannelLogoutUri ? { ...client, backchannelLogoutUri: backchannel } : client,
  );
}

const SUITE = 'https://localhost.emobix.co.uk:8443/test/a/gateway';
const CALLBACK = `${SUITE}/callback`;
const BYE = `${SUITE}/post_logout_redirect`;

describe('with the services of docs/conformance.md', () => {
  let gateway: TestGateway;
  let party: RelyingParty;
  let listener: LogoutListener;

  beforeAll(async () => {
    listener = await logoutListener();
    gateway = await startTestGateway({
      storeUrl: 'sqlite::memory:',
      clients: clientsOfTheGuide(listener.url),
    });
    party = new RelyingParty(gateway);
  });
  afterAll(async () => {
    await gateway.stop();
    await listener.close();
  });

  const auth = () => oidc.ClientSecretBasic('a-secret-for-the-conformance-suite-1');
  const enter = (browser: Driver, parameters: Record<string, string> = {}) =>
    party.enter('conformance-1', {
      auth: auth(),
      browser,
      parameters: { redirect_uri: CALLBACK, ...parameters },
    });
  async function isSignedIn(browser: Driver): Promise<boolean> {
    const config = await party.configure('conformance-1', auth());
    const { url } = await party.request(config, { parameters: { redirect_uri: CALLBACK, prompt: 'none' } });
    return (await party.silently(browser, url)).searchParams.has('code');
  }
  /** A signed-in browser at the end of session endpoint. */
  async function leaving(parameters: (from: Entered) => Record<string, string>) {
    const browser = party.browser();
    const entered = await enter(browser);
    const query = new URLSearchParams(parameters(entered)).toString();
    const visit = () => browser.visit('end of session', `${gateway.url}/oidc/logout?${query}`);
    return { browser, entered, visit };
  }
  const hintOf = ({ tokens }: Entered) => tokens.id_token ?? '';

  describe('Basic OP', () => {
    it('oidcc-server, oidcc-ensure-request-without-nonce-succeeds-for-code-flow: without PKCE, as the plan asks', async () => {
      const config = await party.configure('conformance-1', auth());
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: CALLBACK,
        scope: 'openid',
        state: 'x',
        response_type: 'code',
      });
      const back = await gateway.login(url.href);
      const tokens = await oidc.authorizationCodeGrant(config, back, { expectedState: 'x' });
      expect(tokens.claims()?.aud).toBe('conformance-1');
    });

    it('RFC 9700, 4.8.2: a verifier that was not promised is refused (PKCE downgrade)', async () => {
      const config = await party.configure('conformance-1', auth());
      const parameters = { redirect_uri: CALLBACK, scope: 'openid', state: 'x', response_type: 'code' };
      const back = await gateway.login(oidc.buildAuthorizationUrl(config, parameters).href);
      const checks = { expectedState: 'x', pkceCodeVerifier: oidc.randomPKCECodeVerifier() };
      await expect(oidc.authorizationCodeGrant(config, back, checks)).rejects.toMatchObject({
        error: 'invalid_grant',
        error_description: 'pkce_mismatch',
      });
    });

    it('oidcc-ensure-request-with-valid-pkce-succeeds: a verifier that was promised has to come', async () => {
      const config = await party.configure('conformance-1', auth());
      const { url, checks } = await party.request(config, { parameters: { redirect_uri: CALLBACK } });
      const back = await gateway.login(url);
      const { expectedNonce, expectedState } = checks;
      const without = { expectedNonce: expectedNonce ?? '', expectedState: String(expectedState) };
      await expect(oidc.authorizationCodeGrant(config, back, without)).rejects.toMatchObject({
        error: 'invalid_grant',
        error_description: 'pkce_missing',
      });
      expect((await oidc.authorizationCodeGrant(config, back, checks)).claims()?.aud).toBe('conformance-1');
    });

    it('oidcc-scope-phone, oidcc-claims-essential: what the plan reads in userinfo is there', async () => {
      const { config, tokens, claims } = await enter(party.browser(), {
        scope: 'openid profile email phone',
      });
      expect(await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)).toMatchObject({
        name: expect.any(String) as string,
        email: expect.any(String) as string,
        phone_number: expect.any(String) as string,
      });
    });

    it('oidcc-codereuse-30seconds: half a minute later too', async () => {
      const first = await enter(party.browser());
      vi.useFakeTimers({ toFake: ['Date'], now: systemClock.now().getTime() + 31_000 });
      try {
        const again = oidc.authorizationCodeGrant(first.config, first.back, first.checks);
        await expect(again).rejects.toMatchObject({ error: 'invalid_grant' });
      } finally {
        vi.useRealTimers();
      }
    });

    it('oidcc-refresh-token: one client’s token is worth nothing to another', async () => {
      const { tokens } = await enter(party.browser());
      const other = await party.configure(
        'conformance-2',
        oidc.ClientSecretBasic('a-secret-for-the-conformance-suite-2'),
      );
      await expect(oidc.refreshTokenGrant(other, tokens.refresh_token ?? '')).rejects.toMatchObject({
        error: 'invalid_grant',
      });
    });
  });

  describe('RP-initiated logout OP', () => {
    it('oidcc-rp-initiated-logout: back with state, and signed out', async () => {
      const { browser, visit } = await leaving((from) => ({
        id_token_hint: hintOf(from),
        post_logout_redirect_uri: BYE,
        state: 's',
      }));
      await visit();
      expect((await untilClient(() => browser.press('leave'))).href).toBe(`${BYE}?state=s`);
      expect(await isSignedIn(browser)).toBe(false);
    });

    it('oidcc-rp-initiated-logout-no-state: back without one', async () => {
      const { browser, visit } = await leaving((from) => ({
        id_token_hint: hintOf(from),
        post_logout_redirect_uri: BYE,
      }));
      await visit();
      expect((await untilClient(() => browser.press('leave'))).href).toBe(BYE);
    });

    it.each([
      ['bad-post-logout-redirect-uri', 'https://evil.example/', (hint: string) => hint],
      ['query-added-to-post-logout-redirect-uri', `${BYE}?foo=bar`, (hint: string) => hint],
      [
        'modified-id-token-hint',
        BYE,
        (hint: string) => hint.replace(/.(?=.{5}$)/, (c) => (c === 'A' ? 'B' : 'A')),
      ],
      ['bad-id-token-hint', BYE, () => 'nonsense'],
    ])('oidcc-rp-initiated-logout-%s: an error page, nobody sent anywhere', async (_module, uri, changed) => {
      const { browser, visit } = await leaving((from) => ({
        id_token_hint: changed(hintOf(from)),
        post_logout_redirect_uri: uri,
        state: 's',
      }));
      await expect(visit()).rejects.toThrow(StepFailed);
      expect(browser.page.status).toBe(400);
      expect(await isSignedIn(browser)).toBe(true);
    });

    it.each([
      ['no-params', () => ({})],
      ['only-state', () => ({ state: 's' })],
      ['no-id-token-hint', () => ({ post_logout_redirect_uri: BYE, state: 's' })],
    ])(
      'oidcc-rp-initiated-logout-%s: asked first, then a page that says that she left',
      async (_module, parameters) => {
        const { browser, visit } = await leaving(parameters);
        expect((await visit()).html).toContain('Vuoi uscire?');
        const page = await browser.press('leave', 'yes');
        expect(page.html).toContain('Sei uscito');
        expect(await isSignedIn(browser)).toBe(false);
      },
    );

    it('oidcc-rp-initiated-logout-no-post-logout-redirect-uri: not asked, a page that says that she left', async () => {
      const { browser, visit } = await leaving((from) => ({ id_token_hint: hintOf(from) }));
      await visit();
      expect((await browser.press('leave')).html).toContain('Sei uscito');
      expect(await isSignedIn(browser)).toBe(false);
    });
  });

  describe('back-channel logout OP', () => {
    it('oidcc-backchannel-rp-initiated-logout: a logout token with everything that it has to have, and nothing more', async () => {
      const { browser, entered, visit } = await leaving((from) => ({
        id_token_hint: hintOf(from),
        post_logout_redirect_uri: BYE,
      }));
      await visit();
      await untilClient(() => browser.press('leave'));
      const told = () => listener.tokens.filter((token) => decodeJwt(token)['sid'] === entered.claims['sid']);
      await vi.waitFor(() => expect(told()).toHaveLength(1), { timeout: 5000, interval: 20 });
      const token = told()[0] ?? '';
      const { exp = 0, iat = 0, ...claims } = decodeJwt(token);
      expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'RS256', typ: 'logout+jwt' });
      expect(claims).toEqual({
        iss: gateway.url,
        aud: 'conformance-1',
        sub: entered.claims.sub,
        sid: entered.claims['sid'],
        jti: expect.any(String) as string,
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      });
      expect(exp - iat).toBeGreaterThan(0);
      expect(exp - iat).toBeLessThanOrEqual(120);
    });

    it('oidcc-backchannel-logout-discovery-endpoint-verification', async () => {
      const answer = await fetch(`${gateway.url}/.well-known/openid-configuration`);
      expect(await answer.json()).toMatchObject({
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
        end_session_endpoint: `${gateway.url}/oidc/logout`,
      });
    });
  });
});
