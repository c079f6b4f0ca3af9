import { StatementSync } from 'node:sqlite';
import pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Driver } from '../../src/demo/driver.ts';
import type { Demo } from '../../src/demo/start.ts';
import { startDemoAnywhere } from '../support/demo.ts';
import { describeStores } from '../support/stores.ts';

/** What the gateway asks the store for on its own time, whoever logs in. */
const MEANWHILE = /rate_limits|provider_switches|federation|logout_notices|login_counts|metadata_|revision/;

/** Tells of every call of a method, which is made as ever. */
function overhear(of: object, method: string, hear: (self: unknown, first: unknown) => void): void {
  const original = Object.getOwnPropertyDescriptor(of, method)?.value as (...values: unknown[]) => unknown;
  vi.spyOn(of as Record<string, () => unknown>, method).mockImplementation(function (
    this: unknown,
    ...values: unknown[]
  ) {
    hear(this, values[0]);
    return original.apply(this, values);
  });
}

describeStores('what a login asks of the store', (openUrl) => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await startDemoAnywhere({ storeUrl: await openUrl() });
    await login(); // who comes for the first time is noted as a person
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await demo.stop();
  });

  async function login(): Promise<void> {
    const browser = new Driver();
    await browser.visit('login', `${demo.suapUrl}/login?idp_hint=${demo.identityProviderUrl}`);
    await browser.press('send the request');
    await browser.press('choose the persona', 'anna.rossi');
    await browser.press('consent', 'anna.rossi');
    await browser.press('send the response');
    expect(browser.page.html).toContain('Anna');
  }

  it('is asked once of what cannot change meanwhile, and in no more statements than were counted', async () => {
    const statements: string[] = [];
    const note = (sql: unknown) => {
      if (typeof sql === 'string' && !MEANWHILE.test(sql)) statements.push(sql.replaceAll(/\$\d+/g, '?'));
    };
    overhear(StatementSync.prototype, 'all', (statement) => note((statement as StatementSync).sourceSQL));
    overhear(StatementSync.prototype, 'run', (statement) => note((statement as StatementSync).sourceSQL));
    overhear(pg.Client.prototype, 'query', (_client, text) => note(text));
    await login();
    const about = (part: string) => statements.filter((sql) => sql.includes(part)).length;
    expect(about('"person_hash" is not null')).toBe(1);
    expect(about('inner join "identity_links"')).toBe(5);
    expect(statements.length).toBeLessThanOrEqual(71);
  });
});
