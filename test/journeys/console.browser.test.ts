import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consoleRoutes } from '../../src/admin/console.ts';
import type { Role } from '../../src/admin/roles.ts';
import type { ConsoleRoom } from '../../src/admin/room.ts';
import { personaOf } from '../../src/demo/personas.ts';
import { personKeyOf } from '../../src/identity/person-key.ts';
import { consoleMessages } from '../../src/web/messages/console.ts';
import { beside, BY, cancelledLogin, deskOf, invitation, SERVICE } from '../admin/fixtures.ts';
import { launchBrowser } from '../support/browser.ts';
import { inspect } from '../support/inspect-page.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { testClient } from '../support/relying-party.ts';

const NAMES = { it: SERVICE['nameIt'] ?? '', en: SERVICE['nameEn'] ?? '' };

/** The routes need nothing of the room to be listed. */
const ROUTES = consoleRoutes({ federation: {} } as ConsoleRoom);

describe('a new administrator in a browser', () => {
  let gateway: TestGateway;
  let browser: Browser;
  beforeAll(async () => {
    [gateway, browser] = await Promise.all([
      startTestGateway({ clients: [testClient('suap')], storeUrl: 'sqlite:gateway.db' }),
      launchBrowser(),
    ]);
  });
  afterAll(async () => {
    await browser.close();
    await gateway.stop();
  });

  /** Opens everything that is folded. */
  async function unfold(page: Page): Promise<void> {
    await page.evaluate('document.querySelectorAll("details").forEach((one) => { one.open = true; })');
  }

  /** Goes to a page of the console and signs in as somebody on the way. */
  async function signIn(page: Page, path: string, persona: string, at = gateway): Promise<void> {
    await page.goto(`${at.url}${path}`);
    await page.locator(`button[value="${at.providers[0]}"]`).click();
    await page.locator(`button[value="${persona}"]`).first().click();
    await page.locator(`button[value="${persona}"]`).first().click();
    await page.waitForLoadState();
    if (!page.url().startsWith(at.url)) await page.locator('form button').first().click();
    await page.waitForURL(`${at.url}${path}`);
  }

  async function grant(persona: string, role: Role, entityId?: string): Promise<void> {
    const person = personKeyOf(personaOf(persona)?.attributes ?? {}, '');
    if (!person) throw new Error(`${persona} has no codice fiscale`);
    await beside(gateway, ({ administrators }) =>
      administrators.grant(person, { role, entityId, name: persona }, BY),
    );
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

    await signIn(page, '/admin/invitation', 'anna.rossi');
    await inspect(page, 'invitation');
    await page.getByLabel('Codice', { exact: true }).fill(await invitation(gateway));
    await press('Conferma');
    await page.waitForURL(`${gateway.url}/admin/services`);
    await inspect(page, 'services-first');

    await page.getByRole('link', { name: 'Registra un servizio' }).click();
    await inspect(page, 'form');
    await press('Continua');
    await page.getByText('Alcune risposte vanno corrette').waitFor();
    await inspect(page, 'form-faulty');
    await page.getByLabel('Indirizzi di ritorno').fill('http://scuola.example.it/ritorno');
    await page.getByLabel('Indirizzi di ritorno').blur();
    await page.getByText('«http://scuola.example.it/ritorno»: deve cominciare con https://').waitFor();
    await page.locator('input[type=file]').setInputFiles({
      name: 'keys.json',
      mimeType: 'application/json',
      buffer: Buffer.from('no keys'),
    });
    await page.locator('#jwks-wrong').waitFor();
    await inspect(page, 'form-as-typed');
    await page.locator('#jwks').fill('');
    await page.locator('#jwks').blur();
    await page.locator('#jwks-wrong').waitFor({ state: 'detached' });
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
    await unfold(page);
    await inspect(page, 'service-live-unfolded');
    const request = new URLSearchParams({
      client_id: id,
      redirect_uri: `${gateway.url}/health/live`,
      response_type: 'code',
      scope: 'openid profile',
      code_challenge: 'A'.repeat(43),
      code_challenge_method: 'S256',
      prompt: 'login',
      state: 'from-the-console',
    });
    await page.goto(`${gateway.url}/oidc/auth?${request.toString()}`);
    await page.getByRole('heading', { name: 'Iscrizioni scolastiche', level: 1 }).waitFor();
    await page.locator(`button[value="${gateway.providers[0]}"]`).first().click();
    await page.locator('button[value="anna.rossi"]').first().click();
    await page.locator('button[value="anna.rossi"]').first().click();
    await page.waitForURL(/health\/live\?code=.*state=from-the-console/);

    // Every page of the route list, with something on it.
    await grant('anna.rossi', 'data-protection-officer');
    await cancelledLogin(gateway, 'suap');
    await page.goto(`${gateway.url}/admin/entities/unione`);
    await press('Fai una bozza nuova');
    await page.getByText('Sigilla la bozza').first().waitFor();
    await page.goto(`${gateway.url}/admin/invitations`);
    await press('Crea il collegamento');
    await page.getByText('Scrivi un nome').waitFor();
    await inspect(page, 'invitations-faulty');
    await page.getByLabel('Chi inviti').fill('Ditta Esempio');
    await press('Crea il collegamento');
    await page.getByText('Manda ora questo collegamento').waitFor();
    await inspect(page, 'invitation-link');
    const link = (await page.locator('code').first().textContent()) ?? '';
    for (const { method, path } of ROUTES) {
      if (method !== 'GET' || /\/(xml|csv)$/.test(path)) continue;
      const params: Readonly<Record<string, string>> = { id: path.startsWith('/services') ? id : 'unione' };
      const address = path.replace(/:(\w+)/g, (_, name: string) => params[name] ?? '1');
      const query = path === '/providers/provider' ? `?id=${encodeURIComponent(gateway.providers[0])}` : '';
      await page.goto(`${gateway.url}/admin${address}${query}`);
      await inspect(page, `page${path.replace(/[/:]+/g, '-')}`);
    }
    const reference = await cancelledLogin(gateway, 'suap');
    await page.goto(`${gateway.url}/admin/trace?lang=en`);
    await page.getByLabel('Support code').fill(reference);
    await press('Search');
    await page.getByText('What to tell the citizen').waitFor();
    await inspect(page, 'trace-found');
    await page.goto(`${gateway.url}/admin/administrators?lang=it`);
    await press('Assegna');
    await page.getByText('Alcune risposte vanno corrette').waitFor();
    await unfold(page);
    await inspect(page, 'roles-faulty');
    await page.goto(`${gateway.url}/admin/register`);
    await press('Apri la consultazione');
    await page.getByText('Alcune risposte vanno corrette').waitFor();
    await inspect(page, 'consultation-faulty');
    await context.clearCookies();
    await page.getByLabel('Motivo').fill('Procura, prot. 1234/2026');
    await press('Apri la consultazione');
    await page.getByRole('heading', { name: 'quello che hai scritto è ancora qui' }).waitFor();
    await inspect(page, 'form-kept');
    expect(complaints).toEqual([]);
    await context.close();

    // Whoever has no role, the wrong one, or a link.
    const other = await browser.newContext({ locale: 'it-IT' });
    const guest = await other.newPage();
    await signIn(guest, new URL(link).pathname, 'giulia.verdi');
    await guest.getByRole('button', { name: 'Accetta l’invito' }).waitFor();
    await inspect(guest, 'guest-link');
    await guest.goto(`${gateway.url}/admin/settings`);
    await guest.getByRole('heading', { name: 'Non hai un ruolo in questa console' }).waitFor();
    await inspect(guest, 'guest-without-role');
    await guest.goto(link);
    await guest.getByRole('button', { name: 'Accetta l’invito' }).click();
    await guest.getByRole('heading', { name: 'Servizi' }).waitFor();
    await inspect(guest, 'developer-services');
    expect(await guest.getByRole('link', { name: 'Persone e ruoli' }).count()).toBe(0);
    await guest.goto(`${gateway.url}/admin/services/${id}`);
    await guest.getByText('Il servizio non esiste, o non è del tuo ente.').waitFor();
    await inspect(guest, 'developer-foreign-service');
    await guest.goto(link);
    await guest.getByText('Questo invito è già stato usato').waitFor();
    await inspect(guest, 'guest-used-link');
    await other.close();
  }, 240_000);

  it('sees in both languages what a colleague proposes to change, and approves it or sees why she cannot', async () => {
    const shared = await startTestGateway({
      clients: [],
      storeUrl: 'sqlite:gateway.db',
      change: (input) => ({ ...input, portal: { fourEyes: true } }),
    });
    const fields = { ...SERVICE, homePage: `${shared.url}/` };
    try {
      const anna = await deskOf(shared, 'anna.rossi', 'union-administrator');
      const giulia = await deskOf(shared, 'giulia.verdi', 'union-administrator');
      const { csrf } = await anna.get('/admin/services');
      const registered = await anna.post('/admin/services', { csrf, ...fields });
      const id = /<code>(s-[a-z0-9]+)<\/code>/.exec(registered.html)?.[1] ?? '';
      const path = `/admin/services/${id}`;
      const approving = { csrf: (await giulia.get(path)).csrf, state: 'live', version: '1' };
      await giulia.post(`${path}/state`, approving);
      for (const language of ['it', 'en'] as const) {
        const text = consoleMessages[language].services;
        const [author, second] = await Promise.all(
          ['anna.rossi', 'giulia.verdi'].map(async (persona) => {
            const context = await browser.newContext({ locale: language });
            const page = await context.newPage();
            await signIn(page, path, persona, shared);
            return page;
          }),
        );
        if (!author || !second) throw new Error('two persons');
        await author.getByRole('link', { name: text.change }).click();
        await author.getByLabel(text.form.fields.homePage.label).fill(`${shared.url}/${language}`);
        await author.getByLabel(text.form.fields.redirectUris.label).fill(`${shared.url}/${language}/back`);
        await author.getByRole('button', { name: text.form.toReview }).click();
        await inspect(author, `four-eyes-review-${language}`);
        await author.getByRole('button', { name: text.review.propose }).click();
        await author.getByRole('heading', { name: text.proposal }).waitFor();
        await inspect(author, `four-eyes-own-proposal-${language}`);
        expect(await author.getByRole('button', { name: text.approveProposal }).count()).toBe(0);
        await second.goto(`${shared.url}/admin/services`);
        await inspect(second, `four-eyes-list-${language}`);
        await second.getByRole('link', { name: NAMES[language] }).first().click();
        await inspect(second, `four-eyes-proposal-${language}`);
        await second.getByRole('button', { name: text.approveProposal }).click();
        await second.getByRole('heading', { name: text.proposal }).waitFor({ state: 'detached' });
        await inspect(second, `four-eyes-approved-${language}`);
        await Promise.all([author, second].map((page) => page.context().close()));
      }
    } finally {
      await shared.stop();
    }
  }, 240_000);
});
