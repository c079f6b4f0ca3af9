import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Desk } from '../support/desk.ts';
import { browserWithin, startTestGateway, type TestGateway } from '../support/gateway.ts';
import { RelyingParty, testClient } from '../support/relying-party.ts';
import { describeStores } from '../support/stores.ts';
import { beside, cancelledLogin, deskOf } from './fixtures.ts';

describeStores('the figures on logins in the console', (openUrl) => {
  let gateway: TestGateway;
  let anna: Desk;
  beforeAll(async () => {
    gateway = await startTestGateway({
      clients: [testClient('suap'), testClient('trial')],
      storeUrl: await openUrl(),
    });
    anna = await deskOf(gateway, 'anna.rossi', 'union-administrator');
  });
  afterAll(() => gateway.stop());

  /** The cells of a row, by what it is about, in the first table that has it. */
  const row = (html: string, head: string) => {
    const cells = new RegExp(`rowheader">\\s*(?:<a[^>]*>)?${head}[\\s\\S]*?</tr>`).exec(html)?.[0] ?? '';
    return [...cells.matchAll(/role="cell"[^>]*>\s*([\d.]*)/g)].map(([, text]) => text);
  };

  it('tell how far citizens got: shown, chosen, back, redeemed, and who needed no provider', async () => {
    const browser = browserWithin([gateway.url, ...gateway.providers]);
    const service = new RelyingParty(gateway);
    await service.enter('suap', { browser });
    await service.enter('suap', { browser, silently: true });
    const { html } = await anna.get('/admin/logins?service=suap');
    expect(row(html, 'Hanno visto la pagina')).toEqual(['1', '']);
    expect(row(html, 'Hanno scelto un gestore')).toEqual(['1', '']);
    expect(row(html, 'Sono tornati dal gestore')).toEqual(['1', '']);
    expect(row(html, 'Si sono fatti riconoscere')).toEqual(['1', '']);
    expect(row(html, 'Sono entrati nel servizio')).toEqual(['2', '']);
    expect(row(html, 'Il servizio ha ritirato il codice')).toEqual(['2', '']);
    expect(html).toContain('1 aveva già un accesso aperto');
    expect(row(html, '2')).toEqual(['1', '1', '2', '2']);
    expect(row(html, 'SPID')).toEqual(['1', '1', '0', '2', '2']);
    expect(html).toContain('Nessun errore.');
    // By name, never by address.
    expect(html).not.toContain(`rowheader">${gateway.providers[0]}`);
    expect((await anna.get('/admin/services/suap')).html).toContain('href="/admin/logins?service=suap"');
    const all = await anna.get('/admin/logins');
    expect(row(all.html, 'Servizio suap')).toEqual(['1', '1', '0', '2', '2']);
    // Whoever signs in to the console uses no service.
    expect(row(all.html, 'Hanno visto la pagina')).toEqual(['1', '']);
    const [services, ownPages = ''] = all.html.split('<h2 class="h4">Pagine del gateway</h2>');
    expect(services).not.toContain('Console di amministrazione');
    expect(row(ownPages, 'Console di amministrazione')).toEqual(['1', '1', '0', '1', '1']);
    const own = await anna.get('/admin/logins?service=gateway-admin');
    expect(row(own.html, 'Hanno visto la pagina')).toEqual(['1', '']);
  });

  it('show services in the test stage apart, and leave them out of monthly use', async () => {
    await beside(gateway, ({ store }) =>
      store.db.updateTable('clients').set({ state: 'test' }).where('id', '=', 'trial').execute(),
    );
    const service = new RelyingParty(gateway);
    const { url } = await service.request(await service.configure('trial'));
    await service.browser().visit('authorization request', url);
    const { html } = await anna.get('/admin/logins');
    const [services, trials = ''] = html.split('<h2 class="h4">Servizi in prova</h2>');
    expect(services).not.toContain('Servizio trial');
    expect(row(trials, 'Servizio trial')).toEqual(['1', '0', '0', '0', '0']);
    expect(row(html, 'Hanno visto la pagina')).toEqual(['1', '']);
    expect((await anna.get('/admin/reports')).html).not.toContain('Servizio trial');
  });

  it('count what went wrong by its code, with what it means', async () => {
    await cancelledLogin(gateway, 'suap');
    const { html } = await anna.get('/admin/logins?lang=en');
    expect(row(html, '<span translate="no">spid_nr25')).toEqual(['1', '']);
    expect(html).toContain('The citizen can try again; nothing is wrong here.');
    expect(row(html, 'Servizio suap')).toEqual(['2', '2', '1', '2', '2']);
  });

  it('become a monthly report that keeps small numbers back, as page and as file, each body its own', async () => {
    const { html } = await anna.get('/admin/reports?lang=it');
    expect(html).toContain('Tutti gli enti insieme');
    expect(html).toContain('Servizio suap');
    expect(html).toContain('non mostrato');
    const month = /reports\/csv\?month=(\d{4}-\d{2})/.exec(html)?.[1] ?? '';
    const csv = await anna.get(`/admin/reports/csv?month=${month}`);
    expect(csv.html).toContain(`${month},unione,service,suap,*`);
    expect(html).toContain('Pagine del gateway');
    expect(csv.html).toContain(`${month},unione,own-page,gateway-admin,*`);
    expect(csv.html).not.toContain('service,gateway-');
    const luca = await deskOf(gateway, 'luca.nicolò', 'municipality-administrator', 'bientina');
    expect((await luca.get("/admin/reports?month=nonsense'")).html).toContain('non risulta nessun accesso');
    expect((await luca.get(`/admin/reports/csv?month=${month}`)).html).not.toContain('suap');
  });

  it('show an administrator of one body the figures of that body alone', async () => {
    const luca = await deskOf(gateway, 'luca.nicolò');
    const { html } = await luca.get('/admin/logins');
    expect(html).not.toContain('Servizio suap');
    expect(row(html, 'Hanno visto la pagina')).toEqual(['0', '']);
    const foreign = await luca.get('/admin/logins?service=suap');
    // Not even by its name.
    expect([foreign.status, foreign.html]).toEqual([404, expect.not.stringContaining('Servizio suap')]);
    expect((await luca.get("/admin/logins?day=nonsense'&page=-1")).status).toBe(200);
  });
});
