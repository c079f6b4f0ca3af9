import * as oidc from 'openid-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { StepFailed, type Driver } from '../../src/demo/driver.ts';
import { personaOf } from '../../src/demo/personas.ts';
import { Identities } from '../../src/identity/identities.ts';
import { personKeyOf } from '../../src/identity/person-key.ts';
import { Persons } from '../../src/identity/persons.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { Endings } from '../../src/provider/endings.ts';
import { LogoutNotices } from '../../src/provider/logout-notices.ts';
import { revokeCitizen } from '../../src/provider/revoke-citizen.ts';
import { BY, beside } from '../admin/fixtures.ts';
import { RelyingParty, testClient, type Entered } from '../support/relying-party.ts';
import { describeStores } from '../support/stores.ts';
import { startTwins, type Twins } from '../support/twins.ts';

const AREAS = ['/admin', '/accessi'] as const;

describeStores('leaving the pages of the gateway itself, with two processes', (openUrl) => {
  let twins: Twins;
  let party: RelyingParty;
  beforeAll(async () => {
    twins = await startTwins({
      storeUrl: await openUrl(),
      clock: systemClock,
      clients: [testClient('suap')],
    });
    party = new RelyingParty(twins);
  });
  afterAll(() => twins.stop());

  /** Where a browser ends that asks for an area; who has no role in the console is in it all the same. */
  async function at(browser: Driver, area: string): Promise<string> {
    await browser.visit('open an area', `${twins.url}${area}`).catch((error: unknown) => {
      if (!(error instanceof StepFailed) || browser.page.status !== 403) throw error;
    });
    return new URL(browser.page.url).pathname;
  }

  /** A citizen who has entered a service and both areas from one browser. */
  async function everywhere(user = 'anna.rossi'): Promise<{ browser: Driver; suap: Entered }> {
    const browser = party.browser();
    const suap = await party.enter('suap', { browser, user });
    for (const area of AREAS) expect(await at(browser, area)).toBe(area);
    return { browser, suap };
  }

  /** Without any session at the OpenID Provider whoever is not in an area has to log in. */
  async function expectOut(browser: Driver): Promise<void> {
    for (const area of AREAS) expect(await at(browser, area)).toMatch(/^\/login\//);
  }

  async function revoked(user: string): Promise<void> {
    const { keys: place } = twins.configuration;
    const keys = loadKeys(place.directory, { passphrase: place.passphrase });
    const key = personKeyOf(personaOf(user)?.attributes ?? {}, '');
    await beside(twins, async ({ store }) => {
      const notices = new LogoutNotices(store, keys.cipher, systemClock);
      const parts = {
        notices,
        subject: keys.subject,
        persons: new Persons(keys.personHash, systemClock),
        identities: new Identities(store, keys.cipher, systemClock),
        endings: new Endings(keys.cipher, notices),
      };
      if (key) await store.transaction((transaction) => revokeCitizen(transaction, parts, key));
    });
  }

  it('is part of leaving a service, and said so', async () => {
    const { browser, suap } = await everywhere();
    const leaving = oidc.buildEndSessionUrl(suap.config, { id_token_hint: suap.tokens.id_token ?? '' });
    await browser.visit('press "Esci" at the service', leaving.href);
    await browser.press('leave');
    const [closed = '', open = ''] = browser.page.html.split('Che cosa può essere ancora aperto');
    for (const name of ['I miei accessi', 'Console di amministrazione']) {
      expect(closed).toContain(`<li>${name}</li>`);
      expect(open).not.toContain(`<li>${name}</li>`);
    }
    // Which has no address to be told at.
    expect(open).toContain('<li>Servizio suap</li>');
    await expectOut(browser);
  });

  it('closes the services too, and ends on the page that says what was closed', async () => {
    const { browser, suap } = await everywhere();
    await at(browser, '/accessi');
    await browser.press('leave', 'Esci da tutti i servizi');
    await browser.press('a browser with scripts presses by itself');
    expect(browser.page.html).toContain('Il tuo accesso è stato chiuso per questi servizi:');
    await expect(
      oidc.fetchUserInfo(suap.config, suap.tokens.access_token, suap.claims.sub),
    ).rejects.toThrow();
    await expectOut(browser);
  });

  it('of several tabs that were opened at once, closes all', async () => {
    const browser = party.browser();
    await party.enter('suap', { browser });
    const pages = ['/accessi?after=', '/accessi', '/accessi/download', '/accessi?after=x'];
    const tabs = await Promise.all(
      pages.map(async (page) => {
        const tab = await browser.visit('open a tab', `${twins.url}${page}`);
        return tab.url.slice(twins.url.length);
      }),
    );
    expect(tabs).toEqual(pages);
    const { config } = await party.enter('suap', { browser, silently: true });
    await browser.visit('ask to leave', oidc.buildEndSessionUrl(config, {}).href);
    await browser.press('leave', 'Esci da tutti i servizi');
    await expectOut(browser);
  });

  it('happens at the word of an operator, of that citizen only', async () => {
    const [{ browser }, { browser: bystander }] = [await everywhere(), await everywhere('giulia.verdi')];
    await revoked('anna.rossi');
    await expectOut(browser);
    for (const area of AREAS) expect(await at(bystander, area)).toBe(area);
  });

  it('happens at the console to an administrator whose role is taken away', async () => {
    const user = 'giulia.verdi';
    const person = personKeyOf(personaOf(user)?.attributes ?? {}, '');
    if (!person) throw new Error('nobody');
    await beside(twins, ({ administrators }) =>
      administrators.grant(person, { role: 'auditor', entityId: undefined, name: user }, BY),
    );
    const browser = party.browser();
    await party.enter('suap', { browser, user });
    await at(browser, '/accessi');
    await browser.visit('work', `${twins.url}/admin`);
    await beside(twins, async ({ administrators }) => {
      const mine = (await administrators.list({ entityIds: undefined })).find(({ name }) => name === user);
      await administrators.revoke({ entityIds: undefined }, mine?.id ?? '', BY);
    });
    // The page she still sees is of nobody: who leaves by it is asked, as she would not be with a session.
    await browser.press('leave', 'Esci');
    expect(browser.page.html).toContain('Vuoi uscire?');
    // As a citizen she stays.
    expect(await at(browser, '/accessi')).toBe('/accessi');
    expect(await at(browser, '/admin')).toBe('/admin');
    expect(browser.page.html).toContain('Non hai un ruolo in questa console');
  });
});
