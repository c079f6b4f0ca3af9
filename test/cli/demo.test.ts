import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Driver } from '../../src/demo/driver.ts';
import { linkOf } from '../../src/demo/forms.ts';
import { SERVICE } from '../admin/fixtures.ts';
import { freePorts } from '../support/demo.ts';
import { Desk } from '../support/desk.ts';

describe('npm run demo', () => {
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
    demo = spawn(process.execPath, [main, 'demo', '--port', String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const part of demo.stdout ?? []) {
      said += String(part);
      if (said.includes('Stop with')) break;
    }
  });
  afterAll(async () => {
    const exit = once(demo, 'exit');
    demo.kill();
    await exit;
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

  it('offers the provider for tests to no live service', async () => {
    const citizen = new Driver();
    await citizen.visit('open the service', urls.suap);
    const choice = await citizen.click('press "Accedi"', 'Accedi');
    expect(choice.html).toContain(`value="${urls.provider}"`);
    expect(choice.html).not.toContain(urls.test);
  });
});
