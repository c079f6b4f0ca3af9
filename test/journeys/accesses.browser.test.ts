import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;
let browser: Browser;
beforeAll(async () => {
  [gateway, browser] = await Promise.all([
    startTestGateway({ clients: [], storeUrl: 'sqlite::memory:' }),
    launchBrowser(),
  ]);
});
afterAll(() => Promise.all([browser.close(), gateway.stop()]));

it('a citizen is told what comes of reporting an access before she does, and lands on what became of it', async () => {
  const context = await browser.newContext({ locale: 'it-IT', viewport: { width: 320, height: 640 } });
  const page = await context.newPage();
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  await page.goto(`${gateway.url}/accessi`);
  await button('Gestore SPID di prova').first().click();
  await button('anna.rossi').click();
  await page.getByRole('button', { name: 'Acconsento' }).first().click();
  await page.waitForURL(`${gateway.url}/accessi`);

  const report = button('Segnala questo accesso');
  expect(await report.isVisible()).toBe(false);
  await page.getByText('Non sono stato io').click();
  expect(await page.getByText('La segnalazione non si può ritirare.').isVisible()).toBe(true);
  expect((await new AxeBuilder({ page }).setLegacyMode().analyze()).violations).toEqual([]);
  await report.click();
  const said = page.getByText('Segnalato: chi amministra il servizio lo sta verificando.');
  await said.waitFor();
  expect(await said.evaluate((paragraph) => document.activeElement === paragraph)).toBe(true);

  await button('Esci da tutti i servizi').click();
  await page.getByRole('link', { name: 'Vai all’elenco dei servizi' }).click();
  expect(await page.textContent('h1')).toBe('Accesso ai servizi online');
  await context.close();
});
