import { decodeJwt } from 'jose';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSuap } from '../../src/demo/suap.ts';
import { listen, type Listening } from '../../src/operations/server.ts';
import { loadAssets } from '../../src/web/static/assets.ts';
import { launchBrowser } from '../support/browser.ts';
import { freePorts } from '../support/demo.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { logoutListener, type LogoutListener } from '../support/logout-listener.ts';
import { testClient } from '../support/relying-party.ts';

const SECRET = 'a long secret of this test, nothing else';
const purpose = { it: 'prova' };
const WHO = ['name', 'familyName', 'fiscalNumber'] as const;

/** Services of one body, each on a host of its own, since cookies know no ports. */
const SERVICES = {
  suap: { host: '127.0.0.2', name: 'SUAP', minimumLevel: 2, attributes: WHO },
  canteen: { host: '127.0.0.3', name: 'Mensa scolastica', minimumLevel: 1, attributes: WHO },
  rent: { host: '127.0.0.4', name: 'Contributo affitto', minimumLevel: 2, attributes: [...WHO, 'email'] },
  registry: { host: '127.0.0.5', name: 'Anagrafe', minimumLevel: 3, attributes: WHO },
  // This one cannot be told of logouts.
  library: { host: '127.0.0.6', name: 'Biblioteca', minimumLevel: 1, attributes: WHO },
} as const;
type Service = keyof typeof SERVICES;

describe('single sign-on in a real browser', () => {
  let gateway: TestGateway;
  let browser: Browser;
  let port: number;
  const told = {} as Record<Service, LogoutListener>;
  const services: Listening[] = [];
  const url = (service: Service) => `http://${SERVICES[service].host}:${port}`;

  beforeAll(async () => {
    port = await freePorts(1);
    const ids = Object.keys(SERVICES) as Service[];
    for (const id of ids) told[id] = await logoutListener();
    gateway = await startTestGateway({
      storeUrl: 'sqlite::memory:',
      change: (input) => ({
        ...input,
        entities: input.entities.map((entity) => ({
          ...entity,
          attributeSets: [
            ...entity.attributeSets,
            { index: 2, name: 'Recapito', attributes: ['spidCode', 'fiscalNumber', 'email'] },
          ],
        })),
      }),
      clients: ids.map((id) =>
        testClient(id, {
          name: { it: SERVICES[id].name },
          homePage: `${url(id)}/`,
          redirectUris: [`${url(id)}/callback`],
          postLogoutRedirectUris: [`${url(id)}/`],
          authMethod: 'client_secret_basic',
          secrets: [SECRET],
          minimumLevel: SERVICES[id].minimumLevel,
          attributes: SERVICES[id].attributes.map((name) => ({ name, purpose })),
          ...(id === 'library' ? {} : { backchannelLogoutUri: told[id].url }),
        }),
      ),
    });
    for (const id of ids) {
      const own = { url: url(id), issuer: gateway.url, clientId: id, clientSecret: SECRET };
      const service = createSuap({ ...own, assets: loadAssets() });
      services.push(await listen(service.callback(), SERVICES[id].host, port));
    }
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all([...services.map((service) => service.stop()), gateway.stop()]);
    await Promise.all(Object.values(told).map((listener) => listener.close()));
  });

  it('signs a citizen in once, goes upstream for what is missing only, and closes everything when she leaves', async () => {
    const context = await browser.newContext({ locale: 'it-IT', viewport: { width: 320, height: 800 } });
    const page = await context.newPage();
    const upstream: string[] = [];
    page.on('request', (request) => {
      const { origin, pathname } = new URL(request.url());
      if (gateway.providers.includes(origin) && pathname === '/sso') upstream.push(origin);
    });
    const button = (name: string) => page.getByRole('button', { name, exact: true });

    await page.goto(`${url('suap')}/login`);
    await button('Gestore SPID di prova').first().click();
    await button('anna.rossi').click();
    await button('Acconsento (L2)').click();
    expect(await entered(page, 'suap')).not.toContain('email');
    expect(upstream).toHaveLength(1);

    for (const silent of ['canteen', 'library'] as const) {
      await page.goto(`${url(silent)}/login`);
      await entered(page, silent);
    }
    expect(upstream).toHaveLength(1);

    await page.goto(`${url('rent')}/login`);
    expect(await page.textContent('main')).toContain(
      'Sei già entrato, ma Contributo affitto ha bisogno di altri dati.',
    );
    await button('Continua con Gestore SPID di prova').click();
    await button('anna.rossi').click();
    expect(await page.textContent('main')).not.toContain('Cognome');
    await button('Acconsento (L2)').click();
    expect(await entered(page, 'rent')).toContain('email');
    await page.goto(`${url('rent')}/login`);
    await entered(page, 'rent');
    expect(upstream).toHaveLength(2);

    await page.goto(`${url('registry')}/login`);
    expect(await page.textContent('main')).toContain('Anagrafe chiede un accesso di livello più alto');
    await button('Continua con Gestore SPID di prova').click();
    await button('anna.rossi').click();
    await button('Acconsento (L3)').click();
    await entered(page, 'registry');
    expect(await page.textContent('main')).toContain('SpidL3');
    expect(upstream).toHaveLength(3);
    await page.goto(`${url('canteen')}/login`);
    await entered(page, 'canteen');
    expect(upstream).toHaveLength(3);

    // The gateway's own page is one more service.
    await page.goto(`${gateway.url}/accessi`);
    expect(await page.textContent('h1')).toBe('I miei accessi');

    await page.goto(`${gateway.url}/oidc/logout?client_id=rent`);
    await button('Esci da tutti i servizi').click();
    const lists = page.locator('main ul');
    expect((await lists.nth(0).locator('li').allTextContents()).sort()).toEqual([
      'Anagrafe',
      'Contributo affitto',
      'I miei accessi',
      'Mensa scolastica',
      'SUAP',
    ]);
    expect(await lists.nth(1).locator('li').allTextContents()).toEqual(['Biblioteca']);
    for (const id of ['suap', 'canteen', 'rent', 'registry'] as const)
      await vi.waitFor(() => expect(told[id].tokens.map((token) => decodeJwt(token).aud)).toEqual([id]));
    for (const id of ['suap', 'canteen', 'library'] as const) {
      await page.goto(`${url(id)}/login`);
      expect(await page.textContent('h1')).toContain(`Entra in ${SERVICES[id].name}`);
    }
    await page.goto(`${gateway.url}/accessi`);
    expect(await page.textContent('h1')).toContain('Entra in «I miei accessi»');
    expect(upstream).toHaveLength(3);
    await context.close();
  });

  /** The names of what the service knows of her, once she is there. */
  async function entered(page: Page, service: Service): Promise<string[]> {
    await page.waitForURL(`${url(service)}/`);
    expect(await page.textContent('h1')).toContain('Anna Rossi');
    const names = await page.locator('dt').allTextContents();
    return names.map((name) => name.replace('https://attributes.eid.gov.it/', ''));
  }
});
