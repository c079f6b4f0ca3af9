import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Desk } from '../support/desk.ts';
import type { TestGateway } from '../support/gateway.ts';
import { describeStores } from '../support/stores.ts';
import { programOf, SERVICE as DECLARED, startGatewayWithPrograms, type Call } from './api/caller.ts';
import { beside, deskOf, secondBody, SERVICE } from './fixtures.ts';

describeStores('with four eyes', (openUrl) => {
  let gateway: TestGateway;
  let anna: Desk;
  let giulia: Desk;
  let program: Call;
  const tokens = new Map<Desk, string>();
  beforeAll(async () => {
    gateway = await startGatewayWithPrograms(await openUrl(), { fourEyes: true });
    anna = await deskOf(gateway, 'anna.rossi', 'union-administrator');
    giulia = await deskOf(gateway, 'giulia.verdi', 'union-administrator');
    program = await programOf(gateway, 'union-administrator');
    for (const desk of [anna, giulia]) tokens.set(desk, (await desk.get('/admin/services')).csrf);
  });
  afterAll(() => gateway.stop());

  const send = (desk: Desk, path: string, fields: Readonly<Record<string, string>> = {}) =>
    desk.post(`/admin/services${path}`, { csrf: tokens.get(desk) ?? '', ...fields });
  const page = async (id: string) => (await giulia.get(`/admin/services/${id}`)).html;
  const proposalIn = (html: string) => /proposals\/([0-9a-f-]+)\/withdraw/.exec(html)?.[1] ?? '';
  /** A service that anna wrote and giulia approved: version 2. */
  const live = async () => {
    const { html } = await send(anna, '', SERVICE);
    const id = /<code>(s-[a-z0-9]+)<\/code>/.exec(html)?.[1] ?? '';
    await send(giulia, `/${id}/state`, { state: 'live', version: '1' });
    return id;
  };
  const MOVED = { ...SERVICE, redirectUris: 'https://elsewhere.example.it/callback' };
  const inForce = async (id: string) => (await program('GET', `/services/${id}`)).body;
  const actions = async (id: string) => {
    const entries = await beside(gateway, async (room) => room.entries);
    return entries.filter(({ target }) => target?.id === id).map(({ action, actor }) => `${action} ${actor}`);
  };

  it('whoever wrote a service last cannot approve it, and somebody else can', async () => {
    const { html } = await send(anna, '', SERVICE);
    const id = /<code>(s-[a-z0-9]+)<\/code>/.exec(html)?.[1] ?? '';
    const own = await send(anna, `/${id}/state`, { state: 'live', version: '1' });
    expect(own.status).toBe(403);
    expect(own.html).toContain('deve approvarla un’altra persona');
    // Asking for approval writes nothing: whoever asked may still be the second pair of eyes.
    await send(giulia, `/${id}/state`, { state: 'waiting', version: '1' });
    expect((await giulia.get('/admin/services')).html).toContain('Aspettano un’approvazione');
    const approved = await send(giulia, `/${id}/state`, { state: 'live', version: '2' });
    expect(approved.html).toContain('In esercizio');
  });

  it('a change of a live service is proposed, takes effect when another approves it, and changes nothing before', async () => {
    const id = await live();
    const review = await send(anna, `/${id}/change`, { ...MOVED, version: '2' });
    expect(review.html).toContain('Proponi la modifica');
    await send(anna, `/${id}`, { ...MOVED, version: '2' });
    expect(await inForce(id)).toMatchObject({
      version: 2,
      client: { redirectUris: [SERVICE['redirectUris']] },
      proposal: { version: 2, current: true, by: 'Anna Rossi' },
    });
    const html = await page(id);
    expect(html).toContain('<del translate="no">&quot;http://127.0.0.1:9/callback&quot;</del>');
    expect(html).toContain('chi lo controlla riceve gli accessi');
    expect(html).toContain('<ins translate="no">&quot;https://elsewhere.example.it/callback&quot;</ins>');
    expect((await giulia.get('/admin/services')).html).toContain('modifica in attesa');
    const proposal = proposalIn(html);
    expect((await anna.get(`/admin/services/${id}`)).html).not.toContain(`${proposal}/approve`);
    const own = await send(anna, `/${id}/proposals/${proposal}/approve`);
    expect([own.status, (await inForce(id))['version']]).toEqual([403, 2]);
    await send(giulia, `/${id}/proposals/${proposal}/approve`);
    expect(await inForce(id)).toMatchObject({
      version: 3,
      client: { redirectUris: [MOVED.redirectUris] },
      proposal: null,
    });
    expect((await send(giulia, `/${id}/proposals/${proposal}/approve`)).status).toBe(404);
    expect((await actions(id)).slice(0, 2)).toEqual([
      'client.approve-change Giulia Verdi',
      'client.propose Anna Rossi',
    ]);
  });

  it.each([
    ['its name', { nameIt: 'Banca d’Esempio' }],
    ['its home page', { homePage: 'https://elsewhere.example.it/' }],
    ['how it proves itself', { authMethod: 'client_secret_post' }],
    ['its level', { minimumLevel: '1' }],
    ['the reason for a piece of data', { 'why-it-name': 'altro' }],
    ['where citizens go after leaving', { postLogoutRedirectUris: 'https://elsewhere.example.it/' }],
  ])('even %s waits', async (_what, change) => {
    const id = await live();
    await send(anna, `/${id}`, { ...SERVICE, ...change, version: '2' });
    expect(await inForce(id)).toMatchObject({ version: 2, proposal: { by: 'Anna Rossi' } });
  });

  it('contacts, which neither citizens nor the protocol see, change at once', async () => {
    const id = await live();
    await send(anna, `/${id}`, { ...SERVICE, contacts: 'nuovo@example.it', version: '2' });
    expect(await inForce(id)).toMatchObject({
      version: 3,
      client: { contacts: ['nuovo@example.it'] },
      proposal: null,
    });
  });

  it('a newer proposal takes the place of the one before, which nobody can approve any more', async () => {
    const id = await live();
    await send(anna, `/${id}`, { ...MOVED, version: '2' });
    const first = proposalIn(await page(id));
    const review = await send(anna, `/${id}/change`, { ...SERVICE, nameIt: 'Mensa', version: '2' });
    expect(review.html).toContain('questa prende il suo posto');
    await send(anna, `/${id}`, { ...SERVICE, nameIt: 'Mensa', version: '2' });
    const late = await send(giulia, `/${id}/proposals/${first}/approve`);
    expect([late.status, (await inForce(id))['version']]).toEqual([404, 2]);
  });

  it('a proposal is void when the service changed after it, and can be taken up again', async () => {
    const id = await live();
    await send(anna, `/${id}`, { ...MOVED, version: '2' });
    const proposal = proposalIn(await page(id));
    await send(giulia, `/${id}`, { ...SERVICE, contacts: 'nuovo@example.it', version: '2' });
    const refused = await send(giulia, `/${id}/proposals/${proposal}/approve`);
    expect([refused.status, (await inForce(id))['version']]).toEqual([409, 3]);
    expect(await page(id)).toContain('Non si può più approvare');
    const { html } = await anna.get(`/admin/services/${id}/change?proposal=${proposal}`);
    expect(html).toContain('https://elsewhere.example.it/callback');
    expect(html).toContain(`name="proposal" value="${proposal}"`);
    await send(anna, `/${id}`, { ...MOVED, version: '3', proposal });
    await send(giulia, `/${id}/proposals/${proposalIn(await page(id))}/approve`);
    expect(await inForce(id)).toMatchObject({ client: { redirectUris: [MOVED.redirectUris] } });
  });

  it('a proposal can be withdrawn, by whoever may change the service', async () => {
    const id = await live();
    await send(anna, `/${id}`, { ...MOVED, version: '2' });
    const proposal = proposalIn(await page(id));
    const luca = await deskOf(
      gateway,
      'luca.nicolò',
      'municipality-administrator',
      await secondBody(gateway),
    );
    tokens.set(luca, (await luca.get('/admin/services')).csrf);
    for (const verb of ['approve', 'withdraw'])
      expect((await send(luca, `/${id}/proposals/${proposal}/${verb}`)).status).toBe(404);
    await send(anna, `/${id}/proposals/${proposal}/withdraw`);
    expect(await inForce(id)).toMatchObject({ version: 2, proposal: null });
    expect((await actions(id))[0]).toBe('client.withdraw-change Anna Rossi');
  });

  it('of two that approve, or approve and withdraw, at the same time one gets through', async () => {
    const id = await live();
    await send(anna, `/${id}`, { ...MOVED, version: '2' });
    const proposal = proposalIn(await page(id));
    const verbs = ['approve', 'withdraw', 'approve'];
    await Promise.all(verbs.map((verb) => send(giulia, `/${id}/proposals/${proposal}/${verb}`)));
    const done = (await actions(id)).filter((action) => /approve-change|withdraw-change/.test(action));
    expect(done).toHaveLength(1);
  });

  it('a program is told that its change waits, replaces none that it has not seen, and approves nothing', async () => {
    const id = await live();
    const path = `/services/${id}`;
    const before = await program('GET', path);
    const etag = { 'if-match': before.headers.get('etag') ?? '' };
    const json = { ...(before.body['client'] as object), minimumLevel: 3 };
    const proposed = await program('PUT', path, { json, headers: etag });
    expect([proposed.status, proposed.body]).toMatchObject([
      202,
      {
        version: 2,
        client: { minimumLevel: 2 },
        proposal: {
          version: 2,
          by: 'machine-union-administrator',
          client: { minimumLevel: 3 },
          differences: [{ path: 'minimumLevel', before: '2', after: '3' }],
        },
      },
    ]);
    const blind = await program('PUT', path, { json, headers: etag });
    expect([blind.status, blind.body['code']]).toEqual([412, 'precondition_failed']);
    const seen = { 'if-match': proposed.headers.get('etag') ?? '' };
    expect((await program('PUT', path, { json, headers: seen })).status).toBe(202);
    const { proposal } = await inForce(id);
    const { id: waiting } = proposal as { id: string };
    expect((await program('DELETE', `${path}/proposals/${waiting}`)).status).toBe(204);
    expect((await program('DELETE', `${path}/proposals/${waiting}`)).status).toBe(404);
    expect(await inForce(id)).toMatchObject({ version: 2, proposal: null });

    const made = await program('POST', '/services', { json: DECLARED });
    const tried = await program('POST', `/services/${String(made.body['id'])}/state`, {
      json: { state: 'live' },
      headers: { 'if-match': '"1"' },
    });
    expect([tried.status, tried.body['code']]).toEqual([403, 'person_needed']);
  });

  it('an administrator of a body approves nothing that only the union may change', async () => {
    const id = await live();
    const path = `/services/${id}`;
    const before = await program('GET', path);
    await program('PUT', path, {
      json: { ...(before.body['client'] as object), sector: 'shared' },
      headers: { 'if-match': before.headers.get('etag') ?? '' },
    });
    const luca = await deskOf(gateway, 'luca.nicolò', 'municipality-administrator', 'unione');
    tokens.set(luca, (await luca.get('/admin/services')).csrf);
    const refused = await send(luca, `/${id}/proposals/${proposalIn(await page(id))}/approve`);
    expect(refused.status).toBe(403);
    expect(refused.html).toContain('spetta a chi amministra l’unione');
    expect(await inForce(id)).toMatchObject({ version: 2, client: { sector: 'unione' } });
  });
});
