import { AxeBuilder } from '@axe-core/playwright';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { freePorts } from '../support/demo.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** The page for when no process answers. */
const AWAY = readFileSync(join(ROOT, 'deploy/unavailable.html'), 'utf8');

/**
 * The proxy of deploy/nginx.conf, with the names of this test: once for each of the demo's three sites, once before a
 * port where nobody listens.
 */
function nginxConfiguration(directory: string, port: number): string {
  const text = readFileSync(join(ROOT, 'deploy/nginx.conf'), 'utf8');
  const format = /^log_format .*$/m.exec(text)?.[0] ?? '';
  const [plain = '', server = ''] = text
    .slice(text.indexOf('server {'))
    .replaceAll(/^ *listen \[::\].*$/gm, '')
    .split(/(?=^server \{)/m);
  const redirect = plain
    .replace('listen 80', `listen 127.0.0.1:${port + 7}`)
    .replace('accesso.unione.example.it', 'localhost')
    .replace('/var/log/nginx/gateway.log', join(directory, 'access.log'));
  const site = (at: number, host: string, leadsTo = port + at) =>
    server
      .replace('listen 443', `listen 127.0.0.1:${port + 3 + at}`)
      .replace('/opt/spid-gateway', ROOT)
      .replace('accesso.unione.example.it', host)
      .replace('/etc/ssl/gateway/fullchain.pem', join(directory, 'certificate.pem'))
      .replace('/etc/ssl/gateway/key.pem', join(directory, 'key.pem'))
      .replace('/var/log/nginx/gateway.log', join(directory, 'access.log'))
      .replace('http://127.0.0.1:3000', `http://${host}:${leadsTo}`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(directory, name)};`)
    .join('\n');
  return `daemon off; worker_processes 1; pid ${join(directory, 'pid')}; error_log ${join(directory, 'error.log')};
events {}
http {
${temporary}
${format}
${redirect}${site(0, 'localhost')}${site(1, '127.0.0.1')}${site(2, 'localhost')}${site(3, 'localhost', port + 8)}}
`;
}

describe('the gateway in production, behind the proxy of deploy/nginx.conf', () => {
  let directory: string;
  let port: number;
  let browser: Browser;
  const processes: ChildProcess[] = [];
  const log: string[] = [];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'gateway-proxy-'));
    port = await freePorts(9);
    const [certificate, key] = [join(directory, 'certificate.pem'), join(directory, 'key.pem')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost,IP:127.0.0.1',
        '-keyout',
        key,
        '-out',
        certificate,
      ],
      { stdio: 'ignore' },
    );
    const configuration = join(directory, 'nginx.conf');
    writeFileSync(configuration, nginxConfiguration(directory, port));
    processes.push(spawn('nginx', ['-c', configuration, '-p', directory], { stdio: 'inherit' }));
    const demo = spawn(process.execPath, [join(ROOT, 'test/support/demo-behind-proxy.ts'), String(port)], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    processes.push(demo);
    await new Promise<void>((ready, failed) => {
      demo.once('exit', () => failed(new Error(`the demo did not start:\n${log.join('\n')}`)));
      createInterface({ input: demo.stdout }).on('line', (line) =>
        line === 'ready' ? ready() : log.push(line),
      );
    });
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await Promise.all(
      processes.map(async (child) => {
        const exit = once(child, 'exit');
        child.kill('SIGTERM');
        await exit;
      }),
    );
    rmSync(directory, { recursive: true, force: true });
  });

  /** What comes back for a request with headers of the sender's choice. */
  function get(
    path: string,
    headers: Record<string, string>,
    at = port + 3,
  ): Promise<{ status?: number; body: string; headers: IncomingHttpHeaders }> {
    return new Promise((done, failed) => {
      const ca = readFileSync(join(directory, 'certificate.pem'));
      request({ host: 'localhost', servername: 'localhost', port: at, path, ca, headers }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () =>
          done({
            ...(response.statusCode ? { status: response.statusCode } : {}),
            body,
            headers: response.headers,
          }),
        );
      })
        .on('error', failed)
        .end();
    });
  }

  it('lets a citizen in and out again over https, with cookies that no other host and no plain http can touch', async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'it-IT' });
    const page = await context.newPage();
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    await page.goto(`https://localhost:${port + 5}/`);
    await page.getByRole('link', { name: 'Accedi' }).click();
    await button('Gestore SPID di prova').click();
    await button('anna.rossi').click();
    await button('Acconsento (L2)').click();
    await page.waitForURL(`https://localhost:${port + 5}/`);
    expect(await page.textContent('h1')).toContain('Anna Rossi');
    const session = (await context.cookies(`https://localhost:${port + 3}`)).find(
      ({ name }) => name === '__Host-session',
    );
    expect(session).toMatchObject({
      secure: true,
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
      domain: 'localhost',
    });
    await button('Esci').click();
    await page.waitForURL(`https://localhost:${port + 5}/`);
    await context.close();
  });

  it('builds every address from its configuration, whatever the sender says about hosts', async () => {
    const { status, body } = await get('/.well-known/openid-configuration', {
      host: 'evil.example.com',
      'x-forwarded-host': 'evil.example.com',
      'x-forwarded-proto': 'http',
      forwarded: 'host=evil.example.com',
    });
    expect(status).toBe(200);
    expect(body).not.toContain('evil');
    expect(JSON.parse(body)).toMatchObject({
      issuer: `https://localhost:${port + 3}`,
      token_endpoint: `https://localhost:${port + 3}/oidc/token`,
    });
  });

  it('leads whoever comes without https there, with all that was asked for', async () => {
    const answer = await fetch(`http://localhost:${port + 7}/oidc/auth?state=s1`, { redirect: 'manual' });
    expect(answer.status).toBe(301);
    expect(answer.headers.get('location')).toBe('https://localhost/oidc/auth?state=s1');
  });

  it('tells whoever comes while no process answers to come back, in both languages and with nothing from elsewhere', async () => {
    const { status, body, headers } = await get('/spid/unione/acs', {}, port + 6);
    expect(status).toBe(503);
    expect(headers).toMatchObject({ 'retry-after': '30', 'cache-control': 'no-store' });
    expect(body).toBe(AWAY);
    const style = /<style>(.*)<\/style>/s.exec(body)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      viewport: { width: 320, height: 600 },
    });
    const page = await context.newPage();
    await page.goto(`https://localhost:${port + 6}/`);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    await context.close();
  });

  it('leaves no query string, and nobody’s data, in the logs of proxy and gateway', () => {
    const access = readFileSync(join(directory, 'access.log'), 'utf8');
    expect(access).toMatch(/ GET \/oidc\/auth 303 /);
    expect(access).not.toMatch(/[?]|code=|state=|SAML/);
    expect(log.join('\n')).toContain('login_completed');
    expect(log.join('\n')).not.toMatch(/Anna|Rossi|RSSNNA|anna\.rossi/);
  });
});
