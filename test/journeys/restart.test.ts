import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Driver } from '../../src/demo/driver.ts';
import { createDemoProvider } from '../../src/demo/identity-provider.ts';
import { demoConfiguration } from '../../src/demo/start.ts';
import { createSuap } from '../../src/demo/suap.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { listen, type Listening } from '../../src/operations/server.ts';
import { loadAssets } from '../../src/web/static/assets.ts';
import { freePorts } from '../support/demo.ts';
import { GatewayProcess } from '../support/gateway-process.ts';
import { describeStores } from '../support/stores.ts';
import { yaml } from '../support/yaml.ts';

describeStores('a gateway that is killed', (openUrl) => {
  let directory: string;
  let gateway: GatewayProcess;
  let port: number;
  const servers: Listening[] = [];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'gateway-restart-'));
    port = await freePorts(3);
    const urls = { gatewayUrl: `http://localhost:${port}`, suapUrl: `http://localhost:${port + 2}` };
    const identityProviderUrl = `http://127.0.0.1:${port + 1}`;
    const assets = loadAssets();
    const clientSecret = 'a secret for this test only';
    const configuration = demoConfiguration(urls, { port, storeUrl: await openUrl() }, clientSecret);
    writeFileSync(join(directory, 'gateway.yaml'), yaml({ ...configuration, logging: { level: 'silent' } }));
    const provider = await createDemoProvider({
      url: identityProviderUrl,
      assets,
      clock: systemClock,
      allowedIssuers: [`${urls.gatewayUrl}/spid`],
    });
    mkdirSync(join(directory, 'idp'));
    writeFileSync(join(directory, 'idp', 'demo.xml'), provider.metadata);
    const suap = createSuap({
      url: urls.suapUrl,
      issuer: urls.gatewayUrl,
      clientId: 'suap',
      clientSecret,
      assets,
    });
    servers.push(await listen(provider.app.callback(), '127.0.0.1', port + 1));
    servers.push(await listen(suap.callback(), 'localhost', port + 2));
    gateway = new GatewayProcess(directory);
    await gateway.run(['keys', 'create', '--bits', '2048']);
    await gateway.start();
  });

  afterAll(async () => {
    await gateway.kill('SIGTERM');
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(directory, { recursive: true, force: true });
  });

  it('lets a citizen finish her login although it is killed before every single request', async () => {
    const [gatewayPort, suap] = [String(port), `http://localhost:${port + 2}`];
    const browser = new Driver(async (url) => {
      if (url.port !== gatewayPort) return;
      await gateway.kill();
      await gateway.start();
    });
    await browser.visit('open the service', suap);
    await browser.click('press "Accedi"', 'Accedi');
    await browser.press('choose the provider', `http://127.0.0.1:${port + 1}`);
    await browser.press('send the request');
    await browser.press('choose the persona', 'anna.rossi');
    await browser.press('consent', 'anna.rossi');
    await browser.press('send the response');
    const result = await browser.visit('read the claims', `${suap}/me.json`);
    expect(JSON.parse(result.html)).toMatchObject({ userinfo: { name: 'Anna Rossi' } });
    expect(gateway.kills).toBeGreaterThan(5);
  }, 60_000);

  it('answers the request in flight before it stops on SIGTERM', async () => {
    const answers = Array.from({ length: 20 }, () => fetch(`http://localhost:${port}/health/ready`));
    const statuses = Promise.all(answers.map(async (answer) => (await answer).status));
    await answers[0];
    expect(await gateway.kill('SIGTERM')).toBe(0);
    expect(await statuses).toEqual(answers.map(() => 200));
    await gateway.start();
  });
});
