import * as oidc from 'openid-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { StepFailed } from '../../src/demo/driver.ts';
import { personaOf } from '../../src/demo/personas.ts';
import { openRegister } from '../../src/gateway/register.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { createLog } from '../../src/operations/log.ts';
import { registeredEntities } from '../../src/register/verify.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { cancelledLogin, deskOf } from '../admin/fixtures.ts';
import { canariesIn, canariesInStore, Wiretap, type Canaries } from '../support/canaries.ts';
import { freePorts } from '../support/demo.ts';
import { Desk } from '../support/desk.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { RelyingParty, testClient, type Entered } from '../support/relying-party.ts';
import { describeStores } from '../support/stores.ts';

const ANNA = personaOf('anna.rossi')?.attributes ?? {};
const FISCAL_CODE = (ANNA.fiscalNumber ?? '').replace('TINIT-', '');
const SECRET = 'canary-secret-of-a-client-0123456789';
const GUESS = 'canary-guess-of-a-secret-9876543210';

describeStores('what citizens and services entrust to the gateway', (openUrl) => {
  let gateway: TestGateway;
  let store: Store;
  let wiretap: Wiretap;
  let log = '';
  let metrics = '';
  const personal: Canaries = new Map(
    [
      'name',
      'familyName',
      'spidCode',
      'email',
      'mobilePhone',
      'digitalAddress',
      'idCard',
      'dateOfBirth',
    ].flatMap((name) => {
      const value = ANNA[name as keyof typeof ANNA];
      return value && name !== 'name' ? [[name, value] as const] : [];
    }),
  );
  const secret = new Map<string, string>();
  const everything = () => new Map([...personal, ['fiscalNumber', FISCAL_CODE], ...secret]);

  beforeAll(async () => {
    const port = await freePorts(1);
    const storeUrl = await openUrl();
    gateway = await startTestGateway({
      storeUrl,
      clients: [
        testClient('suap', { minimumLevel: 1 }),
        testClient('office', { authMethod: 'client_secret_basic', secrets: [SECRET], refreshTokens: true }),
      ],
      log: createLog({ level: 'debug', destination: { write: (line: string) => (log += line) } }),
      change: (input) => ({ ...input, metrics: { port } }),
    });
    store = await openStore(storeUrl, systemClock);
    wiretap = new Wiretap(gateway.url);
    await everyFlow(new RelyingParty(gateway));
    metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    wiretap.takeOff();
    for (const value of wiretap.secrets) secret.set(`secret ${value.slice(0, 8)}…`, value);
    for (const response of wiretap.responses) {
      const xml = Buffer.from(response, 'base64').toString();
      const nameId = /<saml2?:NameID[^>]*>([^<]+)</.exec(xml)?.[1];
      if (nameId) secret.set(`NameID ${nameId.slice(0, 8)}…`, nameId);
    }
    secret.set('client secret', SECRET).set('guessed secret', GUESS);
  }, 120_000);
  afterAll(async () => {
    wiretap.takeOff();
    await store.close();
    await gateway.stop();
  });

  const refused = (step: Promise<unknown>) =>
    step.catch((error: unknown) => {
      if (!(error instanceof StepFailed)) throw error;
    });

  /** Every way through the gateway that knows something of a citizen. */
  async function everyFlow(service: RelyingParty): Promise<void> {
    const office = { auth: oidc.ClientSecretBasic(SECRET), parameters: { prompt: 'consent' } };
    const entered = await service.enter('office', {
      auth: office.auth,
      parameters: { scope: 'openid profile email offline_access', prompt: 'consent' },
    });
    await oidc.fetchUserInfo(entered.config, entered.tokens.access_token, entered.claims.sub);
    if (entered.tokens.refresh_token)
      await oidc.refreshTokenGrant(entered.config, entered.tokens.refresh_token);
    await guessing(entered);
    await tampering();
    await cancelledLogin(gateway, 'suap');
    await leaving(service);
    await ownPages();
  }

  /** Wrong secrets, wrong codes, wrong tokens. */
  async function guessing({ tokens, back }: Entered): Promise<void> {
    const form = { grant_type: 'authorization_code', code: back.searchParams.get('code') ?? '' };
    const authorization = `Basic ${Buffer.from(`office:${GUESS}`).toString('base64')}`;
    await fetch(`${gateway.url}/oidc/token`, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams(form),
    });
    await fetch(`${gateway.url}/oidc/userinfo`, {
      headers: { authorization: `Bearer ${tokens.access_token.slice(0, -2)}xx` },
    });
  }

  /** The provider's answer once more, and altered. */
  async function tampering(): Promise<void> {
    const response = wiretap.responses.at(-1) ?? '';
    const altered = Buffer.from(response, 'base64').toString().replaceAll(FISCAL_CODE, `${FISCAL_CODE}X`);
    for (const SAMLResponse of [response, Buffer.from(altered).toString('base64'), `${response}!`])
      await fetch(`${gateway.url}/spid/unione/acs`, {
        method: 'POST',
        body: new URLSearchParams({ SAMLResponse, RelayState: FISCAL_CODE }),
      });
  }

  /** A session of level 1 that ends here and at the provider. */
  async function leaving(service: RelyingParty): Promise<void> {
    const browser = service.browser();
    const who = await service.enter('suap', { browser });
    const url = oidc.buildEndSessionUrl(who.config, { id_token_hint: who.tokens.id_token ?? '' }).href;
    await browser.visit('press "Esci"', url);
    await browser.press('leave');
    await browser.press('leave SPID', 'Esci da SPID');
    while (/name="SAML(Request|Response)"/.test(browser.page.html)) await browser.press('on');
    await refused(browser.visit('leave with a wrong hint', `${gateway.url}/oidc/logout?id_token_hint=x`));
  }

  /** "I miei accessi" and the console, right and wrong. */
  async function ownPages(): Promise<void> {
    const citizen = new Desk(gateway);
    const { csrf } = await citizen.signIn('/accessi');
    await citizen.get('/accessi/download');
    await citizen.post('/accessi/not-mine', { csrf, transaction: FISCAL_CODE, client: 'suap' });
    const officer = await deskOf(gateway, 'marco.bianchi', 'data-protection-officer');
    const ask = async (fields: Record<string, string>) =>
      officer.post('/admin/register', { csrf: (await officer.get('/admin/register')).csrf, ...fields });
    await ask({ reason: 'x', fiscalNumber: FISCAL_CODE });
    const found = await ask({ reason: 'accertamento interno', fiscalNumber: FISCAL_CODE });
    const link = /href="(\/admin\/register\/[^"]+\/transactions\/[^"]+)"/.exec(found.html)?.[1] ?? '';
    expect((await officer.get(link)).html).toContain(FISCAL_CODE);
    await officer.download(`${new URL(found.url).pathname}/export`, { csrf: found.csrf });
    const administrator = await deskOf(gateway, 'luca.nicolò', 'union-administrator');
    const grant = { name: 'Chi ha segnalato', role: 'auditor', fiscalNumber: FISCAL_CODE };
    for (const more of [{ role: 'none' }, { entity: '' }, { entity: '' }])
      await administrator.post('/admin/administrators', {
        csrf: (await administrator.get('/admin/administrators')).csrf,
        ...grant,
        ...more,
      });
  }

  it('flowed: there is something to be found, and the search finds it where it is', () => {
    expect(wiretap.responses.length).toBeGreaterThan(3);
    expect(wiretap.refusals.length).toBeGreaterThan(5);
    expect(wiretap.secrets.size).toBeGreaterThan(10);
    expect([...secret.keys()].filter((name) => name.startsWith('NameID')).length).toBeGreaterThan(2);
    const xml = Buffer.from(wiretap.responses[0] ?? '', 'base64').toString();
    expect(canariesIn(xml, everything())).toEqual(expect.arrayContaining(['familyName', 'fiscalNumber']));
    for (const before of ['', 'a', 'bb'])
      expect(canariesIn(Buffer.from(`${before}${FISCAL_CODE}.`).toString('base64'), everything())).toEqual([
        'fiscalNumber',
      ]);
  });

  it('is in no line of the log, and in no metric', () => {
    for (const event of ['spid_response_accepted', 'spid_response_refused', 'secret_wrong'])
      expect(log).toContain(event);
    expect(canariesIn(log, everything())).toEqual([]);
    expect(metrics).toContain('gateway_logins_total');
    // Measured as they stand: rows there are, none overdue, one seal for the export.
    expect(metrics).toMatch(/gateway_register_rows\{entity="unione"\} [1-9]/);
    expect(metrics).toContain('gateway_register_overdue_rows{entity="unione"} 0');
    expect(metrics).toMatch(/gateway_register_seal_timestamp_seconds\{entity="unione"\} 1/);
    expect(metrics).toContain('gateway_register_oldest_month_timestamp_seconds{entity="unione"}');
    expect(canariesIn(metrics, everything())).toEqual([]);
  });

  it('is on no page that says no', () => {
    expect(wiretap.refusals.flatMap((page) => canariesIn(page, everything()))).toEqual([]);
  });

  it('is in no address, but for the hint that the standard puts there, which names nobody', () => {
    // OpenID Connect RP-Initiated Logout, 2: the ID token says who wants to leave.
    const hint = /([?&]id_token_hint=)([^&]+)/;
    for (const address of wiretap.addresses) {
      const [, , token = ''] = hint.exec(address) ?? [];
      const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
      expect(canariesIn(claims, new Map([...personal, ['fiscalNumber', FISCAL_CODE]]))).toEqual([]);
      expect(canariesIn(address.replace(hint, '$1'), everything()), address).toEqual([]);
    }
  });

  it('is in no trace', async () => {
    const { configuration } = gateway;
    const keys = loadKeys(configuration.keys.directory, { passphrase: configuration.keys.passphrase });
    const register = openRegister(configuration, keys);
    const references = await store.db.selectFrom('register_entries').select('reference').distinct().execute();
    expect(references.length).toBeGreaterThan(5);
    for (const { reference } of references) {
      const story = JSON.stringify(await register.trace(store.db, reference));
      expect(canariesIn(story, everything())).toEqual([]);
    }
  });

  it('is in no column of any table that is not encrypted', async () => {
    expect(await registeredEntities(store.db)).toEqual(['unione']);
    expect(await canariesInStore(store, everything())).toEqual([]);
  });
});
