import { request } from 'node:http';
import Keygrip from 'keygrip';
import type { Context } from 'koa';
import { describe, expect, it } from 'vitest';
import { supportReferenceOf } from '../../src/demo/forms.ts';
import { Refused, Unavailable } from '../../src/operations/errors.ts';
import { RateLimits } from '../../src/operations/rate-limits.ts';
import { createLog } from '../../src/operations/log.ts';
import { createMetrics } from '../../src/operations/metrics.ts';
import { createApp, createRouter } from '../../src/web/app.ts';
import { mountHealth, type Readiness } from '../../src/web/health.ts';
import { loadAssets } from '../../src/web/static/assets.ts';
import { BRAND } from './samples.ts';
import { serve } from './server.ts';

const PUBLIC = 'https://accesso.example.it';
const CANARY = 'RSSMRA80A01H501U';
const assets = loadAssets();

interface Options {
  readonly route?: (ctx: Context) => unknown;
  readonly behindProxy?: boolean;
  readonly dependencies?: readonly Readiness[];
}

/** The application with one route, `/here`, and what it logs. */
async function start({ route = () => undefined, behindProxy = false, dependencies = [] }: Options = {}) {
  const logged: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => logged.push(line) } });
  const router = createRouter();
  router.get('/here', async (ctx) => {
    await route(ctx);
  });
  mountHealth(router, dependencies);
  const limits = new RateLimits({ browsers: 1000, services: 1000, client: 1000 });
  const cookieKeys = new Keygrip(['a key of this test only'], 'sha256');
  const app = createApp(
    {
      publicUrl: PUBLIC,
      behindProxy,
      brand: BRAND,
      assets,
      cookieKeys,
      log,
      metrics: createMetrics(),
      limits,
    },
    router,
    (_ctx, next) => next(),
  );
  return { url: await serve(app), logged };
}

/** A request with the headers as given: fetch does not let one forge Host. */
function get(url: string, headers: Record<string, string>): Promise<string> {
  return new Promise((done, fail) => {
    request(url, { headers }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => done(body));
    })
      .on('error', fail)
      .end();
  });
}

