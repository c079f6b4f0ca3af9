import { createServer, type Server } from 'node:http';
import * as oidc from 'openid-client';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { freePorts } from '../support/demo.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { RelyingParty, testClient } from '../support/relying-party.ts';

describe.each([true, false])('forms that go on by themselves, in a browser with scripts: %s', (scripts) => {
  let gateway: TestGateway;
  let party: RelyingParty;
  let browser: Browser;
  let service: Server;
  let callback: string;
  const posted: string[] = [];

  beforeAll(async () => {
    // A service that only says that it was reached, on a host of its own, since cookies know no ports.
    const port = await freePorts(1);
    callback = `http://127.0.0.2:${port}/callback`;
    service = createServer((request, answer) => {
      request.setEncoding('utf8').on('data', (text: string) => posted.push(text));
      request.on('end', () => answer.end('reached'));
    });
    await new Promise<void>((resolve) => service.listen(port, '127.0.0.2', resolve));
    gateway = await startTestGateway({
      storeUrl: 'sqlite::memory:',
      clients: [testClient('suap', { minimumLevel: 1, redirectUris: [callback] })],
    });
    party = new RelyingParty(gateway);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await gateway.stop();
    service.close();
  });

  async function open(): Promise<Page> {
    const context = await browser.newContext({ locale: 'it-IT', javaScriptEnabled: scripts });
    return context.newPage();
  }

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first();

  /** Presses where no script does. */
  async function goOn(page: Page): Promise<void> {
    if (!scripts) await page.locator('main form button').first().click();
  }

  /** A login at the provider, up to its answer. */
  async function prove(page: Page, user: string): Promise<void> {
    await button(page, 'Gestore SPID di prova').click();
    await goOn(page);
    await button(page, user).click();
    await button(page, 'Acconsento (L1)').click();
    await goOn(page);
  }

  async function begin(page: Page, parameters: Record<string, string> = {}) {
    const config = await party.configure('suap');
    const { url, checks } = await party.request(config, {
      parameters: { redirect_uri: callback, ...parameters },
    });
    await page.goto(url);
    return { config, checks };
  }

  it('let another person enter where somebody is signed in already, who is signed out first', async () => {
    const page = await open();
    await begin(page);
    await prove(page, 'anna.rossi');
    await page.waitForURL(`${callback}?**`);
    const { config, checks } = await begin(page, { prompt: 'login' });
    await prove(page, 'luca.nicolò');
    if (!scripts) expect(await page.textContent('main')).toContain('chi era già entrato con questo browser');
    await goOn(page);
    await page.waitForURL(`${callback}?**`);
    const tokens = await oidc.authorizationCodeGrant(config, new URL(page.url()), checks);
    const claims = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '');
    expect(claims['family_name']).toContain('Angelo');
    await page.context().close();
  });

  it('take an answer by form_post to the service', async () => {
    const page = await open();
    posted.length = 0;
    await begin(page, { response_mode: 'form_post', state: `"<é'&` });
    await prove(page, 'anna.rossi');
    if (!scripts) expect(await page.textContent('h1')).toBe('Stai tornando al servizio');
    await goOn(page);
    await page.waitForURL(callback);
    const answer = new URLSearchParams(posted[0]);
    expect(answer.get('code')).toMatch(/^.{20,}$/);
    expect(answer.get('state')).toBe(`"<é'&`);
    await page.context().close();
  });

  it('say goodbye to whoever leaves without being signed in', async () => {
    const page = await open();
    await page.goto(`${gateway.url}/oidc/logout`);
    await goOn(page);
    await page.waitForURL(`${gateway.url}/oidc/logout/success`);
    expect(await page.textContent('h1')).toBe('Sei uscito');
    await page.context().close();
  });
});
