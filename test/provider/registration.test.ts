import * as oidc from 'openid-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { By } from '../../src/audit/entry.ts';
import { AuditTrail } from '../../src/audit/trail.ts';
import { RegistrationTokens } from '../../src/clients/registration-tokens.ts';
import { ClientSecrets } from '../../src/clients/secrets.ts';
import { EntityRegister } from '../../src/entities/register.ts';
import { clientChanges } from '../../src/gateway/clients.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { systemClock, type Clock } from '../../src/operations/clock.ts';
import { createLog } from '../../src/operations/log.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { RelyingParty, testClient } from '../support/relying-party.ts';
import { describeStores } from '../support/stores.ts';

const BY: By = { actor: { kind: 'operator', name: 'test' }, via: 'command-line' };
const METADATA = {
  client_name: 'Iscrizioni',
  'client_name#en': 'Enrolment',
  redirect_uris: ['https://client.example.it/callback'],
};
const DAY_MS = 24 * 60 * 60 * 1000;

describeStores('dynamic client registration', (openUrl) => {
  const logged: string[] = [];
  let gateway: TestGateway;
  let store: Store;
  let keys: ReturnType<typeof loadKeys>;
  let trail: AuditTrail;
  let trial = '';

  beforeAll(async () => {
    const storeUrl = await openUrl();
    gateway = await startTestGateway({
      clients: [testClient('suap')],
      storeUrl,
      log: createLog({ level: 'info', destination: { write: (line) => void logged.push(line) } }),
      change: (input) => {
        trial = `http://127.0.0.1:${Number(new URL(input.publicUrl).port) + 2}`;
        const { spid } = input.sources;
        const identityProviders = { ...spid.identityProviders, test: [trial] };
        const sources = { spid: { ...spid, identityProviders } };
        // Whoever asks is told apart by address, as behind a proxy: bad tokens are counted for each.
        return { ...input, sources, dynamicRegistration: true, behindProxy: true };
      },
    });
    const { keys: configured } = gateway.configuration;
    keys = loadKeys(configured.directory, { passphrase: configured.passphrase });
    trail = new AuditTrail(keys);
    store = await openStore(storeUrl, systemClock);
  });
  afterAll(async () => {
    await store.close();
    await gateway.stop();
  });

  const entities = { get: (id: string) => (id === 'unione' ? {} : undefined) };
  const tokensOn = (clock: Clock) => new RegistrationTokens({ store, trail, clock, entities, offered: true });
  const issue = (uses = 1, clock: Clock = systemClock) => {
    const hosts = ['client.example.it'];
    return tokensOn(clock).issue({ entityId: 'unione', hosts, days: 30, uses }, BY);
  };
  const clients = async () =>
    (await store.db.selectFrom('clients').select('id').execute()).map(({ id }) => id).sort();
  const usesLeft = async (id: string) =>
    (await tokensOn(systemClock).list()).find((token) => token.id === id)?.usesLeft;
  const refusals = async (id: string) => {
    const target = { kind: 'registration-token', id };
    const entries = await trail.list(store.db, { limit: 50, target });
    return entries.filter(({ outcome }) => outcome === 'refused').map(({ after }) => after);
  };

  let sender = 0;
  async function post(token: string | undefined, body: unknown, from = `192.0.2.${++sender}`) {
    const answer = await fetch(`${gateway.url}/oidc/register`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-forwarded-for': from,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const { error, error_description } = (await answer.json()) as Record<string, string>;
    return { status: answer.status, error, description: error_description, headers: answer.headers };
  }

  it('lets a stock library register from discovery alone, into the test stage, and citizens in after approval', async () => {
    const { id: tokenId, token } = await issue();
    const config = await oidc.dynamicClientRegistration(
      new URL(gateway.url),
      { ...METADATA, contacts: ['ufficio@example.it'], grant_types: ['authorization_code', 'refresh_token'] },
      undefined,
      { initialAccessToken: token, execute: [oidc.allowInsecureRequests] },
    );
    const registered = config.clientMetadata();
    expect(registered).toMatchObject({
      ...METADATA,
      'client_name#it': 'Iscrizioni',
      contacts: ['ufficio@example.it'],
      client_uri: 'https://client.example.it/',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: 'openid',
      subject_type: 'pairwise',
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret_expires_at: 0,
    });
    expect(Object.keys(registered)).not.toContain('sector_identifier_uri');
    const { client_id: id, client_secret: secret = '' } = registered;
    expect(logged.join('')).not.toContain(token);

    const party = new RelyingParty(gateway);
    const auth = oidc.ClientSecretBasic(secret);
    const parameters = { scope: 'openid' };
    const tried = await party.enter(id, { auth, parameters, provider: trial });
    expect(tried.claims.aud).toBe(id);
    const { url } = await party.request(tried.config, { parameters });
    await expect(gateway.login(url)).rejects.toThrow();

    const register = await new EntityRegister(store, systemClock, gateway.url).fresh();
    const changes = clientChanges(gateway.configuration, {
      store,
      keys,
      trail,
      clock: systemClock,
      entities: register,
      secrets: new ClientSecrets(store, systemClock),
    });
    expect(await changes.get(id)).toMatchObject({
      state: 'test',
      client: { entity: 'unione', attributes: [] },
    });
    await changes.setState(id, 1, 'live', BY);
    expect((await party.enter(id, { auth, parameters })).claims.aud).toBe(id);

    const [created] = (await trail.list(store.db, { limit: 10, target: { kind: 'client', id } })).reverse();
    expect(created).toMatchObject({ action: 'client.create', via: 'registration', actor: tokenId });
    const used = await trail.list(store.db, {
      limit: 10,
      target: { kind: 'registration-token', id: tokenId },
    });
    expect(used.map(({ action }) => action)).toEqual(['registration-token.use', 'registration-token.issue']);
    expect(used[0]?.after).toEqual({ clientId: id, usesLeft: 0 });
    expect(JSON.stringify(used)).not.toContain(token);
  });

  it('registers what a service does beyond the ordinary flow, and gives whoever proves itself otherwise no secret', async () => {
    const { token } = await issue();
    const wanted = {
      ...METADATA,
      token_endpoint_auth_method: 'none',
      dpop_bound_access_tokens: true,
      require_pushed_authorization_requests: true,
      id_token_signed_response_alg: 'ES256',
      post_logout_redirect_uris: ['https://client.example.it/bye'],
      backchannel_logout_uri: 'https://client.example.it/logout',
    };
    const config = await oidc.dynamicClientRegistration(new URL(gateway.url), wanted, undefined, {
      initialAccessToken: token,
      execute: [oidc.allowInsecureRequests],
    });
    expect(config.clientMetadata()).toMatchObject(wanted);
    expect(config.clientMetadata()).not.toHaveProperty('client_secret');
    const { url } = await new RelyingParty(gateway).request(config, { parameters: { scope: 'openid' } });
    const refused = await fetch(url, { redirect: 'manual' });
    expect(refused.headers.get('location')).toContain('error_description=pushed_request_required');
  });

  it('registers with each use of a token one service, however many ask at once', async () => {
    const { id, token } = await issue(2);
    const before = (await clients()).length;
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(token, METADATA)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 401, 401, 401, 401]);
    expect((await clients()).length).toBe(before + 2);
    expect(await post(token, METADATA)).toMatchObject({
      status: 401,
      error: 'invalid_token',
      description: 'registration_token_used',
    });
    expect(await refusals(id)).toContainEqual({ code: 'registration_token_used' });
  });

  it('refuses tokens that are missing, unknown, expired or revoked, and writes no service', async () => {
    const old = { now: () => new Date(systemClock.now().getTime() - 31 * DAY_MS) };
    const [expired, revoked] = [await issue(1, old), await issue()];
    await tokensOn(systemClock).revoke(revoked.id, BY);
    const before = await clients();
    const nothing = await post(undefined, METADATA);
    expect(nothing).toMatchObject({ status: 401, description: 'registration_token_missing' });
    expect(nothing.headers.get('www-authenticate')).toBe('Bearer');
    for (const [token, description] of [
      ['x'.repeat(43), 'registration_token_unknown'],
      [expired.token, 'registration_token_expired'],
      [revoked.token, 'registration_token_revoked'],
    ] as const) {
      const answer = await post(token, METADATA);
      expect(answer).toMatchObject({ status: 401, error: 'invalid_token', description });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    }
    expect(await clients()).toEqual(before);
    expect(await refusals(expired.id)).toEqual([{ code: 'registration_token_expired' }]);
    expect(await refusals(revoked.id)).toEqual([{ code: 'registration_token_revoked' }]);
  });

  it('refuses metadata that is wrong or beyond what the token allows, uses nothing up and writes no service', async () => {
    const { id, token } = await issue();
    const before = await clients();
    const elsewhere = 'https://elsewhere.example.it/x';
    const metadata = 'invalid_client_metadata';
    for (const [body, error, description] of [
      [{ redirect_uris: [elsewhere] }, 'invalid_redirect_uri', 'host_not_allowed: redirect_uris[0]'],
      [
        { redirect_uris: ['it.example.app://client.example.it/x'], application_type: 'native' },
        ...(['invalid_redirect_uri', 'host_not_allowed: redirect_uris[0]'] as const),
      ],
      [{ redirect_uris: [] }, 'invalid_redirect_uri', 'metadata_invalid: redirect_uris'],
      [
        { redirect_uris: ['http://client.example.it/x'] },
        ...(['invalid_redirect_uri', 'metadata_invalid: redirect_uris[0]'] as const),
      ],
      [{ client_uri: elsewhere }, metadata, 'host_not_allowed: client_uri'],
      [{ jwks_uri: elsewhere }, metadata, 'host_not_allowed: jwks_uri'],
      [{ backchannel_logout_uri: elsewhere }, metadata, 'host_not_allowed: backchannel_logout_uri'],
      [
        { post_logout_redirect_uris: [elsewhere] },
        metadata,
        'host_not_allowed: post_logout_redirect_uris[0]',
      ],
      [{ scope: 'openid profile' }, metadata, 'metadata_invalid: scope'],
      [{ client_name: undefined, 'client_name#en': undefined }, metadata, 'metadata_invalid: client_name'],
      [{ grant_types: ['client_credentials'] }, metadata, 'metadata_invalid: grant_types'],
      [{ response_types: ['id_token'] }, metadata, 'metadata_invalid: response_types'],
      [{ subject_type: 'public' }, metadata, 'metadata_invalid: subject_type'],
      [{ sector_identifier_uri: elsewhere }, metadata, 'metadata_invalid: sector_identifier_uri'],
      [
        { require_signed_request_object: true },
        ...([metadata, 'metadata_invalid: request_object_signing_alg'] as const),
      ],
      [
        { require_signed_request_object: false, request_object_signing_alg: 'ES256' },
        ...([metadata, 'metadata_invalid: require_signed_request_object'] as const),
      ],
      [{ token_endpoint_auth_method: 'private_key_jwt' }, metadata, 'metadata_invalid: jwks'],
      [{ id_token_signed_response_alg: 'none' }, metadata, 'metadata_invalid: id_token_signed_response_alg'],
      [
        { redirect_uris: [elsewhere, ...METADATA.redirect_uris, `${elsewhere}2`] },
        'invalid_redirect_uri',
        'host_not_allowed: redirect_uris[0]: allowed: an address on client.example.it; redirect_uris[2]: allowed',
      ],
      [{ scope: 'profile', subject_type: 'public' }, metadata, '; subject_type: allowed: pairwise'],
    ] as const) {
      const answer = await post(token, { ...METADATA, ...body });
      expect(answer).toMatchObject({ status: 400, error });
      expect(answer.description).toContain(description);
    }
    expect(await post(token, 'no JSON')).toMatchObject({
      status: 400,
      description: 'metadata_invalid: body: allowed: JSON',
    });
    expect(await clients()).toEqual(before);
    expect(await usesLeft(id)).toBe(1);
    expect(await refusals(id)).toHaveLength(21);
  });

  it('looks at no token any more from where ten bad ones came', async () => {
    const { id, token } = await issue();
    const from = '198.51.100.7';
    for (let at = 0; at < 10; at++)
      expect((await post(`${'x'.repeat(42)}${at}`, METADATA, from)).status).toBe(401);
    const answer = await post(token, METADATA, from);
    expect(answer).toMatchObject({ status: 429, description: 'too_many_requests' });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await usesLeft(id)).toBe(1);
  });
});

it('is neither advertised nor there unless it is switched on', async () => {
  const gateway = await startTestGateway({ clients: [testClient('suap')], storeUrl: 'sqlite::memory:' });
  try {
    const discovery = await fetch(`${gateway.url}/.well-known/openid-configuration`);
    expect(await discovery.json()).not.toHaveProperty('registration_endpoint');
    const headers = { authorization: `Bearer ${'x'.repeat(43)}`, 'content-type': 'application/json' };
    const body = JSON.stringify(METADATA);
    const answer = await fetch(`${gateway.url}/oidc/register`, { method: 'POST', headers, body });
    expect(answer.status).toBe(404);
  } finally {
    await gateway.stop();
  }
});
