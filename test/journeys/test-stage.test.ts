import * as oidc from 'openid-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClientState } from '../../src/clients/state.ts';
import { CookieJar } from '../../src/demo/cookies.ts';
import { Driver, StepFailed } from '../../src/demo/driver.ts';
import { daysUpTo } from '../../src/figures/day.ts';
import { figuresByClient, loginFigures } from '../../src/figures/login-figures.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { RelyingParty, testClient } from '../support/relying-party.ts';

describe('the test stage', () => {
  let gateway: TestGateway;
  let store: Store;
  let party: RelyingParty;
  /** The provider of citizens, and the one for tests. */
  let [real, trial] = ['', ''];

  beforeAll(async () => {
    gateway = await startTestGateway({
      clients: [testClient('tried'), testClient('used')],
      storeUrl: 'sqlite:gateway.db',
      change: (input) => {
        const { hostname, port } = new URL(input.publicUrl);
        const test = [`http://${hostname.replace('localhost', '127.0.0.1')}:${Number(port) + 2}`];
        const { spid } = input.sources;
        const identityProviders = { ...spid.identityProviders, test };
        return { ...input, sources: { spid: { ...spid, identityProviders } } };
      },
    });
    [real, trial] = gateway.providers;
    party = new RelyingParty(gateway);
    store = await openStore(gateway.configuration.store.url, systemClock);
  });
  afterAll(async () => {
    await store.close();
    await gateway.stop();
  });

  const become = (id: string, state: ClientState) =>
    store.db.updateTable('clients').set({ state }).where('id', '=', id).execute();
  beforeEach(async () => {
    await become('tried', 'test');
    await become('used', 'live');
  });

  async function begin(id: string, browser = party.browser()) {
    const { url, checks } = await party.request(await party.configure(id));
    await browser.visit('authorization request', url);
    return { browser, checks };
  }

  /** Up to the moment at which the provider's answer leaves the browser. */
  async function almostThere(id: string, provider: string) {
    const { browser } = await begin(id);
    await browser.press('choose the provider', provider);
    await browser.press('send the request');
    await browser.press('choose the persona', 'anna.rossi');
    await browser.press('consent', 'anna.rossi');
    return browser;
  }

  it.each(['test', 'waiting'] as const)(
    'offers a service that is %s test providers only, and says so',
    async (state) => {
      await become('tried', state);
      const { browser } = await begin('tried');
      expect(browser.page.html).toContain(`value="${trial}"`);
      expect(browser.page.html).not.toContain(`value="${real}"`);
      expect(browser.page.html).toMatch(/in prova|being tried out/);
    },
  );

  it('offers a live service no test provider', async () => {
    const { browser } = await begin('used');
    expect(browser.page.html).toContain(`value="${real}"`);
    expect(browser.page.html).not.toContain(`value="${trial}"`);
    expect(browser.page.html).not.toMatch(/in prova|being tried out/);
  });

  it.each([
    ['used', () => trial],
    ['tried', () => real],
  ] as const)('lets nobody depart from %s to a provider of the other stage', async (id, provider) => {
    const cookies = new CookieJar(systemClock);
    const { browser } = await begin(id, new Driver(undefined, systemClock, cookies));
    const url = new URL(`${new URL(browser.page.url).pathname}/depart`, gateway.url);
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ provider: provider() }),
      headers: {
        'sec-fetch-site': 'same-origin',
        cookie: cookies.header(url, { method: 'POST', crossSite: false }) ?? '',
      },
    });
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain('SAMLRequest');
  });

  it.each([
    ['tried', () => trial, 'live'],
    ['used', () => real, 'test'],
  ] as const)('takes no answer for %s when its stage has changed meanwhile', async (id, provider, state) => {
    const browser = await almostThere(id, provider());
    await become(id, state);
    await expect(browser.press('send the response')).rejects.toThrow(StepFailed);
    const row = await store.db
      .selectFrom('register_entries')
      .select(['kind', 'outcome'])
      .orderBy('seq', 'desc')
      .executeTakeFirst();
    expect(row).toEqual({ kind: 'response', outcome: 'C4' });
  });

  it('reuses no session across the stages, in neither direction', async () => {
    for (const [first, provider, second] of [
      ['tried', trial, 'used'],
      ['used', real, 'tried'],
    ] as const) {
      const browser = party.browser();
      await party.enter(first, { browser, provider });
      await party.enter(first, { browser, silently: true });
      expect((await begin(second, browser)).browser.page.url).toContain('/login/');
    }
  });

  it('ends codes and tokens of the test stage when the service goes live', async () => {
    const { config, tokens, claims } = await party.enter('tried', { provider: trial });
    expect(await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)).toMatchObject({
      given_name: 'Anna',
    });
    const { url, checks } = await party.request(config);
    const back = await gateway.login(url, { provider: trial });
    await become('tried', 'live');
    await expect(oidc.fetchUserInfo(config, tokens.access_token, claims.sub)).rejects.toThrow();
    await expect(oidc.authorizationCodeGrant(config, back, checks)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('is counted by itself, step by step, and in no number of all services', async () => {
    // What was counted before is added before it is forgotten.
    await gateway.restart();
    await store.db.deleteFrom('login_counts').execute();
    await party.enter('tried', { provider: trial });
    await gateway.restart();
    const [day = ''] = daysUpTo(systemClock.now(), 1);
    const once = { shown: 1, chosen: 1, returned: 1, failed: 0, entered: 1, granted: 1, redeemed: 1 };
    expect(await figuresByClient(store.db, day, 'tests', undefined)).toEqual([{ value: 'tried', ...once }]);
    expect(await figuresByClient(store.db, day, 'services', undefined)).toEqual([]);
    const all = await loginFigures(store.db, [day], day, { entityIds: undefined, clientId: undefined });
    expect(all).toMatchObject({ days: [{ shown: 0, granted: 0 }], byProvider: [], byLevel: [] });
  });

  it('finds no real person by what a test provider says of her', async () => {
    const tried = await party.enter('tried', { provider: trial });
    const used = await party.enter('used', { provider: real });
    expect(tried.claims.sub).not.toBe(used.claims.sub);
  });
});
