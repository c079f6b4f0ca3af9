import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { freePorts } from '../support/demo.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { testClient } from '../support/relying-party.ts';
import { startApache, startPython, type Started } from '../support/stock-clients/start.ts';

const SECRET = 'a-long-secret-of-this-test-nothing-else';
const WAIT = { timeout: 5000, interval: 20 };
const FISCAL = 'https://attributes.eid.gov.it/fiscal_number';

interface SessionOfApache {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: { readonly sub: string; readonly acr: string };
  readonly userinfo: Readonly<Record<string, unknown>>;
}
interface SessionOfPython {
  readonly login: { readonly sub: string; readonly acr: string };
  readonly citizen: Readonly<Record<string, unknown>>;
}

/** Clients that nobody here has written, configured as docs/services.md says: from discovery. */
describe('stock clients', () => {
  let gateway: TestGateway;
  let apache: Started;
  let python: Started;
  let browser: Browser;

  beforeAll(async () => {
    const port = await freePorts(2);
    const [apacheUrl, pythonUrl] = [`http://localhost:${port}`, `http://localhost:${port + 1}`];
    const common = {
      authMethod: 'client_secret_basic' as const,
      secrets: [SECRET],
      refreshTokens: true,
    };
    gateway = await startTestGateway({
      storeUrl: 'sqlite::memory:',
      clients: [
        testClient('apache', {
          ...common,
          redirectUris: [`${apacheUrl}/area/openid`],
          postLogoutRedirectUris: [`${apacheUrl}/bye.html`],
          backchannelLogoutUri: `${apacheUrl}/area/openid?logout=backchannel`,
        }),
        testClient('python', {
          ...common,
          redirectUris: [`${pythonUrl}/callback`],
          postLogoutRedirectUris: [`${pythonUrl}/`],
        }),
      ],
    });
    const client = { issuer: gateway.url, secret: SECRET };
    [browser, apache, python] = await Promise.all([
      launchBrowser(),
      startApache({ ...client, id: 'apache', port }),
      startPython({ ...client, id: 'python', port: port + 1 }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([browser.close(), apache.stop(), python.stop()]);
    await gateway.stop();
  });

  /** A browser of its own for each citizen. */
  async function open(): Promise<Page> {
    const context = await browser.newContext({ locale: 'it-IT' });
    onTestFinished(() => context.close());
    return context.newPage();
  }

  async function signIn(page: Page, ending: string): Promise<void> {
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    await button('Gestore SPID di prova').first().click();
    await button('anna.rossi').click();
    await button('Acconsento (L2)').click();
    await page.waitForURL(ending);
  }

  async function session<Session>(page: Page, url: string): Promise<Session> {
    await page.goto(url);
    return JSON.parse((await page.textContent('body')) ?? '') as Session;
  }
  const ofApache = (page: Page) => session<SessionOfApache>(page, `${apache.url}/area/openid?info=json`);
  const ofPython = (page: Page) => session<SessionOfPython>(page, `${python.url}/`);
  const protectedPage = () => `${apache.url}/area/index.shtml`;

  it('Apache with mod_auth_openidc lets a citizen in, knows her, renews its tokens and lets her out', async () => {
    const page = await open();
    await page.goto(protectedPage());
    await signIn(page, protectedPage());
    expect(await page.textContent('body')).toBe('Ciao Anna Rossi');
    const first = await ofApache(page);
    expect(first.userinfo).toMatchObject({
      email: 'anna.rossi@example.it',
      [FISCAL]: 'TINIT-RSSNNA85T50G843V',
    });
    expect(first.id_token.acr).toBe('https://www.spid.gov.it/SpidL2');

    const refresh = new URLSearchParams({ refresh: protectedPage(), access_token: first.access_token });
    await page.goto(`${apache.url}/area/openid?${refresh.toString()}`);
    expect(page.url()).toBe(protectedPage());
    const second = await ofApache(page);
    expect(second.access_token).not.toBe(first.access_token);
    expect(second.refresh_token).not.toBe(first.refresh_token);

    const bye = `${apache.url}/bye.html`;
    await page.goto(`${apache.url}/area/openid?logout=${encodeURIComponent(bye)}`);
    await page.waitForURL(bye);
    await page.goto(protectedPage());
    expect(await page.textContent('h1')).toContain('Entra in Servizio apache');
  });

  it('a service in Python on Authlib lets a citizen in, knows her, renews its tokens and lets her out', async () => {
    const page = await open();
    await page.goto(`${python.url}/login`);
    await signIn(page, `${python.url}/`);
    const first = await ofPython(page);
    expect(first.citizen).toMatchObject({ sub: first.login.sub, name: 'Anna Rossi' });
    expect(first.login.acr).toBe('https://www.spid.gov.it/SpidL2');
    // The second time with what it got the first time: a refresh token that is used twice ends the login.
    await page.goto(`${python.url}/refresh`);
    await page.goto(`${python.url}/refresh`);
    expect((await ofPython(page)).citizen).toEqual(first.citizen);
    await page.goto(`${python.url}/logout`);
    await page.waitForURL(`${python.url}/`);
    await page.goto(`${python.url}/login`);
    expect(await page.textContent('h1')).toContain('Entra in Servizio python');
  });

  it('a service in Python on Authlib is told that a citizen turned back, and lets her try again', async () => {
    const page = await open();
    await page.goto(`${python.url}/login`);
    await page.getByRole('button', { name: 'Torna al servizio senza entrare' }).click();
    await page.waitForURL(`${python.url}/callback?error=access_denied*`);
    await page.getByRole('link', { name: 'Riprova' }).click();
    await signIn(page, `${python.url}/`);
    expect((await ofPython(page)).citizen).toMatchObject({ name: 'Anna Rossi' });
  });

  it('who has entered by Apache enters the Python service without a word, and leaves both there', async () => {
    const page = await open();
    await page.goto(protectedPage());
    await signIn(page, protectedPage());
    await page.goto(`${python.url}/login`);
    expect(page.url()).toBe(`${python.url}/`);
    expect((await ofPython(page)).login.sub).toBe((await ofApache(page)).id_token.sub);
    await page.goto(`${python.url}/logout`);
    await page.waitForURL(`${python.url}/`);
    // Apache was told by the gateway, not by this browser.
    await vi.waitFor(async () => {
      await page.goto(protectedPage());
      expect(await page.textContent('body')).toContain('Entra in Servizio apache');
    }, WAIT);
  });
});
