import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/operations/clock.ts';
import { createLog } from '../../src/operations/log.ts';
import { SERVICE_ERRORS } from '../../src/provider/service-errors.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { REDIRECT, RelyingParty, testClient } from '../support/relying-party.ts';

const SECRET = 'a long secret of this test, nothing else';
const OLD = 'a secret whose time is over, long enough';

it('docs/services.md tells cause and remedy of every error that the table in the code knows, and of no other', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/services.md'), 'utf8');
  const requests = guide.slice(guide.indexOf('**Who is asking**'));
  const documented = [...requests.matchAll(/^\| (`[^|]*) \| [^|]+ \| [^|]+ \|$/gm)]
    .flatMap(([, codes = '']) => codes.split(', '))
    .map((code) => code.replaceAll('`', ''))
    .filter((code) => code !== 'error_description');
  expect(documented.sort()).toEqual(Object.keys(SERVICE_ERRORS).sort());
});

it('waits for no text that the library does not say, so that another version of it is noticed', () => {
  const root = join(import.meta.dirname, '../../node_modules/oidc-provider/lib');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.js'),
  );
  const library = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
  // Some are put together there: `${label} not found`.
  const isSaid = (text: string) =>
    library.includes(text) ||
    text.split(' ').some((_, at, all) => library.includes(`} ${all.slice(at + 1).join(' ')}`) && at < 2);
  expect(
    Object.values<readonly string[]>(SERVICE_ERRORS)
      .flat()
      .filter((text) => !isSaid(text)),
  ).toEqual([]);
});

describe('what a service is told when it is refused', () => {
  const directory = mkdtempSync(join(tmpdir(), 'service-errors-'));
  const logged: string[] = [];
  let gateway: TestGateway;
  let party: RelyingParty;
  let store: Store;

  beforeAll(async () => {
    const storeUrl = `sqlite:${join(directory, 'gateway.db')}`;
    const confidential = { authMethod: 'client_secret_basic' as const, secrets: [SECRET, OLD] };
    gateway = await startTestGateway({
      storeUrl,
      log: createLog({ level: 'info', destination: { write: (line) => void logged.push(line) } }),
      clients: [
        testClient('suap', { ...confidential, refreshTokens: true }),
        testClient('plain'),
        testClient('jarm', { protocol: { signedResponses: true } }),
        testClient('pushing', { protocol: { pushedRequests: true } }),
        testClient('suspended', confidential),
        testClient('retired', confidential),
      ],
    });
    party = new RelyingParty(gateway);
    store = await openStore(storeUrl, systemClock);
    for (const state of ['suspended', 'retired'])
      await store.db.updateTable('clients').set({ state }).where('id', '=', state).execute();
    const [, old] = await store.db
      .selectFrom('client_secrets')
      .select('id')
      .where('client_id', '=', 'suap')
      .orderBy('created_at')
      .execute();
    const now = systemClock.now().getTime();
    await store.db
      .updateTable('client_secrets')
      .set({ expires_at: now })
      .where('id', '=', old?.id ?? '')
      .execute();
  });
  afterEach(() => vi.useRealTimers());
  afterAll(async () => {
    await store.close();
    await gateway.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const basic = (id: string, secret: string) => ({
    authorization: `Basic ${Buffer.from(`${id}:${encodeURIComponent(secret)}`).toString('base64')}`,
  });
  async function post(path: string, body: Record<string, string>, headers: Record<string, string> = {}) {
    const answer = await fetch(`${gateway.url}/oidc/${path}`, {
      method: 'POST',
      headers,
      body: new URLSearchParams(body),
    });
    const { error, error_description } = (await answer.json()) as Record<string, string>;
    return [answer.status, error, error_description];
  }
  const later = (seconds: number) => {
    const now = systemClock.now().getTime();
    vi.useFakeTimers({ toFake: ['Date'], now: now + seconds * 1000 });
  };
  const code = { grant_type: 'authorization_code', code: 'x', redirect_uri: REDIRECT };
  const login = async () => {
    const config = await party.configure('suap', oidc.ClientSecretBasic(SECRET));
    const { url, checks } = await party.request(config);
    const back = await gateway.login(url);
    const sent = {
      ...code,
      code: back.searchParams.get('code') ?? '',
      code_verifier: checks.pkceCodeVerifier,
    };
    return { config, back, checks, sent };
  };

  it.each([
    ['token', {}, {}, 400, 'invalid_request', 'client_auth_missing'],
    ['token', { client_id: 'nobody' }, {}, 401, 'invalid_client', 'client_unknown'],
    ['token', code, basic('suspended', SECRET), 401, 'invalid_client', 'client_suspended'],
    ['token', code, basic('retired', SECRET), 401, 'invalid_client', 'client_retired'],
    ['token', code, basic('suap', 'wrong'), 401, 'invalid_client', 'secret_wrong'],
    ['token', code, basic('suap', OLD), 401, 'invalid_client', 'secret_expired'],
    ['token', { ...code, client_id: 'suap' }, {}, 401, 'invalid_client', 'client_auth_method'],
    [
      'token',
      { ...code, client_secret: SECRET },
      basic('suap', SECRET),
      400,
      'invalid_request',
      'client_auth_twice',
    ],
    ['token', code, { authorization: 'Basic' }, 400, 'invalid_request', 'authorization_malformed'],
    ['token', code, basic('suap', SECRET), 400, 'invalid_grant', 'code_unknown'],
    [
      'token',
      { grant_type: 'password' },
      basic('suap', SECRET),
      400,
      'unsupported_grant_type',
      'grant_type_unsupported',
    ],
    [
      ...(['token', { grant_type: 'refresh_token', refresh_token: 'x', client_id: 'plain' }, {}] as const),
      ...([400, 'unauthorized_client', 'grant_type_not_registered'] as const),
    ],
    [
      'par',
      { client_id: 'plain', response_type: 'code' },
      {},
      400,
      'invalid_request',
      /^parameter_missing: .*redirect_uri/,
    ],
    [
      'par',
      { client_id: 'plain', response_type: 'code', scope: 'openid', redirect_uri: 'https://evil.example/' },
      {},
      400,
      'invalid_request',
      'redirect_uri_unknown',
    ],
    ['introspect', {}, basic('suap', SECRET), 400, 'invalid_request', /^parameter_missing: .*token/],
    [
      'introspect',
      { token: 'e30.e30.x' },
      basic('suap', SECRET),
      400,
      'unsupported_token_type',
      'token_is_jwt',
    ],
    ['revoke', { token: 'e30.e30.x' }, basic('suap', SECRET), 400, 'unsupported_token_type', 'token_is_jwt'],
    ['userinfo', {}, {}, 401, 'invalid_token', 'token_missing'],
    ['userinfo', {}, { authorization: 'Bearer x' }, 401, 'invalid_token', 'token_ended'],
    ['userinfo', {}, { authorization: 'Basic x' }, 400, 'invalid_request', 'token_scheme'],
  ] as const)('%s, with %o and %o: %i %s %s', async (path, body, headers, status, error, description) => {
    const told = await post(path, body, headers);
    expect(told).toEqual([
      status,
      error,
      typeof description === 'string' ? description : (expect.stringMatching(description) as string),
    ]);
  });

  it('tells what is wrong with a code: another redirect URI, another verifier, another client, too late, used before', async () => {
    const { sent } = await login();
    const redeem = (
      changes: Record<string, string>,
      headers: Record<string, string> = basic('suap', SECRET),
    ) => post('token', { ...sent, ...changes }, headers);
    const refusal = (description: string) => [400, 'invalid_grant', description];
    expect(await redeem({ redirect_uri: `${REDIRECT}/` })).toEqual(refusal('redirect_uri_mismatch'));
    expect(await redeem({ code_verifier: 'x'.repeat(43) })).toEqual(refusal('pkce_mismatch'));
    expect(await redeem({ client_id: 'plain' }, {})).toEqual(refusal('wrong_client'));
    later(120);
    expect(await redeem({})).toEqual(refusal('code_expired'));
    vi.useRealTimers();
    expect((await redeem({}))[0]).toBe(200);
    expect(await redeem({})).toEqual(refusal('code_used'));
  });

  it('tells a refresh token that has expired from one used before, and both from one that has ended', async () => {
    const { config, back, checks } = await login();
    const tokens = await oidc.authorizationCodeGrant(config, back, checks);
    const refresh = (refresh_token = '') =>
      post('token', { grant_type: 'refresh_token', refresh_token }, basic('suap', SECRET));
    const { refresh_token } = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    later(9 * 60 * 60);
    expect(await refresh(refresh_token)).toEqual([400, 'invalid_grant', 'refresh_token_expired']);
    vi.useRealTimers();
    expect(await refresh(tokens.refresh_token)).toEqual([400, 'invalid_grant', 'refresh_token_used']);
    for (const gone of [refresh_token, 'nonsense'])
      expect(await refresh(gone)).toEqual([400, 'invalid_grant', 'refresh_token_unknown']);
  });

  it('tells it in WWW-Authenticate too', async () => {
    const answer = await fetch(`${gateway.url}/oidc/userinfo`, { headers: { authorization: 'Bearer x' } });
    expect(answer.headers.get('www-authenticate')).toContain(
      'error="invalid_token", error_description="token_ended"',
    );
  });

  it.each([
    [{ code_challenge: '' }, 'invalid_request', 'pkce_required'],
    [{ code_challenge_method: 'plain' }, 'invalid_request', 'pkce_method'],
    [{ response_type: 'id_token' }, 'unsupported_response_type', 'response_type_unsupported'],
    [{ scope: 'profile' }, 'invalid_request', 'openid_scope_missing'],
    [{ prompt: 'whatever' }, 'invalid_request', 'prompt_invalid'],
    [{ prompt: 'none' }, 'login_required', 'not_signed_in'],
    [{ max_age: '-1' }, 'invalid_request', 'max_age_invalid'],
    [{ claims: '{' }, 'invalid_request', 'claims_invalid: could not parse the claims parameter JSON'],
    [{ id_token_hint: 'x' }, 'invalid_request', 'id_token_hint_invalid'],
    [{ request_uri: 'https://evil.example/' }, 'request_uri_not_supported', 'request_uri_unsupported'],
    [{ idp_hint: 'x'.repeat(1025) }, 'invalid_request', 'parameter_too_long'],
    [{ response_mode: 'fragment', prompt: 'none' }, 'login_required', 'not_signed_in'],
  ])('an authorization request with %o comes back with %s %s', async (parameters, error, description) => {
    const { url } = await party.request(await party.configure('plain'), { parameters });
    const back = await party.silently(party.browser(), url);
    const answer = new URLSearchParams(back.hash ? back.hash.slice(1) : back.search);
    expect([answer.get('error'), answer.get('error_description')]).toEqual([error, description]);
  });

  it('tells it in a signed response too, and in a form', async () => {
    const ask = async (response_mode: string, id: string) =>
      (await party.request(await party.configure(id), { parameters: { prompt: 'none', response_mode } })).url;
    const signed = await party.silently(party.browser(), await ask('jwt', 'jarm'));
    expect(decodeJwt(signed.searchParams.get('response') ?? '')).toMatchObject({
      error: 'login_required',
      error_description: 'not_signed_in',
      iss: gateway.url,
    });
    const page = await fetch(await ask('form_post', 'plain'), { headers: { accept: 'text/html' } });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('name="error_description" value="not_signed_in"');
  });

  it('tells on the page that a citizen is left on what is wrong, for developers and operators', async () => {
    const { url } = await party.request(await party.configure('pushing'));
    const wrong = await fetch(url.replace('client.example.it', 'evil.example.it'), { redirect: 'manual' });
    expect([wrong.status, wrong.headers.get('location')]).toEqual([400, null]);
    const page = await wrong.text();
    expect(page).toContain('Per chi sviluppa il servizio: <code translate="no">redirect_uri_unknown</code>');
    const reference = /[A-Z0-9]{4}-[A-Z0-9]{4}/.exec(page)?.[0];
    const line = logged.find((text) => text.includes('request_refused') && text.includes(reference ?? '-'));
    expect(line).toContain('"redirect_uri_unknown"');
    expect(logged.join('\n')).not.toContain('evil.example');
  });
});
