import { afterAll, beforeAll, expect, it } from 'vitest';
import { titleOf } from '../../src/demo/forms.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { closeReport, listReports } from '../../src/register/accesses.ts';
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
      ...{ csrf: page.csrf, transaction: field(page.html, 'transaction') },
      client: field(page.html, 'client'),
    };
    expect((await desk.post('/accessi/not-mine', { ...report, csrf: 'guessed' })).status).toBe(403);
    await desk.post('/accessi/not-mine', report);
    expect((await desk.post('/accessi/not-mine', report)).html).toContain('Segnalato');
    const [found, ...more] = await listReports(store.db, false);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ transaction_id: report.transaction, client_id: 'gateway-accesses' });
    await closeReport(store.db, found?.id ?? '', 'Responsabile', systemClock.now());
    expect(await listReports(store.db, false)).toEqual([]);
    await expect(closeReport(store.db, found?.id ?? '', 'x', systemClock.now())).rejects.toMatchObject({
      code: 'no_such_report',
    });
  });

  it('gives a citizen all of it to take away', async () => {
    const desk = new Desk(gateway);
    await desk.signIn('/accessi');
    const accesses = JSON.parse((await desk.get('/accessi/download')).html) as { clientId: string }[];
    expect(accesses.length).toBeGreaterThan(0);
    expect(accesses.every(({ clientId }) => clientId === 'gateway-accesses')).toBe(true);
  });
});
