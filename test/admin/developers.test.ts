import { afterAll, beforeAll, expect, it } from 'vitest';
import { titleOf } from '../../src/demo/forms.ts';
import { daysUpTo } from '../../src/figures/day.ts';
import { systemClock } from '../../src/operations/clock.ts';
import type { Desk } from '../support/desk.ts';
import { browserWithin, startTestGateway, type TestGateway } from '../support/gateway.ts';
import { REDIRECT, RelyingParty, testClient } from '../support/relying-party.ts';
import { describeStores } from '../support/stores.ts';
import type { Role } from '../../src/admin/roles.ts';
import { beside, cancelledLogin, deskOf, SERVICE } from './fixtures.ts';

describeStores('a service developer', (openUrl) => {
  let gateway: TestGateway;
  let anna: Desk;
  let giulia: Desk;
  const [, yesterday = ''] = daysUpTo(systemClock.now(), 2);
  /** Of Giulia, live. */
  let id = '';
  beforeAll(async () => {
    gateway = await startTestGateway({ clients: [testClient('suap')], storeUrl: await openUrl() });
    anna = await deskOf(gateway, 'anna.rossi', 'union-administrator');
    giulia = await deskOf(gateway, 'giulia.verdi', 'service-developer', 'unione');
    id = await register();
  });
  afterAll(() => gateway.stop());

  const register = async () => {
    const { csrf } = await giulia.get('/admin/services');
    const { html } = await giulia.post('/admin/services', {
      ...SERVICE,
      csrf,
      redirectUris: REDIRECT,
      authMethod: 'none',
    });
    return /\/admin\/services\/(s-[a-z0-9]+)\/change/.exec(html)?.[1] ?? '';
  };
  const approve = async () => {
    const { csrf } = await anna.get(`/admin/services/${id}`);
    return anna.post(`/admin/services/${id}/state`, { csrf, state: 'live', version: '1' });
  };
  const search = async (desk: Desk, reference: string) =>
    desk.post('/admin/trace', { csrf: (await desk.get('/admin/trace')).csrf, reference });
  const lastReference = () =>
    beside(gateway, async ({ store }) => {
      const rows = await store.db
        .selectFrom('register_entries')
        .select('reference')
        .where('kind', '=', 'request')
        .orderBy('at', 'desc')
        .execute();
      return rows[0]?.reference ?? '';
    });
  /** A page without what names its search and its session. */
  const apart = (html: string, ...words: string[]) =>
    words.reduce((text, word) => text.replaceAll(word, ''), html.replace(/value="[\w-]{43}"/g, ''));

  it('finds the figures of her own services from a list of them, and every number while nobody but test providers let in', async () => {
    const list = await giulia.get('/admin/logins');
    expect(list.html).toContain(`href="/admin/logins?service=${id}"`);
    expect(list.html).not.toContain('Servizio suap');
    expect((await giulia.get(`/admin/services/${id}`)).html).toContain(`href="/admin/logins?service=${id}"`);
    const { html } = await giulia.get(`/admin/logins?service=${id}`);
    expect(html).toContain('Solo il servizio: Iscrizioni scolastiche');
    expect(html).not.toContain('non si mostrano');
  });

  it('sees of a live service neither small numbers nor the day that goes on', async () => {
    expect((await approve()).html).toContain('In esercizio');
    // No heading over steps that are not hers.
    expect((await giulia.get(`/admin/services/${id}`)).html).not.toContain('id="state"');
    await new RelyingParty(gateway).enter(id, { parameters: { scope: 'openid profile' } });
    const today = await giulia.get(`/admin/logins?service=${id}`);
    expect(today.html).toContain('i numeri sotto 10');
    expect(today.html).not.toContain('>1<');
    // What was today is over.
    await beside(gateway, ({ store }) =>
      store.db
        .updateTable('login_counts')
        .set({ day: yesterday })
        .where('client_id', '=', id)
        .where('day', 'like', '%-%-%')
        .execute(),
    );
    const over = await giulia.get(`/admin/logins?service=${id}`);
    expect(over.html).toContain('non mostrato');
    expect(over.html).not.toMatch(/console-figure"[^>]*>\s*1\s*</);
    expect((await anna.get(`/admin/logins?service=${id}&day=${yesterday}`)).html).toMatch(
      /console-figure"[^>]*>\s*1\s*</,
    );
  });

  it('learns of the figures of no other service, not even whether it exists', async () => {
    const [other, none] = [
      await giulia.get('/admin/logins?service=suap'),
      await giulia.get('/admin/logins?service=none'),
    ];
    expect([other.status, none.status]).toEqual([404, 404]);
    expect(apart(other.html, 'suap')).toBe(apart(none.html, 'none'));
  });

  it('reads under a support code what happened at her own service, without what was entered after it', async () => {
    const service = new RelyingParty(gateway);
    const browser = browserWithin([gateway.url, ...gateway.providers]);
    await service.enter(id, { browser, parameters: { scope: 'openid profile' } });
    const reference = await lastReference();
    await service.enter('suap', { browser, parameters: { scope: 'openid' }, silently: true });
    const { html } = await search(giulia, reference);
    expect(html).toContain('Iscrizioni scolastiche ha ricevuto un codice');
    expect(html).not.toContain('Servizio suap');
    expect((await search(anna, reference)).html).toContain('Servizio suap ha ricevuto un codice');
  });

  it('finds a code of another service as little as one that never was', async () => {
    const reference = await cancelledLogin(gateway, 'suap');
    const [foreign, invented] = [await search(giulia, reference), await search(giulia, 'AAAA-AAAA')];
    expect([foreign.status, invented.status]).toEqual([200, 200]);
    expect(foreign.html).toContain('non è registrato niente che tu possa vedere');
    expect(apart(foreign.html, reference)).toBe(apart(invented.html, 'AAAA-AAAA'));
    const [second, first] = (await beside(gateway, async ({ entries }) => entries)).filter(
      ({ action }) => action === 'trace.read',
    );
    expect([second?.entityId, second?.after]).toEqual([first?.entityId, first?.after]);
  });

  it('is told that a day, a page and a service in the address are nonsense by a page as ever', async () => {
    const odd = await giulia.get(`/admin/logins?service=${id}&day='&page=x`);
    expect([odd.status, titleOf(odd.html)]).toEqual([200, expect.stringContaining('Accessi del')]);
    expect((await giulia.get('/admin/reports')).status).toBe(403);
  });

  it('sees a service that an administrator hands to her, and whoever had it sees it no longer', async () => {
    const own = await register();
    const marco = await deskOf(gateway, 'marco.bianchi', 'service-developer', 'unione');
    const page = await anna.get(`/admin/services/${own}`);
    expect(page.html).toContain('Il servizio è affidato a giulia.verdi.');
    const next = /<option value="([^"]+)"[^>]*>marco\.bianchi/.exec(page.html)?.[1] ?? '';
    const left = await giulia.get(`/admin/services/${own}/change`);
    const given = { csrf: page.csrf, version: '1', developer: next };
    expect((await anna.post(`/admin/services/${own}/developer`, given)).html).toContain(
      'affidato a marco.bianchi.',
    );

    expect((await giulia.get(`/admin/services/${own}`)).status).toBe(404);
    expect((await giulia.get(`/admin/logins?service=${own}`)).status).toBe(404);
    const form = { ...SERVICE, csrf: left.csrf, version: '1', redirectUris: REDIRECT, authMethod: 'none' };
    expect((await giulia.post(`/admin/services/${own}`, form)).status).toBe(404);
    const { csrf } = await marco.get(`/admin/services/${own}`);
    const changed = { ...form, csrf, version: '2', nameIt: 'Mensa' };
    expect(titleOf((await marco.post(`/admin/services/${own}`, changed)).html)).toBe('Mensa');
    // What was open before the handover is stale.
    expect((await anna.post(`/admin/services/${own}/developer`, given)).status).toBe(409);
    const entries = await beside(gateway, async (room) => room.entries);
    expect(entries.find(({ action }) => action === 'client.handover')).toMatchObject({
      actor: 'Anna Rossi',
      entityId: 'unione',
      target: { kind: 'client', id: own },
      before: { developer: { name: 'giulia.verdi' } },
      after: { developer: { id: next, name: 'marco.bianchi' } },
    });
  });

  it('leaves a service to the administrators of its body, and hands it to nobody else', async () => {
    const own = await register();
    const page = await giulia.get(`/admin/services/${own}`);
    expect(page.html).toContain('Lascia il servizio');
    // Who else develops services is not hers to know.
    expect(page.html).not.toContain('marco.bianchi');
    const other = await beside(gateway, ({ administrators }) => administrators.developersOf('unione'));
    const passed = { csrf: page.csrf, version: '1', developer: other.at(-1)?.id ?? '' };
    expect((await giulia.post(`/admin/services/${own}/developer`, passed)).status).toBe(403);
    const leaving = { csrf: page.csrf, version: '1' };
    const list = await giulia.post(`/admin/services/${own}/developer`, leaving);
    expect([titleOf(list.html), list.html]).toEqual(['Servizi', expect.not.stringContaining(own)]);
    expect((await anna.get(`/admin/services/${own}`)).html).toContain(
      'affidato solo a chi amministra l’ente',
    );
  });

  it('loses her services with her role, for good', async () => {
    const own = await register();
    const [hers] = (
      await beside(gateway, ({ administrators }) => administrators.list({ entityIds: undefined }))
    ).filter(({ name, role }) => name === 'giulia.verdi' && role === 'service-developer');
    const { csrf } = await anna.get('/admin/administrators');
    await anna.post(`/admin/administrators/${hers?.id}/revoke`, { csrf });
    expect((await giulia.get(`/admin/services/${own}`)).status).toBe(403);
    giulia = await deskOf(gateway, 'giulia.verdi', 'service-developer', 'unione');
    expect((await giulia.get(`/admin/services/${own}`)).status).toBe(404);
    expect((await anna.get(`/admin/services/${own}`)).html).toContain(
      'affidato solo a chi amministra l’ente',
    );
  });

  it('is no developer of another body, nor one who was removed: nothing is handed to those', async () => {
    const own = await register();
    const { csrf } = await anna.get(`/admin/services/${own}`);
    const luca = await deskOf(gateway, 'luca.nicolò', 'municipality-administrator', 'bientina');
    const foreign = await luca.get('/admin/services');
    const taking = await luca.post(`/admin/services/${own}/developer`, { csrf: foreign.csrf, version: '1' });
    expect(taking.status).toBe(404);
    const unknown = { csrf, version: '1', developer: 'none' };
    const refused = await anna.post(`/admin/services/${own}/developer`, unknown);
    expect([refused.status, refused.html]).toEqual([
      422,
      expect.stringContaining('non sviluppa più servizi'),
    ]);
    const configured = await anna.post('/admin/services/suap/developer', { csrf, version: '1' });
    expect(configured.status).toBe(409);
  });

  it('loses her role also to an administrator of her body, who takes no other role away and knows of none elsewhere', async () => {
    const own = await register();
    const roles = () =>
      beside(gateway, ({ administrators }) => administrators.list({ entityIds: undefined }));
    const given = async (name: string, role: Role) =>
      (await roles()).find((grant) => grant.name === name && grant.role === role)?.id ?? 'none';
    const other = await deskOf(gateway, 'anna.rossi.omocode', 'municipality-administrator', 'unione');
    await deskOf(gateway, 'hans.muster', 'service-developer', 'bientina');
    const before = (await roles()).length;
    const page = await other.get('/admin/administrators');
    expect(page.html).toContain('giulia.verdi');
    expect(page.html).not.toContain('<strong>anna.rossi</strong>');
    expect(page.html).not.toContain('hans.muster');
    expect(page.html).not.toContain('name="fiscalNumber"');
    const take = async (name: string, role: Role) => {
      const id = await given(name, role);
      return (await other.post(`/admin/administrators/${id}/revoke`, { csrf: page.csrf })).status;
    };
    expect([
      await take('anna.rossi', 'union-administrator'),
      await take('hans.muster', 'service-developer'),
      await take('anna.rossi.omocode', 'municipality-administrator'),
    ]).toEqual([404, 404, 403]);
    expect((await other.post('/admin/administrators', { csrf: page.csrf })).status).toBe(403);
    expect(await roles()).toHaveLength(before);

    expect(await take('giulia.verdi', 'service-developer')).toBe(200);
    expect((await giulia.get(`/admin/services/${own}`)).status).toBe(403);
    const entries = await beside(gateway, async (room) => room.entries);
    expect(entries.find(({ action }) => action === 'administrator.revoke')).toMatchObject({
      entityId: 'unione',
      via: 'console',
      before: { role: 'service-developer', name: 'giulia.verdi' },
    });
  });
});
