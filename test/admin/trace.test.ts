import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../support/desk.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { RelyingParty, testClient } from '../support/relying-party.ts';
import { beside, cancelledLogin, deskOf } from './fixtures.ts';

describe('the search by support reference in the console', () => {
  let gateway: TestGateway;
  let anna: Desk;
  let reference = '';
  beforeAll(async () => {
    gateway = await startTestGateway({ clients: [testClient('suap')], storeUrl: 'sqlite:gateway.db' });
    anna = await deskOf(gateway, 'anna.rossi', 'union-administrator');
    reference = await cancelledLogin(gateway, 'suap');
  });
  afterAll(() => gateway.stop());

  const search = async (desk: Desk, text: string) =>
    desk.post('/admin/trace', { csrf: (await desk.get('/admin/trace')).csrf, reference: text });

  it('tells what happened, what to do and what to tell the citizen, however the code was written down', async () => {
    for (const text of [reference, ` ${reference.toLowerCase().replace('-', ' ')} `]) {
      const { html } = await search(anna, text);
      expect(html).toContain('per Servizio suap, livello 2');
      expect(html).toContain('rifiutata (spid_nr25)');
      expect(html).toContain('qui non c’è niente che non va');
      expect(html).toContain('Riprovi: di solito la seconda volta riesce.');
    }
  });

  it('tells a login that succeeded from one that is still away', async () => {
    const service = new RelyingParty(gateway);
    const browser = service.browser();
    const { url } = await service.request(await service.configure('suap'));
    await browser.visit('authorization request', url);
    await browser.press('choose the provider', gateway.providers[0]);
    const found = async () => {
      const traces = await beside(gateway, ({ store }) =>
        store.db.selectFrom('register_entries').select('reference').orderBy('at', 'desc').execute(),
      );
      return (await search(anna, traces[0]?.reference ?? '')).html;
    };
    expect(await found()).toContain('Non risulta ancora il suo ritorno');
    await service.enter('suap', { user: 'giulia.verdi' });
    const html = await found();
    expect(html).toContain('L’accesso è riuscito');
    expect(html).not.toContain('Verdi');
  });

  it('refuses what is no code beside the field, and says where there is nothing', async () => {
    const wrong = await search(anna, "K7QF' or 1=1");
    expect(wrong.status).toBe(422);
    expect(wrong.html).toContain('id="reference-wrong"');
    expect((await search(anna, 'AAAA-AAAA')).html).toContain('non è registrato niente che tu possa vedere');
  });

  it('shows an administrator of another body nothing', async () => {
    const luca = await deskOf(gateway, 'luca.nicolò', 'municipality-administrator', 'bientina');
    const { html } = await search(luca, reference);
    expect(html).toContain('non è registrato niente che tu possa vedere');
    expect(html).not.toContain('suap');
  });

  it('keeps every search in the audit trail', async () => {
    const entries = await beside(gateway, async (room) => room.entries);
    const searches = entries.filter(({ action }) => action === 'trace.read');
    expect(searches.map(({ actor, target, after }) => [actor, target?.id, after])).toContainEqual([
      'Anna Rossi',
      reference,
      { entries: 2 },
    ]);
    expect(searches).toHaveLength(6);
  });
});
