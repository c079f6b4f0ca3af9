import { afterAll, beforeAll, expect, it } from 'vitest';
import { titleOf } from '../../src/demo/forms.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { ACCESSES_ON_A_PAGE, closeReport, listReports } from '../../src/register/accesses.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { Desk } from '../support/desk.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { describeStores } from '../support/stores.ts';

describeStores('"I miei accessi"', (openUrl) => {
  let gateway: TestGateway;
  let store: Store;
  beforeAll(async () => {
    const storeUrl = await openUrl();
    gateway = await startTestGateway({ clients: [], storeUrl });
    store = await openStore(storeUrl, systemClock);
  });
  afterAll(async () => {
    await store.close();
    await gateway.stop();
  });

  const field = (html: string, name: string) =>
    new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';

  it('shows a citizen who signs in where she entered, when, through whom and what was read of her', async () => {
    const page = await new Desk(gateway).signIn('/accessi');
    expect(titleOf(page.html)).toBe('I miei accessi');
    expect(page.html).toContain('Gestore SPID di prova');
    expect(page.html).toMatch(/Dati letti dal servizio/);
    expect(page.html).not.toContain('RSSNNA');
    // What she entered just now is a service too, with a name for people.
    expect(page.html).toContain('<h2 class="h4">I miei accessi</h2>');
  });

  it('shows nobody the accesses of another, and lets nobody report them', async () => {
    const anna = await new Desk(gateway).signIn('/accessi', undefined, 'anna.rossi');
    const desk = new Desk(gateway);
    const other = await desk.signIn('/accessi', undefined, 'giulia.verdi');
    expect(titleOf(other.html)).toBe('I miei accessi');
    const hers = field(anna.html, 'transaction');
    expect(hers).not.toBe('');
    expect(other.html).not.toContain(hers);
    const report = { csrf: other.csrf, transaction: hers, client: 'gateway-accesses' };
    expect((await desk.post('/accessi/not-mine', report)).status).toBe(404);
    expect(await listReports(store.db, true)).toEqual([]);
    expect((await desk.get('/accessi/download')).html).not.toContain(hers);
  });

  it('opens one case for an access that is said not to be hers, until somebody closes it', async () => {
    const desk = new Desk(gateway);
    const page = await desk.signIn('/accessi');
    const report = {
      csrf: page.csrf,
      transaction: field(page.html, 'transaction'),
      client: field(page.html, 'client'),
    };
    expect((await desk.post('/accessi/not-mine', { ...report, csrf: 'guessed' })).status).toBe(403);
    const reported = await desk.post('/accessi/not-mine', { ...report, after: '99999999999999.unione.1' });
    const place = `report-${report.transaction}-${report.client}`;
    expect(reported.url).toBe(`${gateway.url}/accessi?after=99999999999999.unione.1#${place}`);
    expect(reported.html).toMatch(new RegExp(`<p id="${place}" tabindex="-1">\\s*Segnalato`));
    expect((await desk.post('/accessi/not-mine', report)).html).toContain('Segnalato');
    const [found, ...more] = await listReports(store.db, false);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ transaction_id: report.transaction, client_id: 'gateway-accesses' });
    await closeReport(store.db, found?.id ?? '', 'not-hers', 'Responsabile', systemClock.now());
    const closed = (await desk.get('/accessi')).html;
    expect(closed).toContain('Segnalazione chiusa: l’accesso non era tuo.');
    expect(closed).not.toContain('lo sta verificando');
    expect((await desk.get('/accessi/download')).html).toContain('"report": "not-hers"');
    expect(await listReports(store.db, false)).toEqual([]);
    await expect(
      closeReport(store.db, found?.id ?? '', 'hers', 'x', systemClock.now()),
    ).rejects.toMatchObject({
      code: 'no_such_report',
    });
  });

  it('gives a citizen all of it to take away, with the names of services and of what they read', async () => {
    const desk = new Desk(gateway);
    await desk.signIn('/accessi');
    const accesses = JSON.parse((await desk.get('/accessi/download')).html) as Record<string, unknown>[];
    expect(accesses.length).toBeGreaterThan(0);
    for (const access of accesses)
      expect(access).toMatchObject({
        clientId: 'gateway-accesses',
        service: 'I miei accessi',
        level: 2,
        provider: gateway.providers[0],
        providerName: 'Gestore SPID di prova',
        claims: expect.arrayContaining(['sub']) as string[],
        read: ['Codice fiscale'],
      });
  });

  it('shows page by page what does not fit on one, and gives all of it to take away', async () => {
    const desk = new Desk(gateway);
    await desk.signIn('/accessi', undefined, 'marco.bianchi');
    const entry = await store.db
      .selectFrom('register_entries')
      .selectAll()
      .where('kind', '=', 'granted')
      .orderBy('at', 'desc')
      .executeTakeFirstOrThrow();
    // As many as a page holds, a minute apart: what is shown needs no evidence.
    const copies = Array.from({ length: ACCESSES_ON_A_PAGE }, (_, at) => ({
      ...entry,
      seq: 1_000_000 + at,
      at: entry.at - (at + 1) * 60_000,
      transaction_id: `copy-${at}`,
    }));
    await store.db.insertInto('register_entries').values(copies).execute();
    try {
      const first = (await desk.get('/accessi')).html;
      expect(first.match(/<h2 class="h4">/g)).toHaveLength(ACCESSES_ON_A_PAGE);
      const next = /href="(\/accessi\?after=[^"]+)"/.exec(first)?.[1] ?? '';
      const second = (await desk.get(next)).html;
      expect(second.match(/<h2 class="h4">/g)).toHaveLength(1);
      expect(second).not.toContain('Accessi precedenti');
      const all = JSON.parse((await desk.get('/accessi/download')).html) as unknown[];
      expect(all).toHaveLength(ACCESSES_ON_A_PAGE + 1);
    } finally {
      await store.db.deleteFrom('register_entries').where('seq', '>=', 1_000_000).execute();
    }
  });
});
