import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { supportReferenceOf, titleOf } from '../../src/demo/forms.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { describeStores } from '../support/stores.ts';
import { Desk } from '../support/desk.ts';
import { beside, deskOf, invitation, SERVICE } from './fixtures.ts';

const CALLBACK = 'http://127.0.0.1:9/callback';

describeStores('the administration console', (openUrl) => {
  let gateway: TestGateway;
  let anna: Desk;
  let csrf = '';
  beforeAll(async () => {
    gateway = await startTestGateway({ clients: [], storeUrl: await openUrl() });
    anna = await deskOf(gateway, 'anna.rossi', 'union-administrator');
    csrf = (await anna.get('/admin/services')).csrf;
  });
  afterAll(() => gateway.stop());

  const post = (path: string, fields: Readonly<Record<string, string>>) =>
    anna.post(path, { csrf, ...fields });

  /** Registers a service. @returns its id and secret */
  async function register(change: Readonly<Record<string, string>> = {}) {
    const { html } = await post('/admin/services', { ...SERVICE, ...change });
    const id = /<code>(s-[a-z0-9]+)<\/code>/.exec(html)?.[1] ?? '';
    return { id, secret: /id="client-secret">([\w-]+)</.exec(html)?.[1] ?? '', html };
  }

  async function versionOf(id: string): Promise<string> {
    const { html } = await anna.get(`/admin/services/${id}`);
    return /name="version" value="(\d+)"/.exec(html)?.[1] ?? '';
  }

  async function setState(id: string, state: string) {
    return post(`/admin/services/${id}/state`, { state, version: await versionOf(id) });
  }

  /** A citizen enters the service. @returns a way to redeem the code that comes of it */
  async function enter(id: string) {
    const verifier = randomBytes(32).toString('base64url');
    const url = new URL(`${gateway.url}/oidc/auth`);
    url.search = new URLSearchParams({
      client_id: id,
      redirect_uri: CALLBACK,
      response_type: 'code',
      scope: 'openid profile',
      code_challenge_method: 'S256',
      state: 's',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    }).toString();
    const back = await gateway.login(url.href);
    const code = back.searchParams.get('code') ?? '';
    return async (secret: string) => {
      const answer = await fetch(`${gateway.url}/oidc/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          code,
          redirect_uri: CALLBACK,
          code_verifier: verifier,
        }),
      });
      return { status: answer.status, ...((await answer.json()) as { access_token?: string }) };
    };
  }

  const userinfo = (token: string | undefined) =>
    fetch(`${gateway.url}/oidc/userinfo`, { headers: { authorization: `Bearer ${token}` } });

  it('lets somebody in by a code of the command line, once', async () => {
    const code = await invitation(gateway);
    const giulia = new Desk(gateway);
    const page = await giulia.signIn('/admin/invitation', undefined, 'giulia.verdi');
    expect((await giulia.post('/admin/invitation', { csrf: page.csrf, code: 'wrong' })).html).toContain(
      'aria-invalid',
    );
    const inside = await giulia.post('/admin/invitation', { csrf: page.csrf, code });
    expect(inside.url).toBe(`${gateway.url}/admin/services`);
    expect(titleOf(inside.html)).toBe('Servizi');
    const again = await giulia.post('/admin/invitation', { csrf: page.csrf, code });
    expect(again.status).toBe(410);
  });

  it('registers a service step by step, approves it, and a citizen enters it', async () => {
    expect((await anna.get('/admin/new-service')).html).toContain('Indirizzi di ritorno');
    const review = await post('/admin/new-service', SERVICE);
    expect(titleOf(review.html)).toBe('Controlla prima di confermare');
    expect(review.html).toContain('Un indirizzo di ritorno è su un computer locale');
    const { id, secret, html } = await register();
    expect(html).toContain('mod_auth_openidc');
    expect(html.split(secret)).toHaveLength(2);

    await expect(enter(id)).rejects.toThrow();
    expect((await anna.get(`/admin/services/${id}`)).html).toContain('Nessun gestore di prova è configurato');
    await setState(id, 'waiting');
    await setState(id, 'live');
    const page = await anna.get(`/admin/services/${id}`);
    expect(page.html).toContain('In esercizio');
    expect(page.html).not.toContain(secret);
    const tokens = await (await enter(id))(secret);
    expect(tokens.status).toBe(200);
    expect(await (await userinfo(tokens.access_token)).json()).toMatchObject({ given_name: 'Anna' });
  });

  it('suspends a service at once, tokens that were issued included, and lets it go on', async () => {
    const { id, secret } = await register();
    await setState(id, 'live');
    const { access_token } = await (await enter(id))(secret);
    const late = await enter(id);
    expect((await userinfo(access_token)).status).toBe(200);
    expect((await setState(id, 'suspended')).html).toContain('Rimetti in esercizio');
    expect((await userinfo(access_token)).status).toBe(401);
    expect((await late(secret)).status).toBe(401);
    await expect(enter(id)).rejects.toThrow();
    await setState(id, 'live');
    expect((await userinfo(access_token)).status).toBe(401);
    expect((await (await enter(id))(secret)).status).toBe(200);
    await setState(id, 'retired');
    expect((await setState(id, 'live')).status).toBe(409);
  });

  it('registers a service once, however often its form is sent, and shows its secret to the first only', async () => {
    const anna = await deskOf(gateway, 'anna.rossi');
    const { csrf, html } = await anna.post('/admin/new-service', {
      ...SERVICE,
      nameIt: 'Inviato due volte',
      csrf: (await anna.get('/admin/new-service')).csrf,
    });
    const id = /name="id" value="(s-[a-z0-9]{12})"/.exec(html)?.[1] ?? '';
    const form = { ...SERVICE, nameIt: 'Inviato due volte', csrf, id };
    const sent = await Promise.all([1, 2].map(() => anna.post('/admin/services', form)));
    expect(sent.filter((page) => page.html.includes('id="client-secret"'))).toHaveLength(1);
    expect(titleOf((await anna.post('/admin/services', form)).html)).toBe('Inviato due volte');
    const list = await anna.get('/admin/services?q=Inviato');
    expect(list.html.match(/<strong>Inviato due volte/g)).toHaveLength(1);
  });

  it('loses nothing of a form that is sent when its session is over, and does nothing with it', async () => {
    const typed = { ...SERVICE, nameIt: 'Scritto a lungo', csrf: 'of a session that is over' };
    const stranger = new Desk(gateway);
    for (const [path, again] of [
      ['/admin/services', '/admin/new-service'],
      ['/admin/new-service', '/admin/new-service'],
      ['/admin/services/none', '/admin/services/none/change'],
    ] as const) {
      const kept = await stranger.post(path, typed);
      expect(kept.status).toBe(401);
      expect(kept.html).toContain(`action="${again}"`);
      expect(kept.html).toContain('name="nameIt" value="Scritto a lungo"');
      expect(kept.html).not.toContain('of a session that is over');
    }
    const anna = await deskOf(gateway, 'anna.rossi');
    expect((await anna.post('/admin/services', typed)).status).toBe(403);
    expect((await anna.get('/admin/services?q=Scritto')).html).toContain('Nessun servizio trovato');
    const form = await anna.post('/admin/new-service', { ...typed, step: 'change' });
    expect(form.html).toContain('value="Scritto a lungo"');
    const { html } = await anna.post('/admin/services', { ...typed, csrf: form.csrf });
    expect(html).toContain('id="client-secret"');
  });

  it('changes a secret without a stop, and never shows one again', async () => {
    const { id, secret } = await register();
    await setState(id, 'live');
    expect((await (await enter(id))(secret)).status).toBe(200);
    const added = await post(`/admin/services/${id}/secrets`, { days: '90' });
    const second = /id="client-secret">([\w-]+)</.exec(added.html)?.[1] ?? '';
    expect(second).not.toBe(secret);
    for (const one of [secret, second]) expect((await (await enter(id))(one)).status).toBe(200);
    const page = await anna.get(`/admin/services/${id}`);
    expect(page.html).not.toContain(second);
    expect(page.html.match(/· finisce/g)).toHaveLength(1);
    const ends = [...page.html.matchAll(/action="([^"]+\/end)"/g)].map(([, action]) => action ?? '');
    expect(ends).toHaveLength(2);
    await post(ends[0] ?? '', {});
    expect((await (await enter(id))(secret)).status).toBe(401);
    expect((await (await enter(id))(second)).status).toBe(200);
    expect((await post(ends[1] ?? '', {})).status).toBe(409);
  });

  it('keeps every version, shows what changed, and goes back to one', async () => {
    const { id } = await register();
    const version = await versionOf(id);
    await post(`/admin/services/${id}`, { ...SERVICE, nameIt: 'Mensa', version });
    expect((await anna.get(`/admin/services/${id}`)).html).toContain(
      '<del translate="no">&quot;Iscrizioni scolastiche&quot;</del>',
    );
    const stale = await post(`/admin/services/${id}`, { ...SERVICE, nameIt: 'Altro', version });
    expect(stale.status).toBe(409);
    expect(stale.html).toContain('Qualcun altro ha modificato');
    await post(`/admin/services/${id}/restore`, { wanted: version, version: await versionOf(id) });
    expect(titleOf((await anna.get(`/admin/services/${id}`)).html)).toBe('Iscrizioni scolastiche');
  });

  it.each([
    ['no name', { nameIt: '' }, 'nameIt'],
    ['a name without end', { nameIt: 'a'.repeat(101) }, 'nameIt'],
    ['an unknown body', { entity: 'atlantis' }, 'entity'],
    ['a home page that is no address', { homePage: 'javascript:alert(1)' }, 'homePage'],
    ['a contact that is no address', { contacts: 'office at example.it' }, 'contacts'],
    ['no redirect URI', { redirectUris: ' ' }, 'redirectUris'],
    ['a redirect URI without https', { redirectUris: 'http://scuola.example.it/cb' }, 'redirectUris'],
    ['a redirect URI with a fragment', { redirectUris: 'https://x.example.it/cb#a' }, 'redirectUris'],
    ['a redirect URI with a user', { redirectUris: 'https://a@x.example.it/cb' }, 'redirectUris'],
    ['a script for a redirect URI', { redirectUris: 'javascript:alert(1)' }, 'redirectUris'],
    ['a wildcard', { redirectUris: '*' }, 'redirectUris'],
    ['a bad logout URI', { postLogoutRedirectUris: 'ftp://x.example.it' }, 'postLogoutRedirectUris'],
    ['an unknown way of proving itself', { authMethod: 'sha1' }, 'authMethod'],
    [
      'keys at no https address',
      { authMethod: 'private_key_jwt', jwksUri: 'http://x.example.it/k' },
      'jwksUri',
    ],
    ['keys that are none', { authMethod: 'private_key_jwt', jwks: '{}x' }, 'jwks'],
    ['a private key', { authMethod: 'private_key_jwt', jwks: '{"kty":"EC","d":"x"}' }, 'jwks'],
    ['a private key’s way without keys', { authMethod: 'private_key_jwt' }, 'jwks'],
    ['data without a reason', { 'why-it-name': '' }, 'attributes'],
    ['data without a legal basis', { 'basis-name': '' }, 'attributes'],
    ['a public task that no law gives', { 'law-name': ' ' }, 'attributes'],
    [
      'data that no set of the body has',
      { 'wants-ivaCode': 'yes', 'why-it-ivaCode': 'x', 'basis-ivaCode': 'consent' },
      'attributes',
    ],
  ] as const)('refuses %s, says so beside the field and writes nothing', async (_what, change, name) => {
    const before = (await beside(gateway, async ({ entries }) => entries)).length;
    for (const path of ['/admin/new-service', '/admin/services']) {
      const page = await post(path, { ...SERVICE, ...change });
      expect(page.status).toBe(422);
      expect(page.html).toContain(`id="${name}-wrong"`);
      expect(page.html.match(/<script[^>]*>/g)).toEqual([
        expect.stringMatching(/^<script src="\/assets\/\w+\/check-as-typed\.js" type="module">$/),
      ]);
    }
    expect((await beside(gateway, async ({ entries }) => entries)).length).toBe(before);
  });

  it('names every one of ten wrong addresses beside its field, each with what is wrong with it', async () => {
    const wrong = {
      'http://scuola.example.it/1': 'deve cominciare con https://',
      'https://scuola.example.it/2#a': 'va tolto «#»',
      'https://a@scuola.example.it/3': 'va tolto il nome utente',
      'https://*.example.it/4': 'senza asterischi',
      'scuola.example.it/5': 'serve un indirizzo completo',
      'http://scuola.example.it/6': 'deve cominciare con https://',
      'http://scuola.example.it/7': 'deve cominciare con https://',
      'http://scuola.example.it/8': 'deve cominciare con https://',
      [`https://scuola.example.it/${'9'.repeat(500)}`]: 'al massimo 500 caratteri',
      'ftp://scuola.example.it/10': 'deve cominciare con https://',
    };
    for (const name of ['redirectUris', 'postLogoutRedirectUris']) {
      const given = [...Object.keys(wrong), CALLBACK].join('\n');
      const { html } = await post('/admin/new-service', { ...SERVICE, [name]: given });
      const [, beside = ''] = new RegExp(`id="${name}-wrong">([\\s\\S]*?)</div>`).exec(html) ?? [];
      const said = [...beside.matchAll(/<li>«([^»]+)»: ([\s\S]*?)<\/li>/g)];
      expect(said.map(([, uri]) => uri).sort()).toEqual(Object.keys(wrong).sort());
      for (const [, uri = '', why] of said) expect(why).toContain(wrong[uri as keyof typeof wrong]);
    }
  });

  it('names every wrong contact, and of each piece of data what is missing, beside its own field', async () => {
    const { html } = await post('/admin/new-service', {
      ...SERVICE,
      contacts: 'one\ntwo\nufficio@example.it',
      'why-it-name': '',
      'basis-fiscalNumber': 'legal-obligation',
    });
    for (const one of ['one', 'two']) expect(html).toContain(`<li>«${one}» non va bene.</li>`);
    expect(html).not.toContain('«ufficio@example.it»');
    expect(html).toContain('<a href="#why-it-name">');
    expect(html).toMatch(/id="why-it-name-wrong">Scrivi perché serve/);
    expect(html).toContain('<a href="#law-fiscalNumber">');
    expect(html).toMatch(/id="law-fiscalNumber-wrong">Scrivi la norma/);
  });

  it('shows a script in a name as the letters it is made of', async () => {
    const { id } = await register({ nameIt: '<script>alert(1)</script>' });
    const page = await anna.get(`/admin/services/${id}`);
    expect(page.html).not.toContain('<script>alert');
    expect(titleOf(page.html)).toBe('<script>alert(1)</script>');
  });

  it('shows an administrator of one body nothing of another, and lets her write nothing there', async () => {
    const { id } = await register();
    const luca = await deskOf(gateway, 'luca.nicolò', 'municipality-administrator', 'bientina');
    expect((await luca.get('/admin/services')).html).not.toContain(id);
    expect((await luca.get(`/admin/services/${id}`)).status).toBe(404);
    const token = (await luca.get('/admin/services')).csrf;
    const tried = await luca.post(`/admin/services/${id}/state`, {
      csrf: token,
      state: 'retired',
      version: '1',
    });
    expect(tried.status).toBe(404);
    expect((await luca.post('/admin/services', { ...SERVICE, csrf: token })).status).toBe(422);
    expect((await luca.get('/admin/audit')).html).not.toContain(id);
  });

  it('gives and takes roles, refuses what is no codice fiscale, and keeps the last administrator', async () => {
    const grant = { name: 'Hans', fiscalNumber: 'TINDE-12345678901', role: 'auditor', entity: '' };
    const wrong = await post('/admin/administrators', { ...grant, fiscalNumber: 'RSSNNA85T50G843X' });
    expect(wrong.status).toBe(422);
    expect(wrong.html).toContain('id="fiscalNumber-wrong"');
    expect((await post('/admin/administrators', { ...grant, role: 'king' })).status).toBe(422);
    expect((await post('/admin/administrators', { ...grant, entity: 'unione' })).status).toBe(422);
    expect((await post('/admin/administrators', grant)).html).toContain('Hans');
    expect((await post('/admin/administrators', grant)).status).toBe(422);
    const hans = await deskOf(gateway, 'hans.muster');
    expect((await hans.get('/admin/audit')).status).toBe(200);
    const page = await anna.get('/admin/administrators');
    const revoke = /action="([^"]+\/revoke)"[\s\S]{0,400}Hans/.exec(
      page.html.slice(page.html.indexOf('Hans')),
    )?.[1];
    await post(revoke ?? '', {});
    expect((await hans.get('/admin/audit')).status).toBe(403);
  });

  it('takes a service with a hundred long addresses, and tells what to do about a form that is longer', async () => {
    const path = encodeURIComponent('è'.repeat(70));
    const redirectUris = Array.from({ length: 100 }, (_, at) => `https://suap.example.it/${at}/${path}`).join(
      '\n',
    );
    const { id } = await register({ redirectUris });
    expect((await anna.get(`/admin/services/${id}`)).status).toBe(200);
    const tooMuch = await post('/admin/services', { ...SERVICE, redirectUris: redirectUris.repeat(5) });
    expect(tooMuch.status).toBe(413);
    expect(tooMuch.html).toContain('quello che hai scritto c’è ancora');
  });

  it('refuses what is no text in forms and addresses', async () => {
    for (const nameIt of ['a\0', '\0']) {
      const refused = await post('/admin/services', { ...SERVICE, nameIt });
      expect(refused.status).toBe(400);
      expect(supportReferenceOf(refused.html)).toBeDefined();
    }
    for (const path of ['services?q=%00', 'services/%00', 'audit?after=%ff', 'logins?reference=%00'])
      expect((await anna.get(`/admin/${path}`)).status, path).toBe(400);
  });

  it('writes every act into a trail that nothing can be taken out of', async () => {
    const { entries, faults } = await beside(gateway, async (room) => room);
    expect(faults).toEqual([]);
    expect(entries.filter(({ actor }) => actor === 'Anna Rossi').map(({ action }) => action)).toContain(
      'client.suspended',
    );
    expect(entries.some(({ outcome }) => outcome === 'refused')).toBe(true);
    expect(JSON.stringify(entries)).not.toMatch(/RSSNNA85T50G843/);
    expect(JSON.stringify(entries)).not.toMatch(/argon2/);
  });
});
