import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StepFailed, type Driver } from '../../src/demo/driver.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { startTestGateway, untilClient, type TestGateway } from '../support/gateway.ts';
import { RelyingParty, testClient, type Entered } from '../support/relying-party.ts';

const BYE = 'https://client.example.it/bye';

describe.each(['post', 'redirect'] as const)(
  'leaving a service and SPID with requests by %s (spid-register-and-logout, 3.4)',
  (binding) => {
    const directory = mkdtempSync(join(tmpdir(), 'sign-out-'));
    let gateway: TestGateway;
    let party: RelyingParty;
    let store: Store;

    beforeAll(async () => {
      const storeUrl = `sqlite:${join(directory, 'gateway.db')}`;
      gateway = await startTestGateway({
        storeUrl,
        clients: [testClient('suap', { minimumLevel: 1 }), testClient('school', { minimumLevel: 2 })],
        change: (input) => ({ ...input, sources: { spid: { ...input.sources.spid, binding } } }),
      });
      party = new RelyingParty(gateway);
      store = await openStore(storeUrl, systemClock);
    });
    afterAll(async () => {
      await store.close();
      await gateway.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    /** A citizen who entered, and has pressed "Esci" at the service. */
    async function left(client: string): Promise<{ browser: Driver; who: Entered }> {
      const browser = party.browser();
      const who = await party.enter(client, { browser });
      const url = oidc.buildEndSessionUrl(who.config, {
        id_token_hint: who.tokens.id_token ?? '',
        post_logout_redirect_uri: BYE,
        state: 'x',
      }).href;
      await browser.visit('press "Esci"', url);
      return { browser, who };
    }

    const outcomes = async () => {
      const rows = await store.db
        .selectFrom('register_entries')
        .select(['kind', 'outcome'])
        .where('kind', 'in', ['logout-request', 'logout-response'])
        .orderBy('at')
        .execute();
      return rows.map(({ kind, outcome }) => [kind, outcome]);
    };

    /** Goes to the provider and comes back: by POST there are pages in between that send themselves. */
    async function leaveProvider(browser: Driver): Promise<void> {
      await browser.press('leave SPID', 'Esci da SPID');
      while (/name="SAML(Request|Response)"/.test(browser.page.html)) await browser.press('on');
    }

    it('closes everything here at once, then the session at the provider, and says so before the way back', async () => {
      const { browser, who } = await left('suap');
      await browser.press('leave');
      expect(browser.page.html).toContain('Sei ancora dentro SPID');
      expect(browser.page.html).toContain('Servizio suap');
      // Nothing waits for the provider.
      await expect(oidc.fetchUserInfo(who.config, who.tokens.access_token, who.claims.sub)).rejects.toThrow();
      const before = (await outcomes()).length;
      await leaveProvider(browser);
      expect(browser.page.html).toContain('Sei uscito da questo servizio e da SPID');
      expect((await untilClient(() => browser.click('back', 'Torna al servizio'))).href).toBe(
        `${BYE}?state=x`,
      );
      expect((await outcomes()).slice(before)).toEqual([
        ['logout-request', null],
        ['logout-response', 'accepted'],
      ]);
      // All of it is the story of one login, from the request on.
      const { transaction_id } = await store.db
        .selectFrom('register_entries')
        .select('transaction_id')
        .where('kind', '=', 'logout-response')
        .orderBy('seq', 'desc')
        .executeTakeFirstOrThrow();
      const story = await store.db
        .selectFrom('register_entries')
        .select('kind')
        .where('transaction_id', '=', transaction_id)
        .orderBy('seq')
        .execute();
      expect(story.map(({ kind }) => kind)).toEqual([
        'request',
        'response',
        'granted',
        'tokens',
        'logged-out',
        'logout-request',
        'logout-response',
      ]);
    });

    it('lets her go back without leaving SPID, and tells whoever comes back late how it stands', async () => {
      const { browser } = await left('suap');
      await browser.press('leave');
      const page = browser.page.url;
      expect((await untilClient(() => browser.click('back', 'Torna al servizio'))).href).toBe(
        `${BYE}?state=x`,
      );
      await browser.visit('look again', page);
      for (const [lang, said] of [
        ['en', 'You are still signed in to SPID'],
        ['it', 'Sei ancora dentro SPID'],
      ] as const) {
        expect(browser.page.html).toContain(`href="?lang=${lang}"`);
        await browser.visit('the other language', `${page}?lang=${lang}`);
        expect(browser.page.html).toContain(said);
      }
      await browser.press('leave SPID', 'Esci da SPID');
      await browser.visit('come back from the provider without an answer', page);
      // By Redirect the trial provider has answered already: nobody had to press anything.
      expect(browser.page.html).toContain(
        binding === 'post' ? 'non ha ancora confermato' : 'ha confermato che la tua sessione è chiusa',
      );
      expect(browser.page.html).not.toContain('Esci da SPID</button>');
    });

    it('is purely local above level 1', async () => {
      const before = (await outcomes()).length;
      const { browser } = await left('school');
      expect((await untilClient(() => browser.press('leave'))).href).toBe(`${BYE}?state=x`);
      expect((await outcomes()).length).toBe(before);
    });

    it('refuses the same answer twice and keeps both, and a page that is over', async () => {
      const { browser } = await left('suap');
      await browser.press('leave');
      await browser.press('leave SPID', 'Esci da SPID');
      if (binding === 'post') {
        await browser.press('to the provider');
        const { html } = browser.page;
        const field = (name: string) =>
          new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1]?.replaceAll('&#43;', '+') ?? '';
        await browser.press('back');
        const again = await fetch(`${gateway.url}/spid/unione/slo`, {
          method: 'POST',
          redirect: 'manual',
          body: new URLSearchParams({
            SAMLResponse: field('SAMLResponse'),
            RelayState: field('RelayState'),
          }),
        });
        expect(again.status).toBe(400);
        expect((await outcomes()).at(-1)).toEqual(['logout-response', 'logout_replayed']);
      }
      await expect(browser.visit('invented', `${gateway.url}/logout/invented`)).rejects.toBeInstanceOf(
        StepFailed,
      );
    });

    it('takes no form from another site', async () => {
      const { browser } = await left('suap');
      await browser.press('leave');
      const foreign = await fetch(browser.page.url, {
        method: 'POST',
        headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
        body: new URLSearchParams(),
      });
      expect(foreign.status).toBe(403);
    });
  },
);
