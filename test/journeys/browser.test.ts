import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Demo } from '../../src/demo/start.ts';
import { launchBrowser } from '../support/browser.ts';
import { startDemoAnywhere } from '../support/demo.ts';

describe('in a real browser', () => {
  let demo: Demo;
  let browser: Browser;

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemoAnywhere(), launchBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await demo.stop();
  });

  interface Visit {
    readonly page: Page;
    readonly context: BrowserContext;
    /** What the browser complained about, and who else was asked for something. */
    readonly complaints: string[];
  }

  async function open(options: { width: number; script: boolean; locale?: string }): Promise<Visit> {
    const context = await browser.newContext({
      viewport: { width: options.width, height: 800 },
      javaScriptEnabled: options.script,
      locale: options.locale ?? 'it-IT',
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    const ours = [demo.gatewayUrl, demo.identityProviderUrl, demo.suapUrl];
    page.on('request', (request) => {
      if (!ours.includes(new URL(request.url()).origin) && !request.url().startsWith('data:'))
        complaints.push(`asked ${request.url()}`);
    });
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('status of 4'))
        complaints.push(message.text());
    });
    return { page, context, complaints };
  }

  async function inspect({ page }: Visit, script: boolean): Promise<void> {
    const title = await page.title();
    expect(await page.locator('h1').count(), title).toBe(1);
    if (!script) return; // axe and measuring need scripts; the pages are the same
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${title}: ${id} ${nodes[0]?.html}`)).toEqual([]);
    const overflow = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    expect(overflow, `${title} scrolls sideways`).toBeLessThanOrEqual(0);
  }

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

  for (const width of [320, 1280]) {
    for (const script of [true, false]) {
      it(`a citizen enters SUAP and leaves again at ${width} px, ${script ? 'with' : 'without'} JavaScript`, async () => {
        const visit = await open({ width, script });
        const { page } = visit;
        await page.goto(demo.suapUrl);
        await inspect(visit, script);
        await page.getByRole('link', { name: 'Accedi' }).click();
        await inspect(visit, script);
        await button(page, 'Gestore SPID di prova').click();
        if (!script) {
          await inspect(visit, script);
          await button(page, 'Continua verso Gestore SPID di prova').click();
        }
        await page.waitForURL(`${demo.identityProviderUrl}/**`);
        await inspect(visit, script);
        await button(page, 'anna.rossi').click();
        await inspect(visit, script);
        await button(page, 'Acconsento (L2)').click();
        if (!script) await button(page, 'Continua').click();
        await page.waitForURL(`${demo.suapUrl}/`);
        await inspect(visit, script);
        expect(await page.textContent('h1')).toContain('Anna Rossi');
        await button(page, 'Esci').click();
        if (!script) {
          await inspect(visit, script);
          await button(page, 'Esci da tutti i servizi').click();
        }
        await page.waitForURL(`${demo.suapUrl}/`);
        await page.getByRole('link', { name: 'Accedi' }).click();
        expect(await page.textContent('h1')).toContain('Entra in'); // really signed out: the gateway asks again
        expect(visit.complaints).toEqual([]);
        await visit.context.close();
      });
    }
  }

  /** Up to the provider's page, scripts on. */
  async function toProvider(visit: Visit): Promise<void> {
    await visit.page.goto(`${demo.suapUrl}/login`);
    await button(visit.page, 'Gestore SPID di prova').click();
    await visit.page.waitForURL(`${demo.identityProviderUrl}/**`);
  }

  async function consent(page: Page): Promise<void> {
    await button(page, 'anna.rossi').click();
    await button(page, 'Acconsento (L2)').click();
  }

  it('shows the page of every anomaly without anything for axe to find, and the way on works', async () => {
    const visit = await open({ width: 320, script: true });
    const { page } = visit;
    await toProvider(visit);
    for (const [what, title] of [
      ['Sbaglia password troppe volte', 'Credenziali non corrette'],
      ['Non avere il livello richiesto', 'Serve un livello SPID più alto'],
      ['Annulla', 'Hai annullato l’accesso'],
    ] as const) {
      await button(page, what).click();
      await page.waitForURL(`${demo.gatewayUrl}/**`);
      expect(await page.textContent('h1')).toBe(title);
      await inspect(visit, true);
      await button(page, 'Riprova').click();
      await page.waitForURL(`${demo.identityProviderUrl}/**`);
    }
    await consent(page);
    await page.waitForURL(`${demo.suapUrl}/`);
    await visit.context.close();
  });

  it('goes back after the login without an error that strands the citizen', async () => {
    const visit = await open({ width: 1280, script: true });
    const { page } = visit;
    await toProvider(visit);
    await consent(page);
    await page.waitForURL(`${demo.suapUrl}/`);
    // Straight to the page of the choice: what lies between are results of forms, for which the browser has a page of
    // its own that asks first.
    const tab = await visit.context.newCDPSession(page);
    const { entries } = await tab.send('Page.getNavigationHistory');
    const choice = entries.find(({ url }) => url.startsWith(`${demo.gatewayUrl}/login/`));
    expect(choice).toBeDefined();
    await tab.send('Page.navigateToHistoryEntry', { entryId: choice?.id ?? -1 });
    await page.waitForURL(choice?.url ?? '');
    await page.getByRole('main').getByRole('link', { name: 'Torna al servizio' }).click();
    await page.waitForURL(`${demo.suapUrl}/`);
    expect(await page.textContent('h1')).toBe('Ecco i tuoi dati, Anna Rossi');
    await visit.context.close();
  });

  it('lets two tabs of one browser log in side by side', async () => {
    const visit = await open({ width: 1280, script: true });
    const second = await visit.context.newPage();
    await toProvider(visit);
    await toProvider({ ...visit, page: second });
    await consent(second);
    await second.waitForURL(`${demo.suapUrl}/`);
    await consent(visit.page);
    await visit.page.waitForURL((url) => url.origin === demo.suapUrl || url.origin === demo.gatewayUrl);
    expect((await visit.page.textContent('h1'))?.length).toBeGreaterThan(0);
    await visit.context.close();
  });

  it('can be used by keyboard alone: skip link, then the provider', async () => {
    const { page, context } = await open({ width: 1280, script: true });
    await page.goto(`${demo.suapUrl}/login`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement?.textContent')).toBe('Vai al contenuto');
    for (let press = 0; press < 10; press++) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate('document.activeElement?.textContent?.trim()')) === 'Gestore SPID di prova')
        break;
    }
    await page.keyboard.press('Enter');
    await page.waitForURL(`${demo.identityProviderUrl}/**`);
    await context.close();
  });

  it('speaks English to who asks for it, by browser, by service or by the switch', async () => {
    const english = await open({ width: 1280, script: true, locale: 'en-GB' });
    await english.page.goto(`${demo.suapUrl}/login`);
    expect(await english.page.getAttribute('html', 'lang')).toBe('en');
    await english.context.close();
    const { page, context } = await open({ width: 1280, script: true });
    await page.goto(`${demo.suapUrl}/login?ui_locales=en`);
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    await page.getByRole('link', { name: 'Italiano' }).click();
    expect(await page.getAttribute('html', 'lang')).toBe('it');
    expect(await page.textContent('h1')).toContain('Entra in');
    await context.close();
  });
});
