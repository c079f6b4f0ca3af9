import { AxeBuilder } from '@axe-core/playwright';
import Koa from 'koa';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AcceptedRequest } from '../../src/demo/authn-request.ts';
import { personaList } from '../../src/demo/provider-pages.ts';
import { applyPolicy, securityHeaders } from '../../src/web/headers.ts';
import { layout } from '../../src/web/layout.ts';
import { departPage } from '../../src/web/pages/depart.ts';
import { loadAssets } from '../../src/web/static/assets.ts';
import { launchBrowser } from '../support/browser.ts';
import { everyPage, frame, NONCE } from './samples.ts';
import { serve } from './server.ts';

const assets = loadAssets();
const NAMES = [...everyPage('it', assets).keys()];

describe('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  /** Serves every page with the headers it has in the gateway; what was posted where is written down. */
  async function start(): Promise<{ readonly url: string; readonly posted: string[] }> {
    const posted: string[] = [];
    const app = new Koa();
    app.use(securityHeaders('http://localhost'));
    app.use(assets.middleware);
    app.use((ctx) => {
      const [, language, name = ''] = ctx.path.split('/');
      ctx.type = 'html';
      if (ctx.method === 'POST') posted.push(ctx.path);
      if (name === 'departure-with-script') {
        applyPolicy(ctx, { nonce: NONCE, leadsTo: [] }, 'http://localhost');
        const fields = { SAMLRequest: 'PHNhbWxwOi8+', RelayState: 'relay' };
        ctx.body = departPage(frame('it', assets), {
          provider: 'Gestore',
          action: '/sso',
          fields,
          nonce: NONCE,
        });
        return;
      }
      if (name === 'personas') {
        const request = { organization: 'Unione', level: 2 } as AcceptedRequest;
        ctx.body = layout(frame('it', assets), { title: 'Chi sei?', body: personaList('it', 'x', request) });
        return;
      }
      const page = everyPage(language === 'en' ? 'en' : 'it', assets).get(name);
      ctx.body = page ?? '<!doctype html><html lang="it"><title>arrived</title><h1>arrived</h1></html>';
    });
    return { url: await serve(app), posted };
  }

  async function open(
    address: string,
    options: { width?: number; script?: boolean; forcedColors?: 'active' } = {},
  ): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 320, height: 640 },
      javaScriptEnabled: options.script ?? true,
      forcedColors: options.forcedColors ?? 'none',
    });
    const page = await context.newPage();
    await page.goto(address);
    return page;
  }

  /** What is wider than the window, smaller than a fingertip (in CSS pixels), or not in our letters. */
  const MEASURE = `(async () => {
    await document.fonts.ready;
    const small = [...document.querySelectorAll('main button, main .btn, summary')]
      .filter((one) => one.getBoundingClientRect().height < 40)
      .map((one) => one.textContent.trim());
    return {
      sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      small,
      font: document.fonts.check('16px "Titillium Web"') && document.fonts.size === 3,
    };
  })()`;

  describe.each([320, 1280])('%i px wide', (width) => {
    it.each(NAMES)('the page "%s" has nothing for axe to find, and fits', async (name) => {
      const { url } = await start();
      const page = await open(`${url}/it/${name}`, { width });
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      expect(await page.evaluate(MEASURE)).toEqual({ sideways: 0, small: [], font: true });
      await page.context().close();
    });
  });

  it('every page fits in English too', async () => {
    const { url } = await start();
    const page = await open(`${url}/en/choice`);
    for (const name of NAMES) {
      await page.goto(`${url}/en/${name}`);
      expect(await page.evaluate(MEASURE), name).toMatchObject({ sideways: 0 });
    }
    await page.context().close();
  });

  it('letters twice as large still fit a phone', async () => {
    const { url } = await start();
    const page = await open(`${url}/it/choice`);
    for (const name of NAMES) {
      await page.goto(`${url}/it/${name}`);
      await page.evaluate(`document.documentElement.style.setProperty('font-size', '200%')`);
      expect(await page.evaluate(MEASURE), name).toMatchObject({ sideways: 0 });
    }
    await page.context().close();
  });

  it('buttons have an edge in colours that a citizen has chosen for all pages', async () => {
    const { url } = await start();
    const page = await open(`${url}/it/choice`, { forcedColors: 'active' });
    for (const name of NAMES) {
      await page.goto(`${url}/it/${name}`);
      const without = await page.locator('main button:visible, main .btn:visible').evaluateAll((buttons) =>
        buttons
          .filter((button) => {
            const { borderTopWidth, borderTopStyle } = getComputedStyle(button);
            return borderTopStyle !== 'solid' || parseFloat(borderTopWidth) < 1;
          })
          .map(({ textContent }) => textContent),
      );
      expect(without, name).toEqual([]);
    }
    await page.context().close();
  });

  it('what is said below a button of a list is not hidden by the next', async () => {
    const { url } = await start();
    const page = await open(`${url}/it/personas`, { width: 1280 });
    const hidden = await page
      .locator('.provider-list > li')
      .evaluateAll((items) =>
        items
          .filter((item) => item.scrollHeight > item.clientHeight + 1)
          .map(({ textContent }) => textContent),
      );
    expect(hidden).toEqual([]);
    await page.context().close();
  });

  it('the heading of a problem has the focus, so that it is read out at once', async () => {
    const { url } = await start();
    const page = await open(`${url}/it/problem`);
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
    await page.context().close();
  });

  it('the departure leaves by itself, once', async () => {
    const { url, posted } = await start();
    const page = await open(`${url}/it/departure-with-script`);
    await page.getByRole('heading', { name: 'arrived' }).waitFor();
    expect(posted).toEqual(['/sso']);
    await page.context().close();
  });

  it.each(['departure', 'departure-with-script'])(
    'without JavaScript the button of the "%s" page leaves',
    async (name) => {
      const { url, posted } = await start();
      const page = await open(`${url}/it/${name}`, { script: false });
      expect(posted).toEqual([]);
      await page.getByRole('main').getByRole('button').click();
      await page.getByRole('heading', { name: 'arrived' }).waitFor();
      expect(posted).toEqual(['/sso']);
      await page.context().close();
    },
  );

  it('a provider is chosen and the reasons are read without JavaScript, by keyboard alone', async () => {
    const { url, posted } = await start();
    const page = await open(`${url}/it/choice`, { script: false });
    const reason = page.getByText('Per avvisarti quando la pratica va avanti');
    expect(await reason.isVisible()).toBe(false);
    await page.getByText('Perché li chiede').focus();
    await page.keyboard.press('Enter');
    expect(await reason.isVisible()).toBe(true);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'arrived' }).waitFor();
    expect(posted).toEqual(['/login/abc/depart']);
    await page.context().close();
  });
});
