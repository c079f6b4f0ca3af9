import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { LANGUAGES } from '../../src/identity/language.ts';
import { AnomalyStage } from '../support/anomalies.ts';
import { launchBrowser } from '../support/browser.ts';

let stage: AnomalyStage;
let browser: Browser;
beforeAll(async () => {
  [stage, browser] = await Promise.all([AnomalyStage.open(), launchBrowser()]);
});
afterAll(() => Promise.all([stage.stop(), browser.close()]));

const MESSAGES = [...Array.from({ length: 30 }, (_, at) => `ErrorCode nr${at + 1}`), 'no number'];

it('the page of each anomaly, and of one we do not know, has nothing for axe to find in Italian and in English', async () => {
  const context = await browser.newContext({ viewport: { width: 320, height: 640 } });
  const page = await context.newPage();
  await page.goto(stage.gateway.url);
  const found: string[] = [];
  const seen = new Set<string>();
  for (const message of MESSAGES) {
    for (const language of LANGUAGES) {
      const { fields } = await stage.departed(language);
      const { html } = await stage.fail(fields, language, { pair: ['Responder', 'AuthnFailed'], message });
      // Several anomalies have one page: only codes and addresses of the login differ.
      const content = html.replace(
        /spid_\w+|<strong translate[^]*?<\/strong>|mailto:[^"]*|\/login\/[\w-]+/g,
        '',
      );
      if (seen.size === seen.add(content).size) continue;
      // The gateway's own page, on its origin, in its style.
      await page.setContent(html);
      // Who cannot read it opens it in the other language, folded out by the switch in the header.
      const retold = page.locator('details').getByRole('heading');
      expect(await retold.isVisible()).toBe(false);
      await page.locator('.site-language').click();
      expect(await retold.isVisible()).toBe(true);
      await page.evaluate(`history.replaceState(null, '', '/')`);
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
      found.push(...violations.map(({ id, nodes }) => `${message} ${language}: ${id} ${nodes[0]?.html}`));
      expect(await page.evaluate('document.documentElement.lang')).toBe(language);
      expect(await page.evaluate('document.styleSheets.length')).toBeGreaterThan(0);
    }
  }
  expect(found).toEqual([]);
  expect(seen.size).toBe(LANGUAGES.length * 13);
}, 120_000);
