import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CASES } from '../../src/selfcheck/cases.ts';
import type { Report } from '../../src/selfcheck/check.ts';
import { reportPage } from '../../src/selfcheck/report-page.ts';
import { launchBrowser } from '../support/browser.ts';

/** A report with something of everything: findings, failed rules, failed cases. */
const REPORT: Report = {
  at: new Date('2026-03-05T18:04:00Z'),
  target: {
    metadataUrl: 'https://accesso.unione.example.it/spid',
    loginUrl:
      'https://accesso.unione.example.it/spid/unione/test-login?idp=https%3A%2F%2Fautoverifica.invalid&level=2',
    requestUrls: [],
    levelUrls: [],
  },
  entityId: 'https://accesso.unione.example.it/spid',
  name: "Unione Valle d'Esempio",
  provider: 'https://autoverifica.invalid',
  metadata: {
    profile: 'public',
    acceptable: false,
    rules: 30,
    findings: [
      {
        id: 'M5',
        rule: 'spid-sp-metadata 2.1',
        severity: 'error',
        at: 'SPSSODescriptor',
        found: ['text', 'false'],
        allowed: ['text', 'true'],
      },
    ],
  },
  requests: [
    {
      url: 'https://accesso.unione.example.it/spid/unione/test-login?level=1',
      binding: 'post',
      results: [
        {
          id: 'Q4',
          rule: { it: 'IsPassive assente', en: 'no IsPassive' },
          passed: false,
          seen: 'IsPassive "false"',
        },
      ],
    },
  ],
  cases: CASES.map((each, at) => ({
    case: each,
    asked: { level: 2, comparison: 'minimum' },
    expected: 'KO',
    passed: at % 7 > 0,
    status: 403,
    seen: 'Accesso non riuscito',
    words: '',
  })),
  meaningful: false,
  passed: false,
};

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

it.each(['it', 'en'] as const)(
  'the report page in %s is accessible, fits a phone, and loads nothing',
  async (language) => {
    const context = await browser.newContext({ viewport: { width: 320, height: 800 } });
    const page = await context.newPage();
    const loaded: string[] = [];
    page.on('request', (request) => loaded.push(request.url()));
    await page.setContent(reportPage([REPORT], language));
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
    expect(loaded).toEqual([]);
    if (process.env.SHOTS) {
      await page.screenshot({ path: `${process.env.SHOTS}/${language}-320.png` });
      await page.setViewportSize({ width: 1280, height: 1600 });
      await page.screenshot({ path: `${process.env.SHOTS}/${language}-1280.png` });
    }
    await context.close();
  },
);
