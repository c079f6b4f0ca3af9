import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Driver } from '../../src/demo/driver.ts';
import { supportReferenceOf } from '../../src/demo/forms.ts';
import { Identities } from '../../src/identity/identities.ts';
import { Persons } from '../../src/identity/persons.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { Endings } from '../../src/provider/endings.ts';
import { LogoutNotices } from '../../src/provider/logout-notices.ts';
import { revokeCitizen } from '../../src/provider/revoke-citizen.ts';
import { openStore } from '../../src/store/store.ts';
import { browserWithin, startTestGateway, untilClient, type TestGateway } from '../support/gateway.ts';
import { logoutListener, type LogoutListener } from '../support/logout-listener.ts';
import { RelyingParty, testClient, type Entered } from '../support/relying-party.ts';
import { describeStores } from '../support/stores.ts';

const BYE = 'https://client.example.it/bye';
const WAIT = { timeout: 5000, interval: 20 };

describeStores('signing out', (openUrl) => {
  let gateway: TestGateway;
  let party: RelyingParty;
  let first: LogoutListener;
  let second: LogoutListener;
  let ahead = 0;

  beforeAll(async () => {
    [first, second] = await Promise.all([logoutListener(), logoutListener()]);
    gateway = await startTestGateway({
      storeUrl: await openUrl(),
      // eslint-disable-next-line no-restricted-syntax -- the library tells the time by the system's clock: ours runs ahead of it
      clock: { now: () => new Date(Date.now() + ahead) },
      clients: [
        testClient('suap', { backchannelLogoutUri: first.url, minimumLevel: 1 }),
        testClient('canteen', { backchannelLogoutUri: second.url, minimumLevel: 1 }),
        testClient('deaf', { minimumLevel: 1 }),
      ],
    });
    party = new RelyingParty(gateway);
  });
  afterAll(async () => {
    await gateway.stop();
    await Promise.all([first.close(), second.close()]);
  });

  /** A citizen who has entered all three services from one browser. */
  async function entered(): Promise<{ browser: Driver; suap: Entered; canteen: Entered }> {
    const browser = party.browser();
    const suap = await party.enter('suap', { browser });
    const canteen = await party.enter('canteen', { browser, silently: true });
    await party.enter('deaf', { browser, silently: true });
    return { browser, suap, canteen };
  }

  const endSession = (from: Entered, parameters: Record<string, string>) =>
    oidc.buildEndSessionUrl(from.config, parameters).href;

  /** What the command line does. @returns how many identities have ended; undefined for whoever was never here */
  async function revoke(value: string): Promise<number | undefined> {
    const { configuration } = gateway;
    const keys = loadKeys(configuration.keys.directory, { passphrase: configuration.keys.passphrase });
    const store = await openStore(configuration.store.url, systemClock);
    const notices = new LogoutNotices(store, keys.cipher, systemClock);
    const parts = {
      notices,
      subject: keys.subject,
      persons: new Persons(keys.personHash, systemClock),
      identities: new Identities(store, keys.cipher, systemClock),
      endings: new Endings(keys.cipher, notices),
    };
    try {
      return await store.transaction((transaction) =>
        revokeCitizen(transaction, parts, { kind: 'it-fiscal', value }),
      );
    } finally {
      await store.close();
    }
  }

  async function isSignedIn(browser: Driver, id: string): Promise<boolean> {
    const { url } = await party.request(await party.configure(id), { parameters: { prompt: 'none' } });
    return (await party.silently(browser, url)).searchParams.has('code');
  }

  it('tells every service, also those entered from several tabs at the same moment', async () => {
    const sids = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const browser = party.browser();
        await party.enter('deaf', { browser });
        const tabs = await Promise.all(
          ['suap', 'canteen'].map((id) => party.enter(id, { browser, silently: true })),
        );
        await browser.visit('leave', `${gateway.url}/oidc/logout`);
        await browser.press('leave', 'yes');
        return tabs.map(({ claims }) => claims['sid']);
      }),
    );
    await vi.waitFor(() => {
      const told = [first, second].map(({ tokens }) => tokens.map((token) => decodeJwt(token)['sid']));
      for (const [ofSuap, ofCanteen] of sids) {
        expect(told[0]).toContain(ofSuap);
        expect(told[1]).toContain(ofCanteen);
      }
    }, WAIT);
  });

  it('leaves at once at the word of a service with its ID token, and tells every service of the session', async () => {
    const { browser, suap, canteen } = await entered();
    const url = endSession(suap, {
      id_token_hint: suap.tokens.id_token ?? '',
      post_logout_redirect_uri: BYE,
      state: 'x',
    });
    await browser.visit('sign out', url);
    // A browser with scripts presses by itself.
    await browser.press('leave');
    // At level 1 the identity provider can be left too (test/journeys/sign-out.test.ts).
    const back = await untilClient(() => browser.click('back', 'Torna al servizio'));
    expect(back.href).toBe(`${BYE}?state=x`);
    expect(await isSignedIn(browser, 'suap')).toBe(false);
    for (const { config, tokens, claims } of [suap, canteen])
      await expect(oidc.fetchUserInfo(config, tokens.access_token, claims.sub)).rejects.toThrow();
    for (const [listener, who] of [
      [first, suap],
      [second, canteen],
    ] as const) {
      await vi.waitFor(() => expect(toldOf(listener, who)).toHaveLength(1), WAIT);
      await expectLogoutToken(toldOf(listener, who)[0] ?? '', who);
    }
  });

  it('asks first where nothing proves who wants it, and stays if she stays', async () => {
    const { browser, suap } = await entered();
    const page = await browser.visit('sign out', endSession(suap, { post_logout_redirect_uri: BYE }));
    expect(page.html).toContain('Vuoi uscire?');
    await untilClient(() => browser.press('stay', 'Rimani'));
    expect(await isSignedIn(browser, 'canteen')).toBe(true);
    await browser.visit('sign out', endSession(suap, {}));
    const stayed = await browser.press('stay', 'Rimani');
    expect(stayed.html).toContain('Sei uscito da un solo servizio');
    expect(stayed.html).toContain('restano aperti');
    expect(await isSignedIn(browser, 'canteen')).toBe(true);
    await browser.visit('sign out', endSession(suap, {}));
    const closed = await browser.press('leave', 'yes');
    expect(closed.html).toContain('Sei uscito');
    for (const name of ['Servizio canteen', 'Servizio deaf']) expect(closed.html).toContain(name);
    expect(await isSignedIn(browser, 'canteen')).toBe(false);
    expect((await browser.visit('again', closed.url)).status).toBe(200);
  });

  it('asks first when the ID token is of another session, and refuses a forged one and a foreign address', async () => {
    const { browser, suap } = await entered();
    const other = await party.enter('suap', { user: 'hans.muster' });
    const hint = other.tokens.id_token ?? '';
    const page = await browser.visit('sign out', endSession(suap, { id_token_hint: hint }));
    expect(page.html).toContain('Vuoi uscire?');
    const forged = `${hint.slice(0, -10)}AAAAAAAAAA`;
    for (const url of [
      endSession(suap, { id_token_hint: forged }),
      endSession(suap, { post_logout_redirect_uri: 'https://evil.example/' }),
    ]) {
      expect((await fetch(url)).status).toBe(400);
    }
    expect(await isSignedIn(browser, 'suap')).toBe(true);
  });

  it.each(['GET', 'POST'])(
    'keeps the ID token of a logout by %s out of the addresses, links and forms of its pages',
    async (method) => {
      const { browser, suap } = await entered();
      // Of another session: so the page that asks is shown.
      const other = await party.enter('suap', { user: 'hans.muster' });
      const hint = other.tokens.id_token ?? '';
      const parameters = { id_token_hint: hint, post_logout_redirect_uri: BYE, state: 'x y' };
      const answer =
        method === 'GET'
          ? await fetch(endSession(suap, parameters), { redirect: 'manual' })
          : await fetch(`${gateway.url}/oidc/logout`, {
              method,
              body: new URLSearchParams(parameters),
              redirect: 'manual',
            });
      const onward = answer.headers.get('location') ?? '';
      expect([answer.status, onward]).toEqual([
        303,
        expect.stringMatching(/^\/oidc\/logout\?kept=[\w-]{32}$/),
      ]);
      const page = await browser.visit('sign out', `${gateway.url}${onward}`);
      expect(page.html).toContain('Vuoi uscire?');
      expect(page.html).not.toContain(hint.slice(-20));
      const english = await browser.click('switch the language', 'English');
      expect(english.html).toContain('Do you want to sign out?');
      expect(english.url + english.html).not.toContain(hint.slice(-20));
      expect((await untilClient(() => browser.press('stay', 'Stay'))).href).toBe(`${BYE}?state=x+y`);
    },
  );

  it('has no links with the ID token of a request that is refused', async () => {
    const { suap } = await entered();
    const hint = suap.tokens.id_token ?? '';
    const query = new URLSearchParams({ client_id: 'nobody', id_token_hint: hint }).toString();
    for (const path of ['auth', 'logout']) {
      const answer = await fetch(`${gateway.url}/oidc/${path}?${query}`);
      expect(answer.status, path).toBe(400);
      expect(await answer.text(), path).not.toContain(hint.slice(-20));
    }
  });

  it('keeps a request under a name for a while, and says so when it is over', async () => {
    const answer = await fetch(`${gateway.url}/oidc/logout?kept=${'x'.repeat(32)}`);
    expect(answer.status).toBe(400);
    expect(supportReferenceOf(await answer.text())).toBeDefined();
  });

  it('says goodbye to whoever is not signed in, and takes her back', async () => {
    const { suap } = await entered();
    const nobody = party.browser();
    await nobody.visit(
      'sign out',
      endSession(suap, { id_token_hint: suap.tokens.id_token ?? '', post_logout_redirect_uri: BYE }),
    );
    expect((await untilClient(() => nobody.press('go on'))).href).toBe(BYE);
  });

  it('ends everything of a citizen at the word of an operator, and nothing of others', async () => {
    const { browser, suap, canteen } = await entered();
    const bystander = party.browser();
    const other = await party.enter('suap', { browser: bystander, user: 'anna.rossi.omocode' });
    expect(await revoke('RSSMRA80A01H501U')).toBeUndefined();
    expect(await revoke('RSSNNA85T50G843V')).toBeGreaterThan(0);
    expect(await isSignedIn(browser, 'suap')).toBe(false);
    for (const { config, tokens, claims } of [suap, canteen])
      await expect(oidc.fetchUserInfo(config, tokens.access_token, claims.sub)).rejects.toThrow();
    await vi.waitFor(() => expect(toldOf(second, canteen)).toHaveLength(1), WAIT);
    expect(await isSignedIn(bystander, 'suap')).toBe(true);
    expect(
      await oidc.fetchUserInfo(other.config, other.tokens.access_token, other.claims.sub),
    ).toHaveProperty('name');
  });

  it('tells the service when a login has been ended before it was through', async () => {
    const { url } = await party.request(await party.configure('suap'));
    const browser = browserWithin([gateway.url, ...gateway.providers], undefined, async ({ pathname }) => {
      if (/^\/oidc\/auth\/./.test(pathname)) await revoke('RSSNNA85T50G843V');
    });
    const back = await gateway.login(url, { browser });
    expect(Object.fromEntries(back.searchParams)).toMatchObject({
      error: 'login_required',
      error_description: 'not_signed_in',
    });
  });

  it('tells a service that was down for a minute when it is back, and only once', async () => {
    const { browser, suap, canteen } = await entered();
    second.down = true;
    const before = second.attempts;
    await browser.visit('sign out', endSession(suap, { id_token_hint: suap.tokens.id_token ?? '' }));
    await browser.press('leave');
    await vi.waitFor(() => expect(second.attempts).toBeGreaterThan(before), WAIT);
    const attempted = second.attempts;
    await untilLater(() => expect(second.attempts).toBeGreaterThan(attempted));
    expect(toldOf(second, canteen)).toEqual([]);
    second.down = false;
    await untilLater(() => expect(toldOf(second, canteen)).toHaveLength(1));
    await vi.waitFor(() => expect(toldOf(first, suap)).toHaveLength(1), WAIT);
  });

  /** The pause before the next attempt begins when the last has ended, whenever that is. */
  const untilLater = (check: () => void) =>
    vi.waitFor(() => {
      ahead += 10_000;
      check();
    }, WAIT);

  const toldOf = (listener: LogoutListener, { claims }: Entered) =>
    listener.tokens.filter((token) => decodeJwt(token)['sid'] === claims['sid']);

  async function expectLogoutToken(token: string, { claims }: Entered): Promise<void> {
    const keys = createRemoteJWKSet(new URL(`${gateway.url}/oidc/jwks`));
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: gateway.url,
      audience: claims.aud as string,
      typ: 'logout+jwt',
    });
    expect(protectedHeader.alg).toBe('RS256');
    expect(payload).toMatchObject({
      sub: claims.sub,
      sid: claims['sid'],
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      jti: expect.any(String) as string,
    });
    expect(claims['sid']).toBeTypeOf('string');
    expect(decodeJwt(token)).not.toHaveProperty('nonce');
  }
});
