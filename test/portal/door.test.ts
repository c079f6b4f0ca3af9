import { afterAll, beforeAll, expect, it } from 'vitest';
import { titleOf } from '../../src/demo/forms.ts';
import { Desk } from '../support/desk.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { describeStores } from '../support/stores.ts';

describeStores('signing in to the pages of the gateway itself', (openUrl) => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway({ clients: [], storeUrl: await openUrl() });
  });
  afterAll(() => gateway.stop());

  it('leads through the login that everybody knows, and back to the page that was asked for', async () => {
    const desk = new Desk(gateway);
    const page = await desk.signIn('/admin?from=here');
    expect(page.url).toBe(`${gateway.url}/admin?from=here`);
    expect(page.html).toContain('Anna Rossi');
    expect(titleOf(page.html)).toBe('Non hai un ruolo in questa console');
  });

  it('says on the choice page what the area wants to know and why', async () => {
    const page = await new Desk(gateway).get('/admin');
    expect(page.html).toContain('Console di amministrazione');
    expect(page.html).toContain('riconoscere chi amministra');
    expect(page.html).toContain('livello 2');
  });

  it('does not let another browser in with the way back of this one', async () => {
    let callback = '';
    await new Desk(gateway)
      .signIn('/admin', async ({ href, pathname }) => {
        if (pathname !== '/admin/callback') return;
        callback = href;
        throw new Error('stopped on the way');
      })
      .catch(() => undefined);
    expect(callback).toContain('code=');
    const thief = new Desk(gateway);
    const page = await thief.get(callback);
    expect(page.status).toBe(400);
    expect(titleOf(page.html)).toBe('Accesso non completato');
    expect((await thief.get('/admin')).url).toContain('/login/');
  });

  it('goes on when the way back is taken twice, and does not open a second session by it', async () => {
    let callback = '';
    const desk = new Desk(gateway);
    await desk.signIn('/admin', async ({ href, pathname }) => {
      if (pathname === '/admin/callback') callback = href;
    });
    const page = await desk.get(callback);
    expect(page.url).toBe(`${gateway.url}/admin`);
    expect(page.html).toContain('Anna Rossi');
  });

  it('lets two tabs come back one after the other, and keeps the form good that the first one shows', async () => {
    const desk = new Desk(gateway);
    let first = '';
    const second = await desk.signIn('/accessi', async ({ pathname }) => {
      if (pathname === '/accessi/callback') first = (await desk.get('/accessi')).csrf;
    });
    expect(second.url).toBe(`${gateway.url}/accessi`);
    expect(first).toMatch(/^[\w-]{43}$/);
    expect(second.csrf).toBe(first);
  });

  it('tells a browser apart by what it was given first, however many tabs leave', async () => {
    const leave = (cookie: string) =>
      fetch(`${gateway.url}/accessi`, { redirect: 'manual', headers: { cookie } });
    const given = (await leave('')).headers.getSetCookie();
    expect(given).toHaveLength(1);
    const again = await leave(given[0]?.split(';')[0] ?? '');
    expect(again.status).toBe(303);
    expect(again.headers.getSetCookie()).toEqual([]);
  });

  it('says so when the login was given up', async () => {
    const desk = new Desk(gateway);
    const login = await desk.get('/admin');
    const page = await desk.post(`${login.url}/back`, {});
    expect(page.status).toBe(403);
    expect(titleOf(page.html)).toBe('Accesso non completato');
    expect(page.html).toContain('href="/admin"');
  });

  it("refuses a form without the token of the session, with another session's, and of nobody", async () => {
    const [desk, other] = [new Desk(gateway), new Desk(gateway)];
    await desk.signIn();
    const foreign = (await other.signIn()).csrf;
    for (const csrf of ['', foreign]) expect((await desk.post('/admin/sign-out', { csrf })).status).toBe(403);
    expect((await desk.get('/admin')).url).toBe(`${gateway.url}/admin`);
    const nobody = await new Desk(gateway).post('/admin/invitation', { csrf: foreign });
    expect([nobody.status, titleOf(nobody.html)]).toEqual([401, 'La sessione è finita']);
  });

  it('lets whoever is out already leave the rest, having asked her', async () => {
    const desk = new Desk(gateway);
    const { csrf } = await desk.signIn('/accessi');
    // Of an area that she is not in: as after a session that ended by itself.
    const page = await desk.post('/admin/sign-out', { csrf });
    expect([page.status, titleOf(page.html)]).toEqual([200, 'Vuoi uscire?']);
    expect((await desk.get('/accessi')).url).toBe(`${gateway.url}/accessi`);
  });

  it('is not listed among the services, and no service may take its name', async () => {
    expect((await new Desk(gateway).get('/')).html).not.toContain('Console di amministrazione');
    const impostor = {
      id: 'gateway-admin',
      entity: 'unione',
      name: { it: 'Impostore' },
      homePage: 'https://x.example.it/',
      redirectUris: ['https://x.example.it/cb'],
      secrets: ['s3cret'],
    };
    await expect(startTestGateway({ clients: [impostor], storeUrl: await openUrl() })).rejects.toThrow(
      'clients[0].id: found "gateway-admin"',
    );
  });
});
