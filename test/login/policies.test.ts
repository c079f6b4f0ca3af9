import * as oidc from 'openid-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Driver } from '../../src/demo/driver.ts';
import { startTestGateway, untilClient, type ClientInput, type TestGateway } from '../support/gateway.ts';
import { RelyingParty, testClient, type Entered } from '../support/relying-party.ts';
import { describeStores } from '../support/stores.ts';

const purpose = { it: 'prova' };
const named: NonNullable<ClientInput['attributes']> = [
  { name: 'name', purpose },
  { name: 'familyName', purpose },
];
const LEVEL_3 = 'https://www.spid.gov.it/SpidL3';

describeStores('policies of clients, in whole logins', (openUrl) => {
  let gateway: TestGateway;
  let party: RelyingParty;

  beforeAll(async () => {
    gateway = await startTestGateway({
      storeUrl: await openUrl(),
      change: (input) => {
        const [union] = input.entities;
        if (!union) throw new Error('the demo has an entity');
        const sets = [
          ...union.attributeSets,
          {
            index: 2,
            name: 'Professionisti',
            attributes: [
              'spidCode',
              'name',
              'familyName',
              'fiscalNumber',
              'companyFiscalNumber',
              'companyName',
            ],
          },
          {
            index: 3,
            name: 'Età',
            attributes: ['spidCode', 'name', 'familyName', 'fiscalNumber', 'dateOfBirth'],
          },
          { index: 4, name: 'Recapito', attributes: ['spidCode', 'fiscalNumber', 'mobilePhone'] },
        ] as typeof union.attributeSets;
        return {
          ...input,
          entities: [
            { ...union, attributeSets: sets },
            { ...union, id: 'comune', entityId: `${input.publicUrl}/comune`, attributeSets: sets },
          ],
        };
      },
      clients: [
        testClient('plain', { attributes: named }),
        testClient('careful', { attributes: named, policy: { confirmReuse: true } }),
        testClient('lonely', { attributes: named, policy: { reuse: false } }),
        testClient('rent', { attributes: [...named, { name: 'mobilePhone', purpose }] }),
        testClient('other-body', { entity: 'comune', attributes: named }),
        testClient('adults', {
          attributes: named,
          policy: { age: { minimum: 18, over: [14, 65], minor: true } },
        }),
        testClient('youngsters', { attributes: named, policy: { age: { maximum: 17, minor: true } } }),
        testClient('firms', {
          attributes: [...named, { name: 'companyFiscalNumber', purpose }, { name: 'companyName', purpose }],
          policy: { purpose: 'P' },
        }),
        testClient('agents', {
          attributes: [...named, { name: 'companyFiscalNumber', purpose }, { name: 'companyName', purpose }],
          policy: { purpose: 'PG' },
        }),
        testClient('companies', {
          attributes: [...named, { name: 'companyFiscalNumber', purpose }],
          policy: { purpose: 'LP' },
        }),
        testClient('branded', {
          attributes: named,
          branding: {
            text: { it: 'Qui si pagano i tributi.' },
            links: { privacy: 'https://client.example.it/p' },
          },
        }),
      ],
    });
    party = new RelyingParty(gateway);
  });
  afterAll(() => gateway.stop());

  const at = async (id: string, parameters: Record<string, string> = {}) => {
    const config = await party.configure(id);
    return { config, ...(await party.request(config, { parameters })) };
  };
  const isSilent = async (browser: Driver, id: string) => {
    const { url } = await at(id, { prompt: 'none' });
    return Object.fromEntries((await party.silently(browser, url)).searchParams);
  };
  const userinfo = ({ config, tokens, claims }: Entered) =>
    oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
  const redeemed = async (
    { config, checks }: Awaited<ReturnType<typeof at>>,
    back: URL,
  ): Promise<Entered> => {
    const tokens = await oidc.authorizationCodeGrant(config, back, checks);
    const claims = tokens.claims();
    if (!claims) throw new Error('no ID token');
    return { config, tokens, claims, back, checks };
  };
  /** The provider's side of a login: the persona, her consent, the way back. */
  const prove = (browser: Driver, user = 'anna.rossi') =>
    untilClient(async () => {
      await browser.press('send the request');
      await browser.press('choose the persona', user);
      await browser.press('consent', user);
      await browser.press('send the response');
    });

  it('shows as whom she enters before a session is reused, once per service, and only where that is wanted', async () => {
    const browser = party.browser();
    await party.enter('plain', { browser });
    expect(await isSilent(browser, 'careful')).toMatchObject({ error: 'interaction_required' });
    const asked = await at('careful');
    const page = await browser.visit('another service', asked.url);
    expect(page.html).toContain('Stai entrando come Anna R.');
    const entered = await redeemed(asked, await untilClient(() => browser.press('enter', 'Entra')));
    expect((await userinfo(entered))['name']).toBe('Anna Rossi');
    expect(await isSilent(browser, 'careful')).toHaveProperty('code');
  });

  it('lets whoever is somebody else enter as herself, and the one before is signed out', async () => {
    const browser = party.browser();
    const anna = await party.enter('plain', { browser });
    const asked = await at('careful');
    await browser.visit('another service', asked.url);
    await browser.click('not me', 'Non sei tu?');
    await browser.press('choose the provider', gateway.providers[0]);
    const back = await untilClient(async () => {
      await browser.press('send the request');
      await browser.press('choose the persona', 'hans.muster');
      await browser.press('consent', 'hans.muster');
      await browser.press('send the response');
      await browser.press('sign the other person out');
    });
    const hans = await redeemed(asked, back);
    expect(hans.claims.sub).not.toBe(anna.claims.sub);
    await expect(userinfo(anna)).rejects.toThrow();
  });

  it('shows the same page for prompt=consent, to whoever has a session', async () => {
    const browser = party.browser();
    await party.enter('plain', { browser });
    const asked = await at('plain', { prompt: 'consent' });
    expect((await browser.visit('with consent', asked.url)).html).toContain('Stai entrando come Anna R.');
    await redeemed(asked, await untilClient(() => browser.press('enter', 'Entra')));
    const both = await party.enter('plain', { browser, parameters: { prompt: 'login consent' } });
    expect(both.claims.sub).toBeTypeOf('string');
  });

  it('asks again for every entry of a service that wants its own logins', async () => {
    const browser = party.browser();
    await party.enter('lonely', { browser });
    expect(await isSilent(browser, 'lonely')).toMatchObject({ error: 'login_required' });
    expect(await isSilent(browser, 'plain')).toHaveProperty('code');
  });

  it('asks the provider she came in by for the attributes that are missing and no others', async () => {
    const browser = party.browser();
    await party.enter('plain', { browser });
    const asked = await at('rent', { scope: 'openid profile phone' });
    expect((await browser.visit('rent', asked.url)).html).toContain('ha bisogno di altri dati');
    const leaving = await browser.press('go on', gateway.providers[0]);
    expect(requestIn(leaving.html)).toContain('AttributeConsumingServiceIndex="4"');
    const entered = await redeemed(asked, await prove(browser));
    expect(await userinfo(entered)).toMatchObject({ name: 'Anna Rossi', phone_number: '+393331234567' });
    expect(await isSilent(browser, 'rent')).toHaveProperty('code');
  });

  it('asks for everything when somebody else answers instead', async () => {
    const browser = party.browser();
    await party.enter('plain', { browser });
    const asked = await at('rent', { scope: 'openid profile phone' });
    await browser.visit('rent', asked.url);
    await browser.press('go on', gateway.providers[0]);
    await browser.press('send the request');
    await browser.press('choose the persona', 'anna.rossi.omocode');
    await browser.press('consent', 'anna.rossi.omocode');
    const page = await browser.press('send the response');
    expect(page.html).toContain('Entra in Servizio rent');
    const leaving = await browser.press('choose the provider', gateway.providers[0]);
    expect(requestIn(leaving.html)).toContain('AttributeConsumingServiceIndex="1"');
  });

  it('steps up for one service, and keeps what the others had', async () => {
    const browser = party.browser();
    await party.enter('plain', { browser });
    const asked = await at('plain', { acr_values: LEVEL_3 });
    expect((await browser.visit('level 3', asked.url)).html).toContain('livello più alto');
    await browser.press('go on', gateway.providers[0]);
    expect((await redeemed(asked, await prove(browser))).claims.acr).toBe(LEVEL_3);
    const again = await at('plain', { acr_values: LEVEL_3, prompt: 'none' });
    expect((await party.silently(browser, again.url)).searchParams.get('error')).toBe('login_required');
    const lower = await party.enter('plain', { browser, silently: true });
    expect(lower.claims.acr).toBe('https://www.spid.gov.it/SpidL2');
  });

  it('holds an identity for each body at once, and mixes none', async () => {
    const browser = party.browser();
    const union = await party.enter('plain', { browser });
    expect(await isSilent(browser, 'other-body')).toMatchObject({ error: 'login_required' });
    const town = await party.enter('other-body', { browser });
    const again = await party.enter('plain', { browser, silently: true });
    expect(again.claims.auth_time).toBe(union.claims.auth_time);
    expect(town.claims.sub).not.toBe(union.claims.sub);
    expect(await isSilent(browser, 'other-body')).toHaveProperty('code');
  });

  it('lets in by age, tells yes or no, and keeps the date of birth', async () => {
    const anna = await party.enter('adults', { parameters: { scope: 'openid profile age' } });
    const known = await userinfo(anna);
    expect(known).toMatchObject({
      name: 'Anna Rossi',
      age_over_14: true,
      age_over_65: false,
      is_minor: false,
    });
    expect(known).not.toHaveProperty('birthdate');
    const giulia = await party.enter('youngsters', {
      user: 'giulia.verdi',
      parameters: { scope: 'openid profile age' },
    });
    expect(await userinfo(giulia)).toMatchObject({ is_minor: true });
  });

  it.each([
    ['adults', 'giulia.verdi'],
    ['youngsters', 'anna.rossi'],
  ])('refuses whom the age limits of %s keep out, and tells the service why', async (id, user) => {
    const browser = party.browser();
    const asked = await at(id);
    await expect(gateway.login(asked.url, { browser, user })).rejects.toThrow('riservato ad altre età');
    const back = await untilClient(() => browser.press('back', 'access_denied age_not_allowed'));
    expect(Object.fromEntries(back.searchParams)).toMatchObject({
      error: 'access_denied',
      error_description: 'age_not_allowed',
      iss: gateway.url,
    });
  });

  it('asks for professional identities by their purpose, releases the company, and shares no session with citizens', async () => {
    const browser = party.browser();
    const asked = await at('firms');
    await browser.visit('firms', asked.url);
    const leaving = await browser.press('choose the provider', gateway.providers[0]);
    expect(requestIn(leaving.html)).toContain('</saml:Issuer>');
    expect(requestIn(leaving.html)).toContain('<spid:Purpose>P</spid:Purpose>');
    const entered = await redeemed(asked, await prove(browser, 'marco.bianchi'));
    expect(await userinfo(entered)).toMatchObject({
      'https://attributes.eid.gov.it/company_name': 'Studio Bianchi',
    });
    expect(await isSilent(browser, 'firms')).toHaveProperty('code');
    expect(await isSilent(browser, 'plain')).toMatchObject({ error: 'login_required' });
  });

  it('says for which company somebody acts, where the service is for those who do and may know', async () => {
    const asked = await at('agents');
    const browser = party.browser();
    await browser.visit('agents', asked.url);
    const leaving = await browser.press('choose the provider', gateway.providers[0]);
    expect(requestIn(leaving.html)).toContain('<spid:Purpose>PG</spid:Purpose>');
    const entered = await redeemed(asked, await prove(browser, 'paola.neri'));
    expect(await userinfo(entered)).toMatchObject({
      given_name: 'Paola',
      acting_for: { name: 'Cooperativa Il Ponte', fiscal_number: 'TINIT-12345678903' },
    });
  });

  it('refuses a kind of identity that the service did not ask for', async () => {
    const browser = party.browser();
    await browser.visit('companies', (await at('companies')).url);
    await browser.press('choose the provider', gateway.providers[0]);
    await browser.press('send the request');
    await browser.press('choose the persona', 'marco.bianchi');
    await browser.press('go on');
    await expect(browser.press('send the response')).rejects.toThrow('tipo di identità');
  });

  it('shows a service’s own words and links, and sends no purpose where none is wanted', async () => {
    const browser = party.browser();
    const page = await browser.visit('branded', (await at('branded')).url);
    expect(page.html).toContain('Qui si pagano i tributi.');
    expect(page.html).toContain('href="https://client.example.it/p"');
    const leaving = await browser.press('choose the provider', gateway.providers[0]);
    expect(requestIn(leaving.html)).not.toContain('Extensions');
  });
});

/** The AuthnRequest in the form that takes it to the provider. */
function requestIn(page: string): string {
  const [, value = ''] = /name="SAMLRequest" value="([^"]*)"/.exec(page) ?? [];
  return Buffer.from(value.replaceAll('&#43;', '+'), 'base64').toString('utf8');
}
