import type { UserManager } from 'oidc-client-ts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { freePorts } from '../support/demo.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { testClient } from '../support/relying-party.ts';
import { startPage } from '../support/stock-clients/page.ts';

/** What the page of docs/services.md has in its window. */
declare const manager: UserManager;

describe('a single-page application on oidc-client-ts, from another origin', () => {
  let gateway: TestGateway;
  let browser: Browser;
  let plain: Awaited<ReturnType<typeof startPage>>;
  let bound: typeof plain;

  beforeAll(async () => {
    const port = await freePorts(2);
    const at = (url: string) => ({ redirectUris: [url], postLogoutRedirectUris: [url], refreshTokens: true });
    gateway = await startTestGateway({
      storeUrl: 'sqlite::memory:',
      clients: [
        testClient('page', at(`http://127.0.0.1:${port}/`)),
        testClient('bound', { ...at(`http://127.0.0.1:${port + 1}/`), protocol: { boundTokens: 'dpop' } }),
      ],
    });
    browser = await launchBrowser();
    plain = await startPage({ issuer: gateway.url, id: 'page', port });
    bound = await startPage({ issuer: gateway.url, id: 'bound', port: port + 1 }, (script) =>
      script
        .replace('{ UserManager }', '{ IndexedDbDPoPStore, UserManager }')
        // The library reads userinfo with unbound tokens only.
        .replace(
          'loadUserInfo: true',
          'dpop: { store: new IndexedDbDPoPStore(), bind_authorization_code: true }',
        ),
    );
  });
  afterAll(async () => {
    await browser.close();
    plain.stop();
    bound.stop();
    await gateway.stop();
  });

  async function open(url: string): Promise<Page> {
    const context = await browser.newContext({ locale: 'it-IT' });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(url);
    await page.getByText('nobody').waitFor();
    return page;
  }

  async function signIn(page: Page): Promise<void> {
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    await button('Gestore SPID di prova').first().click();
    await button('anna.rossi').click();
    await button('Acconsento (L2)').click();
    await page.getByText('"sub"').waitFor();
  }

  it('lets a citizen in, reads who she is, renews its tokens without a page, and lets her out', async () => {
    const page = await open(plain.url);
    await page.evaluate(() => void manager.signinRedirect());
    await signIn(page);
    expect(page.url()).toBe(plain.url);
    const profile = JSON.parse((await page.textContent('output')) ?? '') as Record<string, unknown>;
    expect(profile).toMatchObject({ name: 'Anna Rossi', acr: 'https://www.spid.gov.it/SpidL2' });
    const tokens = await page.evaluate(async () => {
      const before = await manager.getUser();
      const after = await manager.signinSilent();
      return [before?.access_token, after?.access_token, before?.refresh_token, after?.refresh_token];
    });
    expect(new Set(tokens).size).toBe(4);
    await page.evaluate(() => void manager.signoutRedirect());
    await page.getByText('nobody').waitFor();
    expect(new URL(page.url()).origin).toBe(new URL(plain.url).origin);
  });

  it('has its tokens bound to a key of the browser, by nonces that a page of another origin can read', async () => {
    const page = await open(bound.url);
    await page.evaluate(() => void manager.signinRedirect());
    await signIn(page);
    const userinfo = await page.evaluate(async (url) => {
      const user = await manager.getUser();
      if (!user) throw new Error('nobody');
      const ask = async (nonce?: string) => {
        const proof = await manager.dpopProof(url, user, 'GET', nonce);
        const headers = { authorization: `DPoP ${user.access_token}`, ...(proof ? { dpop: proof } : {}) };
        return fetch(url, { headers });
      };
      const { status, headers } = await ask();
      const answer = await ask(headers.get('dpop-nonce') ?? '');
      return [status, headers.get('www-authenticate'), await answer.json()] as const;
    }, `${gateway.url}/oidc/userinfo`);
    expect(userinfo).toEqual([
      401,
      expect.stringContaining('use_dpop_nonce') as string,
      expect.objectContaining({ name: 'Anna Rossi' }),
    ]);
    const renewed = await page.evaluate(async () => (await manager.signinSilent())?.token_type);
    expect(renewed).toBe('DPoP');
  });
});
