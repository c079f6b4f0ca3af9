import { afterAll, beforeAll, expect, it } from 'vitest';
import { titleOf } from '../../src/demo/forms.ts';
import { Desk } from '../support/desk.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { describeStores } from '../support/stores.ts';
import { beside, deskOf, secondBody, SERVICE } from './fixtures.ts';

describeStores('invitations of service developers', (openUrl) => {
  let gateway: TestGateway;
  let anna: Desk;
  let csrf = '';
  beforeAll(async () => {
    gateway = await startTestGateway({ clients: [], storeUrl: await openUrl() });
    anna = await deskOf(gateway, 'anna.rossi', 'union-administrator');
    csrf = (await anna.get('/admin/invitations')).csrf;
  });
  afterAll(() => gateway.stop());

  const GUEST = { entity: 'unione', guest: 'Ditta Esempio', days: '7' };
  const invite = async (change: Readonly<Record<string, string>> = {}) => {
    const { html } = await anna.post('/admin/invitations', { csrf, ...GUEST, ...change });
    return /<code>([^<]+)<\/code>/.exec(html)?.[1] ?? '';
  };
  const idOf = (html: string) => /<code>(s-[a-z0-9]+)<\/code>/.exec(html)?.[1] ?? '';
  /** Opens a link as a citizen who signs in for it. */
  const open = async (link: string, persona: string) => {
    const desk = new Desk(gateway);
    return { desk, page: await desk.signIn(new URL(link).pathname, undefined, persona) };
  };
  const codeIn = (link: string) => new URL(link).pathname.split('/').at(-1) ?? '';

  it('let a developer in by a link, once, to register a service that an administrator approves', async () => {
    const link = await invite();
    const { desk, page } = await open(link, 'giulia.verdi');
    expect(page.html).toContain('L’invito è di Anna Rossi');
    // Opening it uses nothing up.
    expect((await desk.get(link)).status).toBe(200);
    const inside = await desk.post('/admin/invitation', { csrf: page.csrf, code: codeIn(link) });
    expect(titleOf(inside.html)).toBe('Servizi');
    expect(inside.html).not.toContain('href="/admin/entities"');

    const registered = await desk.post('/admin/services', { csrf: page.csrf, ...SERVICE });
    const id = idOf(registered.html);
    expect(registered.html).toContain('id="client-secret"');
    const hers = await desk.get(`/admin/services/${id}`);
    expect(hers.html).toContain('Modifica il servizio');
    expect(hers.html).not.toContain('Approva e metti in esercizio');
    expect(hers.html).not.toContain('Che cosa è successo');
    const changed = { csrf: page.csrf, ...SERVICE, nameIt: 'Mensa', version: '1' };
    expect(titleOf((await desk.post(`/admin/services/${id}`, changed)).html)).toBe('Mensa');
    expect((await desk.post(`/admin/services/${id}/secrets`, { csrf: page.csrf })).html).toContain(
      'id="client-secret"',
    );
    const approving = { csrf: page.csrf, state: 'live', version: '2' };
    expect((await desk.post(`/admin/services/${id}/state`, approving)).status).toBe(403);
    const asking = { csrf: page.csrf, state: 'waiting', version: '2' };
    expect((await desk.post(`/admin/services/${id}/state`, asking)).html).toContain(
      'In attesa di approvazione',
    );

    await anna.post(`/admin/services/${id}/state`, { csrf, state: 'live', version: '3' });
    expect((await desk.get(`/admin/services/${id}`)).html).not.toContain('Modifica il servizio');
    const late = await desk.post(`/admin/services/${id}`, { ...changed, version: '4' });
    expect(late.status).toBe(403);
    expect(late.html).toContain('è già stato approvato');
  });

  it('shows a developer nothing of others, and registers for no other body', async () => {
    const foreign = idOf((await anna.post('/admin/services', { csrf, ...SERVICE })).html);
    const giulia = await deskOf(gateway, 'giulia.verdi');
    const token = (await giulia.get('/admin/services')).csrf;
    expect((await giulia.get('/admin/services')).html).not.toContain(foreign);
    expect((await giulia.get(`/admin/services/${foreign}`)).status).toBe(404);
    const elsewhere = { csrf: token, ...SERVICE, entity: 'bientina' };
    expect((await giulia.post('/admin/services', elsewhere)).status).toBe(422);
    expect((await giulia.get('/admin/administrators')).status).toBe(403);
    const entries = await beside(gateway, async (room) => room.entries);
    expect(entries[0]).toMatchObject({ action: 'administrators.read', outcome: 'refused' });
  });

  it('refuses one that was used, has ended, was withdrawn or never was, each with its reason', async () => {
    const used = await invite();
    const first = await open(used, 'hans.muster');
    await first.desk.post('/admin/invitation', { csrf: first.page.csrf, code: codeIn(used) });
    const again = await open(used, 'luca.nicolò');
    expect([again.page.status, again.page.html]).toEqual([410, expect.stringContaining('già stato usato')]);
    const held = await invite();
    const holder = await first.desk.get(held);
    const twice = await first.desk.post('/admin/invitation', { csrf: holder.csrf, code: codeIn(held) });
    expect(twice.html).toContain('Hai già questo ruolo');

    const withdrawn = await invite({ guest: 'Ritirata' });
    const { html } = await anna.get('/admin/invitations');
    const button = /Ritirata[\s\S]*?action="([^"]+\/withdraw)"/.exec(html)?.[1] ?? '';
    await anna.post(button, { csrf });
    expect((await anna.get('/admin/invitations')).html).not.toContain('Ritirata');
    expect((await again.desk.get(withdrawn)).status).toBe(410);

    const nobody = await again.desk.get(`${gateway.url}/admin/invitation/wrong`);
    expect(nobody.status).toBe(404);
    const ended = await invite({ days: '1' });
    // A day later, as far as the invitation is concerned.
    await beside(gateway, ({ store }) =>
      store.db
        .updateTable('admin_invitations')
        .set({ expires_at: 0 })
        .where('consumed_at', 'is', null)
        .execute(),
    );
    const late = await again.desk.get(ended);
    expect([late.status, late.html]).toEqual([410, expect.stringContaining('è scaduto')]);
    const refused = (await beside(gateway, async ({ entries }) => entries)).filter(
      ({ action, outcome }) => action === 'invitation.accept' && outcome === 'refused',
    );
    expect(refused.map(({ after }) => (after as { reason: string }).reason).reverse()).toEqual([
      'invitation_used',
      'grant_exists',
      'invitation_expired',
      'invitation_unknown',
      'invitation_expired',
    ]);
  });

  it('refuses the link of somebody else, where it was made for one codice fiscale', async () => {
    const link = await invite({ fiscalNumber: 'TINDE-12345678901' });
    const { desk, page } = await open(link, 'luca.nicolò');
    expect([page.status, page.html]).toEqual([403, expect.stringContaining('per un’altra persona')]);
    const { csrf: token } = await desk.get('/admin/invitation');
    const forced = await desk.post('/admin/invitation', { csrf: token, code: codeIn(link) });
    expect(forced.status).toBe(403);
  });

  it.each([
    ['entity', { entity: 'atlantis' }],
    ['guest', { guest: ' ' }],
    ['fiscalNumber', { fiscalNumber: 'RSSNNA85T50G843X' }],
    ['days', { days: '400' }],
  ])('refuses a wrong %s beside the field, and makes nothing', async (name, change) => {
    const before = (await beside(gateway, async ({ entries }) => entries)).length;
    const page = await anna.post('/admin/invitations', { csrf, ...GUEST, ...change });
    expect(page.status).toBe(422);
    expect(page.html).toContain(`id="${name}-wrong"`);
    expect((await beside(gateway, async ({ entries }) => entries)).length).toBe(before);
  });

  it('lets an administrator of one body invite for that body alone', async () => {
    const luca = await deskOf(
      gateway,
      'luca.nicolò',
      'municipality-administrator',
      await secondBody(gateway),
    );
    const { csrf: token } = await luca.get('/admin/invitations');
    expect((await luca.post('/admin/invitations', { csrf: token, ...GUEST })).status).toBe(422);
    const made = await luca.post('/admin/invitations', { csrf: token, ...GUEST, entity: 'collaudo' });
    expect(made.html).toContain('/admin/invitation/');
    const hers = /action="([^"]+\/withdraw)"/.exec((await anna.get('/admin/invitations')).html)?.[1] ?? '';
    expect((await luca.post(hers, { csrf: token })).status).toBe(404);
  });
});
