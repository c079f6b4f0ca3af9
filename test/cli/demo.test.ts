import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Driver } from '../../src/demo/driver.ts';
import { linkOf } from '../../src/demo/forms.ts';
import { SERVICE } from '../admin/fixtures.ts';
import { freePorts } from '../support/demo.ts';
import { Desk } from '../support/desk.ts';
import { browserWithin, untilClient } from '../support/gateway.ts';

const CALLBACK = 'http://localhost:8080/callback';
const TOLD_AT = 'http://localhost:8080/backchannel-logout';
const DECLARED = `
clients:
  - id: back-end
    entity: unione
    name: { it: Protocollo }
    homePage: http://localhost:8080/
    secrets: [a-secret-of-this-test-nothing-else]
    protocol:
      clientCredentials: true
      withoutCitizens: true
      apis: [{ resource: 'https://api.example.it/pratiche', scopes: ['pratiche:read'] }]
apis:
  - resource: https://api.example.it/pratiche
    name: { it: Pratiche }
    scopes: ['pratiche:read']
`;

describe('npm run demo', () => {
  const directory = mkdtempSync(join(tmpdir(), 'demo-'));
  let demo: ReturnType<typeof spawn>;
  let said = '';
  const urls = { gateway: '', provider: '', suap: '', test: '' };

  beforeAll(async () => {
    const port = await freePorts(4);
    Object.assign(urls, {
      gateway: `http://localhost:${port}`,
      suap: `http://localhost:${port + 2}`,
      provider: `http://127.0.0.1:${port + 1}`,
      test: `http://127.0.0.1:${port + 3}`,
    });
    const main = `${import.meta.dirname}/../../src/main.ts`;
    const file = join(directory, 'clients.yaml');
    writeFileSync(file, DECLARED);
    const service = ['--redirect-uri', CALLBACK, '--backchannel-logout-uri', TOLD_AT, '--clients', file];
    demo = spawn(process.execPath, [main, 'demo', '--port', String(port), ...service], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    demo.stdout?.on('data', (part) => (said += String(part)));
    await vi.waitFor(() => expect(said).toContain('Stop with'), { timeout: 30_000, interval: 50 });
  });
  afterAll(async () => {
    const exit = once(demo, 'exit');
    demo.kill();
    await exit;
    rmSync(directory, { recursive: true, force: true });
  });

  it('lets whoever has its code register a service in the console and try the login at once', async () => {
    expect(said).toContain(urls.test);
    const code = /and enter ([\w-]+)/.exec(said)?.[1] ?? '';
    const anna = new Desk({ url: urls.gateway, providers: [urls.provider, urls.test] });
    const { csrf } = await anna.signIn('/admin/invitation');
    expect((await anna.post('/admin/invitation', { csrf, code })).url).toBe(`${urls.gateway}/admin/services`);
    const redirectUris = `${urls.suap}/code`;
    const { html } = await anna.post('/admin/services', { csrf, ...SERVICE, redirectUris });
    const id = /<code>(s-[a-z0-9]+)<\/code>/.exec(html)?.[1] ?? '';
    const tryIt = linkOf((await anna.get(`/admin/services/${id}`)).html, 'Prova adesso') ?? '';

    const citizen = new Driver();
    const choice = await citizen.visit('try the login', tryIt);
    expect(choice.html).not.toContain(`value="${urls.provider}"`);
    await citizen.press('choose the provider', urls.test);
    await citizen.press('send the request');
    await citizen.press('choose the persona', 'anna.rossi');
    await citizen.press('consent', 'anna.rossi');
    const back = await citizen.press('send the response');
    expect(back.url).toMatch(new RegExp(`^${urls.suap}/code\\?code=`));
  });

  /** What the demo says that the library of the developer's own service has to be told. */
  const setting = (name: string) => new RegExp(`^ +${name} +(.*)$`, 'm').exec(said)?.[1] ?? '';

  it('has a service for a developer who says where citizens come back to, and tells her what her library needs', async () => {
    const config = await oidc.discovery(
      new URL(setting('issuer')),
      setting('client id'),
      setting('client secret'),
      oidc.ClientSecretBasic(),
      { execute: [oidc.allowInsecureRequests] },
    );
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
    const request = oidc.buildAuthorizationUrl(config, {
      redirect_uri: setting('redirect URI'),
      scope: setting('scopes'),
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    });
    const citizen = browserWithin([urls.gateway, urls.provider]);
    const back = await untilClient(async () => {
      await citizen.visit('open the service', request.href);
      await citizen.press('choose the provider', urls.provider);
      await citizen.press('send the request');
      await citizen.press('choose the persona', 'anna.rossi');
      await citizen.press('consent', 'anna.rossi');
      await citizen.press('send the response');
    });
    const tokens = await oidc.authorizationCodeGrant(config, back, { pkceCodeVerifier });
    const { sub = '' } = tokens.claims() ?? {};
    expect(await oidc.fetchUserInfo(config, tokens.access_token, sub)).toMatchObject({
      name: 'Anna Rossi',
      email: 'anna.rossi@example.it',
      phone_number: '+393331234567',
    });
    expect(tokens.refresh_token).toBeDefined();
    expect(setting('back-channel logout')).toBe(TOLD_AT);
  });

  it('has the services and union APIs of a file', async () => {
    const config = await oidc.discovery(
      new URL(urls.gateway),
      'back-end',
      'a-secret-of-this-test-nothing-else',
      oidc.ClientSecretBasic(),
      { execute: [oidc.allowInsecureRequests] },
    );
    const { access_token } = await oidc.clientCredentialsGrant(config, { scope: 'pratiche:read' });
    expect(decodeJwt(access_token)).toMatchObject({
      aud: 'https://api.example.it/pratiche',
      client_id: 'back-end',
    });
  });

  it('says at once what a service does wrong', async () => {
    await fetch(`${urls.gateway}/oidc/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: 'my-service',
        client_secret: 'x',
      }),
    });
    await vi.waitFor(() =>
      expect(said).toMatch(/"event":"oidc_error","code":"secret_wrong","client":"my-service"/),
    );
  });

  it('offers the provider for tests to no live service', async () => {
    const citizen = new Driver();
    await citizen.visit('open the service', urls.suap);
    const choice = await citizen.click('press "Accedi"', 'Accedi');
    expect(choice.html).toContain(`value="${urls.provider}"`);
    expect(choice.html).not.toContain(urls.test);
  });
});
