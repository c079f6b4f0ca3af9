import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { systemClock } from '../../src/operations/clock.ts';
import { createLog } from '../../src/operations/log.ts';
import { RateLimits } from '../../src/operations/rate-limits.ts';
import { ClientLimits } from '../../src/provider/limits.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { RelyingParty, testClient } from '../support/relying-party.ts';
import { emptyDatabase } from '../support/stores.ts';
import { startTwins } from '../support/twins.ts';

const SECRET = 'a long secret of this test, nothing else';

let gateway: TestGateway;
let party: RelyingParty;
const logged: string[] = [];

beforeAll(async () => {
  gateway = await startTestGateway({
    storeUrl: 'sqlite::memory:',
    log: createLog({ level: 'info', destination: { write: (line) => void logged.push(line) } }),
    change: (input) => ({
      ...input,
      behindProxy: true,
      limits: { browsers: 20, services: 40, client: 30 },
    }),
    clients: [
      testClient('guessed', { authMethod: 'client_secret_basic', secrets: [SECRET] }),
      testClient('busy'),
      testClient('quiet'),
    ],
  });
  party = new RelyingParty(gateway);
});
afterAll(() => gateway.stop());

const token = (from: string, id: string, secret: string, url = gateway.url) =>
  fetch(`${url}/oidc/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
      'x-forwarded-for': from,
      origin: 'https://client.example.it',
    },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: 'x',
      redirect_uri: 'https://a.example/',
    }),
  });

/** The headers that a script of a service's site may read (CORS). */
function readableHeaders({ headers }: Response): string[] {
  expect(['*', 'https://client.example.it']).toContain(headers.get('access-control-allow-origin'));
  return (headers.get('access-control-expose-headers') ?? '').split(',').map((name) => name.trim());
}

it('looks at no more secrets from an address that has guessed ten, tells the operators, and serves others', async () => {
  for (let at = 0; at < 10; at++)
    expect((await token('192.0.2.1', 'guessed', `guess ${at}`)).status).toBe(401);
  const held = await token('192.0.2.1', 'guessed', SECRET);
  expect(held.status).toBe(429);
  expect(Number(held.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(readableHeaders(held)).toContain('Retry-After');
  expect(await held.json()).toEqual({
    error: 'temporarily_unavailable',
    error_description: 'too_many_requests',
  });
  const other = await token('192.0.2.2', 'guessed', SECRET);
  expect(await other.json()).toMatchObject({ error: 'invalid_grant' });
  expect(logged.filter((line) => line.includes('client_secret_guessed'))).toHaveLength(1);
  expect(logged.join('')).not.toContain('guess 1');
});

it('looks at one wrong secret from each address while a client’s are guessed from many, and serves who is never wrong', async () => {
  const told: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => void told.push(line) } });
  const limits = new ClientLimits(new RateLimits({ browsers: 1, services: 1, client: 1 }), log);
  /** Whether the secret was right; 'held' when nobody looked. */
  async function sends(ip: string, right: boolean): Promise<boolean | 'held'> {
    let judged: boolean | 'held' = 'held';
    const ctx = { ip, set: () => {}, append: () => {} } as unknown as KoaContextWithOIDC;
    await limits.middleware(ctx, async () => {
      judged = await limits.judge('besieged', async () => right).catch(() => 'held' as const);
    });
    return judged;
  }
  // 25 addresses, four guesses each: none of them is held for itself.
  for (let at = 0; at < 100; at++) expect(await sends(`198.51.100.${at % 25}`, false)).toBe(false);
  expect(await sends('198.51.100.1', true)).toBe('held');
  expect([await sends('203.0.113.1', false), await sends('203.0.113.1', true)]).toEqual([false, 'held']);
  expect(await sends('203.0.113.2', true)).toBe(true);
  expect(told).toEqual([expect.stringContaining('"from":"many addresses"')]);
});

it('holds a busy client back wherever it asks from, and no other', async () => {
  const { url } = await party.request(await party.configure('busy'));
  const ask = (from: string, address = url) =>
    fetch(address, { redirect: 'manual', headers: { 'x-forwarded-for': from } });
  for (let at = 0; at < 30; at++) expect((await ask(`192.0.2.${100 + at}`)).status).toBe(303);
  const held = await ask('192.0.2.150');
  expect(Number(held.headers.get('retry-after'))).toBeGreaterThan(0);
  const back = new URL(held.headers.get('location') ?? '', gateway.url);
  expect(Object.fromEntries(back.searchParams)).toMatchObject({
    error: 'temporarily_unavailable',
    error_description: 'too_many_requests',
  });
  const other = await party.request(await party.configure('quiet'));
  expect((await ask('192.0.2.150', other.url)).status).toBe(303);
});

it('shows a page to a browser behind an address that asks too often, and JSON to a service', async () => {
  const from = { 'x-forwarded-for': '192.0.2.200' };
  for (let at = 0; at < 20; at++) await fetch(`${gateway.url}/login/nobody`, { headers: from });
  const page = await fetch(`${gateway.url}/login/nobody`, { headers: { ...from, 'accept-language': 'it' } });
  expect([page.status, page.headers.get('content-type')]).toEqual([429, 'text/html; charset=utf-8']);
  expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await page.text()).toContain('Troppe richieste');
  for (let at = 0; at < 40; at++) await fetch(`${gateway.url}/oidc/userinfo`, { headers: from });
  const script = { ...from, origin: 'https://client.example.it' };
  const answer = await fetch(`${gateway.url}/oidc/userinfo`, { headers: script });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    429,
    'application/json; charset=utf-8',
  ]);
  expect(readableHeaders(answer)).toContain('Retry-After');
  expect((await fetch(`${gateway.url}/health/live`, { headers: from })).status).toBe(200);
});

it('takes codes and pushed requests of a decent size only', async () => {
  const body = new URLSearchParams({ client_id: 'quiet', request_uri: 'x', state: 'x'.repeat(100_000) });
  for (const path of ['par', 'token', 'auth']) {
    const answer = await fetch(`${gateway.url}/oidc/${path}`, {
      method: 'POST',
      body,
      headers: { 'x-forwarded-for': '192.0.2.201' },
    });
    expect([400, 413], path).toContain(answer.status);
  }
});

describe.skipIf(!process.env.TEST_POSTGRES_URL)('of two processes on one PostgreSQL', () => {
  it('the limits are one: ten wrong secrets, and requests of a client, whichever process they come to', async () => {
    const reported: string[] = [];
    const twins = await startTwins({
      storeUrl: await emptyDatabase(),
      clock: systemClock,
      log: createLog({ level: 'info', destination: { write: (line) => void reported.push(line) } }),
      change: (input) => ({ ...input, limits: { browsers: 1000, services: 1000, client: 20 } }),
      clients: [
        testClient('guessed', { authMethod: 'client_secret_basic', secrets: [SECRET] }),
        testClient('busy'),
      ],
    });
    onTestFinished(() => twins.stop());
    const guess = (secret: string) => token('192.0.2.1', 'guessed', secret, twins.url);
    for (let at = 0; at < 10; at++) expect((await guess(`guess ${at}`)).status).toBe(401);
    for (let at = 0; at < 2; at++) expect((await guess(SECRET)).status).toBe(429);
    expect(reported.filter((line) => line.includes('client_secret_guessed'))).toHaveLength(1);
    const push = () =>
      fetch(`${twins.url}/oidc/par`, { method: 'POST', body: new URLSearchParams({ client_id: 'busy' }) });
    for (let at = 0; at < 20; at++) expect((await push()).status).toBe(400);
    for (let at = 0; at < 2; at++) expect((await push()).status).toBe(429);
  });
});
