import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { invitation } from '../admin/fixtures.ts';
import { launchBrowser } from '../support/browser.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

/** A folder for pictures of every page, for whoever wants to look at them. */
const PICTURES = process.env['CONSOLE_PICTURES'];

describe('a new administrator in a browser', () => {
  let gateway: TestGateway;
  let browser: Browser;
  beforeAll(async () => {
    [gateway, browser] = await Promise.all([
      startTestGateway({ clients: [], storeUrl: 'sqlite:gateway.db' }),
      launchBrowser(),
    ]);
  });
  afterAll(async () => {
    await browser.close();
    await gateway.stop();
  });

  /** Nothing for axe to find, one heading, nothing wider than the window: at 320 and at 1280 pixels. */
  async function inspect(page: Page, name: string): Promise<void> {
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}-${width}.png`, fullPage: true });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${name}: ${id} ${nodes[0]?.html}`)).toEqual([]);
      const wider = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
      expect(await page.evaluate(wider), `${name} at ${width}`).toBeLessThanOrEqual(0);
      expect(await page.locator('h1').count(), name).toBe(1);
    }
  }

  it('gets from a one-time code to a service that a citizen enters', async () => {
    const context = await browser.newContext({ locale: 'it-IT' });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('status of 4'))
        complaints.push(message.text());
    });
    const press = (name: string | RegExp) => page.getByRole('button', { name }).first().click();

    await page.goto(`${gateway.url}/admin/invitation`);
    await page.locator(`button[value="${gateway.providers[0]}"]`).click();
    await page.locator('button[value="anna.rossi"]').first().click();
    await page.locator('button[value="anna.rossi"]').first().click();
    await page.waitForLoadState();
    if (!page.url().startsWith(gateway.url)) await page.locator('form button').first().click();
    await page.waitForURL(`${gateway.url}/admin/invitation`);
    await inspect(page, 'invitation');
    await page.getByLabel('Codice', { exact: true }).fill(await invitation(gateway));
    await press('Conferma');
    await page.waitForURL(`${gateway.url}/admin/services`);
    await inspect(page, 'services-empty');

    await page.getByRole('link', { name: 'Registra un servizio' }).click();
    await inspect(page, 'form');
    await press('Continua');
    await page.getByText('Alcune risposte vanno corrette').waitFor();
    await inspect(page, 'form-faulty');
    await page.getByLabel('Nome del servizio').fill('Iscrizioni scolastiche');
    await page.getByLabel('Nome in inglese').fill('School enrolment');
    await page.getByLabel('Pagina iniziale').fill(`${gateway.url}/`);
    await page.getByLabel('Indirizzi di ritorno').fill(`${gateway.url}/health/live`);
    await page.getByText('Nome', { exact: true }).click();
    await page.locator('#wants-name').selectOption('required');
    await page.locator('#why-it-name').fill('intestare la domanda');
    await page.locator('#basis-name').selectOption('public-task');
    await page.locator('#law-name').fill('d.lgs. 297/1994, art. 192');
    await press('Continua');
    await page.getByText('Prima di confermare, pensa a questo').waitFor();
    await inspect(page, 'review');
    await press('Registra un servizio');
    await page.getByText('Copia ora il segreto').waitFor();
    await inspect(page, 'secret');
    const id = (await page.locator('code').first().textContent()) ?? '';
    await page.getByRole('link', { name: 'Vai al servizio' }).click();
    await inspect(page, 'service-waiting');
    await press('Approva e metti in esercizio');
    await page.getByText('In esercizio ·').waitFor();
    await inspect(page, 'service-live');
    await page.getByRole('link', { name: 'Servizi', exact: true }).click();
    await inspect(page, 'services');
    await page.getByRole('link', { name: 'Chiavi e certificati' }).click();
    await inspect(page, 'keys');
    await page.getByRole('link', { name: 'Amministratori' }).click();
    await inspect(page, 'administrators');
    await page.getByRole('link', { name: 'Registro delle attività' }).click();
    await inspect(page, 'audit');
    await page.goto(`${gateway.url}/admin/services?lang=en`);
    await inspect(page, 'services-in-english');

    const request = new URLSearchParams({
      ...{ client_id: id, redirect_uri: `${gateway.url}/health/live`, response_type: 'code' },
      ...{ scope: 'openid profile', code_challenge: 'A'.repeat(43), code_challenge_method: 'S256' },
      ...{ prompt: 'login', state: 'from-the-console' },
    });
    await page.goto(`${gateway.url}/oidc/auth?${request.toString()}`);
    await page.getByRole('heading', { name: 'School enrolment', level: 1 }).waitFor();
    await page.locator(`button[value="${gateway.providers[0]}"]`).first().click();
    await page.locator('button[value="anna.rossi"]').first().click();
    await page.locator('button[value="anna.rossi"]').first().click();
    await page.waitForURL(/health\/live\?code=.*state=from-the-console/);
    expect(complaints).toEqual([]);
    await context.close();
  }, 120_000);
});
