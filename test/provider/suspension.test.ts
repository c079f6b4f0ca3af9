import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { AuditTrail } from '../../src/audit/trail.ts';
import type { ClientChanges } from '../../src/clients/changes.ts';
import { ClientSecrets } from '../../src/clients/secrets.ts';
import { EntityRegister } from '../../src/entities/register.ts';
import { clientChanges } from '../../src/gateway/clients.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import type { ClientState } from '../../src/clients/state.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { logoutListener, type LogoutListener } from '../support/logout-listener.ts';
import { RelyingParty, testClient, type Entered } from '../support/relying-party.ts';
import { describeStores } from '../support/stores.ts';

const BY = { actor: { kind: 'operator', name: 'test' }, via: 'command-line' } as const;
const SECRET = 'a long secret of this test, nothing else';
const JWT_API = 'https://api.unione.example.it/pratiche';
const OPAQUE_API = 'https://api.unione.example.it/archivio';
const WAIT = { timeout: 5000, interval: 20 };

describeStores('a client that is suspended', (openUrl) => {
  let gateway: TestGateway;
  let party: RelyingParty;
  let store: Store;
  let changes: ClientChanges;
  let listener: LogoutListener;
  let ahead = 0;

  beforeAll(async () => {
    const storeUrl = await openUrl();
    listener = await logoutListener();
    const secret = { authMethod: 'client_secret_basic' as const, secrets: [SECRET] };
    const backEnd = { ...secret, redirectUris: [], postLogoutRedirectUris: [], attributes: [] };
    const apis = [
      { resource: JWT_API, scopes: ['read'] },
      { resource: OPAQUE_API, scopes: ['read'] },
    ];
    gateway = await startTestGateway({
      storeUrl,
      // The library tells the time by the system's clock: ours runs ahead of it.
      clock: { now: () => new Date(systemClock.now().getTime() + ahead) },
      change: (input) => ({
        ...input,
        apis: [
          { resource: JWT_API, name: { it: 'Pratiche' }, scopes: ['read'] },
          ...[{ resource: OPAQUE_API, name: { it: 'Archivio' }, scopes: ['read'] }].map((api) => ({
            ...api,
            tokenFormat: 'opaque' as const,
            introspectedBy: 'archive',
          })),
        ],
      }),
      clients: [
        testClient('suap', {
          ...secret,
          refreshTokens: true,
          protocol: { apis },
          attributes: [{ name: 'name', purpose: { it: 'prova' }, legalBasis: { ground: 'consent' } }],
          backchannelLogoutUri: listener.url,
        }),
        testClient('robot', {
          ...backEnd,
          protocol: { withoutCitizens: true, clientCredentials: true, apis },
        }),
        testClient('archive', { ...backEnd, protocol: { withoutCitizens: true } }),
      ],
    });
    party = new RelyingParty(gateway);
    store = await openStore(storeUrl, systemClock);
    const { configuration } = gateway;
    const keys = loadKeys(configuration.keys.directory, { passphrase: configuration.keys.passphrase });
    changes = clientChanges(configuration, {
      store,
      keys,
      clock: systemClock,
      trail: new AuditTrail(keys),
      entities: await new EntityRegister(store, systemClock, gateway.url).fresh(),
      secrets: new ClientSecrets(store, systemClock),
    });
  });
  beforeEach(() => setState('live'));
  afterAll(async () => {
    await store.close();
    await gateway.stop();
    await listener.close();
  });

  const auth = () => oidc.ClientSecretBasic(SECRET);
  const setState = async (state: ClientState) => {
    for (const id of ['suap', 'robot']) {
      const { version, ...now } = await changes.get(id);
      if (now.state !== state) await changes.setState(id, version, state, BY);
    }
  };
  const enter = (parameters: Record<string, string> = {}) =>
    party.enter('suap', { auth: auth(), parameters });
  const userinfo = ({ config, tokens, claims }: Entered) =>
    oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
  const introspected = async (token: string) =>
    (await oidc.tokenIntrospection(await party.configure('archive', auth()), token)).active;
  const opaqueFor = async (id: string) =>
    (await oidc.clientCredentialsGrant(await party.configure(id, auth()), { resource: OPAQUE_API }))
      .access_token;

  it('gets nothing more from one moment to the next: no userinfo, no refresh, no login, no token of its own', async () => {
    const entered = await enter();
    expect(await userinfo(entered)).toHaveProperty('name');
    await setState('suspended');
    await expect(userinfo(entered)).rejects.toMatchObject({
      cause: [{ parameters: { error: 'invalid_token', error_description: 'client_suspended' } }],
    });
    const told = {
      cause: [{ parameters: { error: 'invalid_client', error_description: 'client_suspended' } }],
    };
    const { config, tokens } = entered;
    await expect(oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject(told);
    await expect(oidc.tokenIntrospection(config, tokens.access_token)).rejects.toMatchObject(told);
    await expect(opaqueFor('robot')).rejects.toMatchObject(told);
    const { url } = await party.request(config);
    const refused = await fetch(url, { redirect: 'manual' });
    expect([refused.status, refused.headers.get('location')]).toEqual([400, null]);
  });

  it('has no token left that an API would take after asking; a JWT lives out its ten minutes', async () => {
    const own = await opaqueFor('robot');
    const { config, back, checks } = await authorized(JWT_API);
    const jwt = await oidc.authorizationCodeGrant(config, back, checks, { resource: JWT_API });
    const citizens = await oidc.refreshTokenGrant(config, jwt.refresh_token ?? '', { resource: OPAQUE_API });
    expect([await introspected(own), await introspected(citizens.access_token)]).toEqual([true, true]);
    await setState('suspended');
    expect([await introspected(own), await introspected(citizens.access_token)]).toEqual([false, false]);
    const { iat = 0, exp = 0 } = decodeJwt(jwt.access_token);
    expect(exp - iat).toBe(600);
  });

  it('starts anew when it is live again: what it was given before is good for nothing, and new logins work', async () => {
    const own = await opaqueFor('robot');
    const entered = await enter();
    const { config, tokens } = entered;
    const begun = await authorized(OPAQUE_API);
    await setState('suspended');
    await setState('live');
    expect(await introspected(own)).toBe(false);
    await expect(userinfo(entered)).rejects.toThrow();
    const refused = { error: 'invalid_grant' };
    await expect(oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject(refused);
    await expect(
      oidc.authorizationCodeGrant(begun.config, begun.back, begun.checks, { resource: OPAQUE_API }),
    ).rejects.toMatchObject(refused);
    expect(await userinfo(await enter())).toHaveProperty('name');
    expect(await introspected(await opaqueFor('robot'))).toBe(true);
  });

  it('cannot be entered with a login that began before', async () => {
    const config = await party.configure('suap', auth());
    const browser = party.browser();
    await browser.visit('authorization request', (await party.request(config)).url);
    await setState('suspended');
    await expect(browser.press('choose the provider', gateway.providers[0])).rejects.toThrow('400');
  });

  it('has the grant ended everywhere when one of its refresh tokens is taken back', async () => {
    const { config, back, checks } = await authorized(OPAQUE_API);
    const api = await oidc.authorizationCodeGrant(config, back, checks, { resource: OPAQUE_API });
    expect(await introspected(api.access_token)).toBe(true);
    await oidc.tokenRevocation(config, api.refresh_token ?? '');
    expect(await introspected(api.access_token)).toBe(false);
    await expect(oidc.refreshTokenGrant(config, api.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('is told of a logout when it is live again', async () => {
    const browser = party.browser();
    const { config, tokens, claims } = await party.enter('suap', { auth: auth(), browser });
    await setState('suspended');
    await browser.visit('leave', `${gateway.url}/oidc/logout`);
    await browser.press('leave', 'yes');
    const notices = () => store.db.selectFrom('logout_notices').select('failure').execute();
    await vi.waitFor(async () => expect(await notices()).toEqual([{ failure: 'suspended' }]), WAIT);
    await setState('live');
    ahead += 60_000;
    const told = () => listener.tokens.filter((token) => decodeJwt(token)['sid'] === claims['sid']);
    await vi.waitFor(() => expect(told()).toHaveLength(1), WAIT);
    await expect(oidc.fetchUserInfo(config, tokens.access_token, claims.sub)).rejects.toThrow();
  });

  async function authorized(resource: string) {
    const config = await party.configure('suap', auth());
    const { url, checks } = await party.request(config, {
      parameters: { scope: 'openid read', resource },
      build: (from, parameters) => {
        const request = oidc.buildAuthorizationUrl(from, parameters);
        for (const other of [JWT_API, OPAQUE_API])
          if (other !== resource) request.searchParams.append('resource', other);
        return request;
      },
    });
    return { config, checks, back: await gateway.login(url) };
  }
});