describe('the application', () => {
  it.each([
    ['a page that does not exist', '/nowhere', undefined, 404, 'Pagina non trovata', 'not_found'],
    [
      'what is refused',
      '/here',
      new Refused('foreign_form', CANARY, { status: 403 }),
      403,
      'Richiesta non valida',
      'foreign_form',
    ],
    [
      'what is out of order',
      '/here',
      new Unavailable('store_down', CANARY),
      503,
      'Qualcosa non ha funzionato',
      'store_down',
    ],
    ['what nobody foresaw', '/here', new Error(CANARY), 500, 'Qualcosa non ha funzionato', 'internal'],
  ])(
    'answers %s with a page, a status and a support code that the log knows',
    async (_what, path, error, status, title, code) => {
      const { url, logged } = await start({
        route: () => {
          throw error ?? new Error('not reached');
        },
      });
      const answer = await fetch(url + path, { headers: { 'accept-language': 'it' } });
      const page = await answer.text();
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page).toContain(`${title}</h1>`);
      const reference =
        /<strong translate="no">([A-Z0-9]{4}-[A-Z0-9]{4})<\/strong>/.exec(page)?.[1] ?? 'none';
      expect(logged.map((line) => JSON.parse(line) as object)).toContainEqual(
        expect.objectContaining({ event: 'request_refused', reference, code, status }),
      );
      expect(page + logged.join()).not.toContain(CANARY);
    },
  );

  it('logs no more of an address than its first part: the rest may be personal', async () => {
    const { url, logged } = await start();
    await fetch(`${url}/persone/${CANARY}?cf=${CANARY}`);
    expect(logged.join()).toContain('"route":"/persone"');
    expect(logged.join()).not.toContain(CANARY);
  });

  it('takes its own address from the configuration, whatever a request claims', async () => {
    const { url } = await start({ route: (ctx) => (ctx.body = `${ctx.protocol}://${ctx.host}`) });
    const forged = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' };
    expect(await get(`${url}/here`, forged)).toBe(PUBLIC);
  });

  it('believes a forwarded client address only behind its own proxy', async () => {
    const route = (ctx: Context) => (ctx.body = ctx.ip);
    const forwarded = { 'x-forwarded-for': '198.51.100.1, 203.0.113.7' };
    expect(await get(`${(await start({ route })).url}/here`, forwarded)).toMatch(/127\.0\.0\.1$/);
    expect(await get(`${(await start({ route, behindProxy: true })).url}/here`, forwarded)).toBe(
      '203.0.113.7',
    );
  });

  it.each([
    ['/here/%00', 400],
    ['/here/x%0d%0a', 400],
    ['/here/%1f', 400],
    ['/here/%7F', 400],
    ['/here/%ff', 400],
    ['/here/%ed%a0%80', 400],
    ['/here?q=%00', 400],
    ['/here?q%00=x', 400],
    ['/here?q=%C3', 400],
    ['/here?q=%ed%a0%80', 400],
    ['/here?q=100%&r=%e2%82%ac&s=a+b%0a', 200],
  ])('has nothing where an address is not text: %s', async (path, status) => {
    const { url } = await start({ route: (ctx) => (ctx.body = 'here') });
    const answer = await fetch(url + path);
    expect(answer.status).toBe(status);
    expect(supportReferenceOf(await answer.text()) !== undefined).toBe(status === 400);
  });

  it('says what to do about a form that is too large', async () => {
    const { url } = await start({
      route: () => {
        throw new Refused('body_too_large', CANARY, { status: 413 });
      },
    });
    const answer = await fetch(`${url}/here`, { headers: { 'accept-language': 'it' } });
    expect(answer.status).toBe(413);
    expect(await answer.text()).toContain('quello che hai scritto c’è ancora');
  });

  it('compares paths exactly', async () => {
    const { url } = await start({ route: (ctx) => (ctx.body = 'here') });
    for (const [path, status] of [
      ['/here', 200],
      ['/HERE', 404],
      ['/here/', 404],
      ['//here', 404],
    ] as const) {
      expect((await fetch(url + path)).status, path).toBe(status);
    }
  });

  it('puts the strict headers on every answer, problems too, and lets their forms lead nowhere', async () => {
    const { url } = await start();
    const { headers } = await fetch(`${url}/nowhere`);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toContain("form-action 'self';");
  });

  it('shows a problem without a way to somewhere else, even for an address that looks like one', async () => {
    const { url } = await start();
    const page = await (await fetch(`${url}//evil.example/x?lang=it`)).text();
    expect(page).not.toMatch(/href="[^"]*evil\.example/);
  });

  it.each(['id_token_hint', 'logout_hint'])(
    'has no link with the person that %s names',
    async (parameter) => {
      const { url } = await start();
      const page = await (await fetch(`${url}/nowhere?${parameter}=${CANARY}`)).text();
      expect(page).toContain('Pagina non trovata');
      expect(page).not.toContain(CANARY);
    },
  );
});

describe('health', () => {
  it('tells that the process lives, and what is not ready', async () => {
    const dependencies = [
      { name: 'store', check: async () => undefined },
      {
        name: 'spid',
        check: async () => 'no identity provider is configured',
        warnings: async () => ['a certificate ends soon'],
      },
    ];
    const { url } = await start({ dependencies });
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    const ready = await fetch(`${url}/health/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({
      status: 'not ready',
      warnings: ['a certificate ends soon'],
      dependencies: { store: 'ok', spid: 'no identity provider is configured' },
    });
  });

  it('is ready when everything is', async () => {
    const { url } = await start({ dependencies: [{ name: 'store', check: async () => undefined }] });
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });
});
