import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { describeStores } from '../support/stores.ts';
import { beside, deskOf, secondBody } from './fixtures.ts';

const PATH = '/admin/registration-tokens';

describeStores('the page of registration tokens', (openUrl) => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway({
      clients: [],
      storeUrl: await openUrl(),
      change: (input) => ({ ...input, dynamicRegistration: true }),
    });
  });
  afterAll(() => gateway.stop());

  const FORM = { entity: 'unione', hosts: 'Scuola.example.it\r\n', days: '30', uses: '1' };
  const idIn = (html: string) => /tokens\/(r-[0-9a-f]+)\/revoke/.exec(html)?.[1] ?? '';
  const register = (token: string) =>
    fetch(`${gateway.url}/oidc/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ client_name: 'Iscrizioni', redirect_uris: ['https://scuola.example.it/cb'] }),
    });

  it('makes a token that a program registers with, shows it once, and revokes it, all in the trail', async () => {
    const anna = await deskOf(gateway, 'anna.rossi', 'union-administrator');
    const { csrf, html } = await anna.get(PATH);
    expect(html).toContain('Nessun gettone.');
    const made = await anna.post(PATH, { csrf, ...FORM, uses: '2' });
    const token = /<code id="registration-token">([^<]+)</.exec(made.html)?.[1] ?? '';
    expect((await register(token)).status).toBe(201);
    const list = await anna.get(PATH);
    expect(list.html).toContain('restano 1 servizi su 2');
    expect(list.html).not.toContain(token);
    const revoked = await anna.post(`${PATH}/${idIn(list.html)}/revoke`, { csrf });
    expect(revoked.html).toContain('revocato');
    expect((await register(token)).status).toBe(401);
    const entries = await beside(gateway, async (room) => room.entries);
    const written = entries.filter(({ action }) => action.startsWith('registration-token.'));
    expect(written.map(({ action, via, outcome }) => `${action} ${via} ${outcome}`)).toEqual([
      'registration-token.use registration refused',
      'registration-token.revoke console done',
      'registration-token.use registration done',
      'registration-token.issue console done',
    ]);
    expect(JSON.stringify(written)).not.toContain(token);
  });

  it.each([
    ['an address instead of a host', { hosts: 'https://scuola.example.it/' }],
    ['every host of a domain', { hosts: '*.example.it' }],
    ['a port', { hosts: 'scuola.example.it:8443' }],
    ['no host', { hosts: ' ' }],
    ['no number', { uses: 'due' }],
    ['too many services', { uses: '1001' }],
    ['half a service', { uses: '0.5' }],
    ['days that are not offered', { days: '3650' }],
    ['a body that does not exist', { entity: 'none' }],
  ])('makes none for %s, and keeps what was typed', async (_what, change) => {
    const anna = await deskOf(gateway, 'anna.rossi');
    const { csrf } = await anna.get(PATH);
    const { status, html } = await anna.post(PATH, { csrf, ...FORM, ...change });
    expect(status).toBe(422);
    expect(html).toContain('aria-invalid="true"');
    expect(html).toContain(Object.values({ ...FORM, ...change })[1]?.trim());
    expect(html).not.toContain('id="registration-token"');
  });

  it('shows and gives an administrator of one body those of that body only', async () => {
    const other = await secondBody(gateway);
    const anna = await deskOf(gateway, 'anna.rossi');
    const { csrf } = await anna.get(PATH);
    await anna.post(PATH, { csrf, ...FORM, hosts: 'foreign.example.it' });
    const foreign = idIn((await anna.get(PATH)).html);
    const luca = await deskOf(gateway, 'luca.nicolò', 'municipality-administrator', other);
    const page = await luca.get(PATH);
    expect(page.html).not.toContain('foreign.example.it');
    expect((await luca.post(PATH, { csrf: page.csrf, ...FORM })).status).toBe(422);
    expect((await luca.post(`${PATH}/${foreign}/revoke`, { csrf: page.csrf })).status).toBe(404);
    expect((await anna.get(PATH)).html).toContain(`${foreign}/revoke`);
    const own = { csrf: page.csrf, ...FORM, entity: other, hosts: 'own.example.it' };
    expect((await luca.post(PATH, own)).html).toContain('id="registration-token"');
    expect((await luca.get(PATH)).html).toContain('own.example.it');
  });
});

it('makes no tokens where programs may not register, and says why', async () => {
  const gateway = await startTestGateway({ clients: [], storeUrl: 'sqlite:gateway.db' });
  try {
    const anna = await deskOf(gateway, 'anna.rossi', 'union-administrator');
    const { csrf, html } = await anna.get(PATH);
    expect(html).toContain('dynamicRegistration: true');
    expect(html).not.toContain('name="hosts"');
    const form = { csrf, entity: 'unione', hosts: 'scuola.example.it', days: '30', uses: '1' };
    const refused = await anna.post(PATH, form);
    expect(refused.status).toBe(409);
    expect(refused.html).toContain('spenta');
  } finally {
    await gateway.stop();
  }
});
