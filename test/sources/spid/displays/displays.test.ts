import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createLog } from '../../../../src/operations/log.ts';
import { Outbound } from '../../../../src/operations/outbound.ts';
import { ProviderDisplays } from '../../../../src/sources/spid/displays/displays.ts';
import { openStore, type Store } from '../../../../src/store/store.ts';
import { describeStores } from '../../../support/stores.ts';

const START = Date.parse('2026-03-05T18:00:00Z');
const DAY_MS = 24 * 60 * 60 * 1000;
const IDP = 'https://idp.example.it';
const svg = (colour: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"><rect width="20" height="10" fill="${colour}"/></svg>`;

describeStores('names and logos of providers', (openUrl) => {
  let server: Server;
  let url: string;
  let store: Store;
  let now = START;
  /** What is served by path, and what was asked for. */
  let files: Record<string, string>;
  let asked: string[];
  let logged: Record<string, unknown>[];

  beforeAll(async () => {
    store = await openStore(await openUrl(), { now: () => new Date(now) });
    server = createServer((request, response) => {
      const path = request.url ?? '';
      asked.push(path);
      const file = files[path];
      if (path === '/moved.svg') response.writeHead(302, { location: '/logo.svg' }).end();
      else response.writeHead(file === undefined ? 404 : 200).end(file);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(async () => {
    await store.db.deleteFrom('provider_displays').execute();
    [now, asked, logged] = [START, [], []];
    files = { '/list': list({ logo_uri: `${url}/logo.svg` }), '/logo.svg': svg('red') };
  });
  afterAll(async () => {
    server.close();
    await store.close();
  });

  const list = (change: object) =>
    JSON.stringify([{ entity_id: IDP, organization_name: 'Esempio ID', ...change }]);
  const open = (trial = true) => {
    const write = (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>);
    return new ProviderDisplays({
      url: `${url}/list`,
      trial,
      outbound: new Outbound(),
      store,
      clock: { now: () => new Date(now) },
      log: createLog({ level: 'info', destination: { write } }),
    });
  };
  const hashOf = (displays: ProviderDisplays) =>
    /\/spid\/logos\/(\w{64})\.png/.exec(displays.logoOf(IDP) ?? '')?.[1] ?? '';

  it('are shown as the list has them, in every process, and after a restart', async () => {
    const displays = open();
    await displays.refresh([IDP]);
    const other = open();
    await other.load();
    for (const process of [displays, other]) {
      expect(process.nameOf(IDP)).toBe('Esempio ID');
      const logo = Buffer.from((await process.logo(hashOf(process))) ?? []);
      expect(logo.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
    }
    expect(await displays.logo('0'.repeat(64))).toBeUndefined();
    expect(logged).toEqual([]);
  });

  it('are none of those who are no providers', async () => {
    const displays = open();
    await displays.refresh(['https://other.example.it']);
    expect([displays.nameOf(IDP), displays.logoOf(IDP), asked]).toEqual([undefined, undefined, ['/list']]);
  });

  it('stay as they were while the list or the logo cannot be had, or is bad', async () => {
    const displays = open();
    await displays.refresh([IDP]);
    const before = hashOf(displays);
    now += DAY_MS;
    for (const bad of [
      {},
      { '/list': '<html>' },
      { '/list': files['/list'] ?? '' },
      { ...files, '/logo.svg': '<svg><script/></svg>' },
    ]) {
      files = bad;
      await displays.refresh([IDP]);
      expect([displays.nameOf(IDP), hashOf(displays)]).toEqual(['Esempio ID', before]);
    }
    expect(logged.map(({ event, code }) => [event, code])).toEqual([
      ['display_refused', 'registry_status'],
      ['display_refused', 'displays_invalid'],
      ['display_refused', 'logo_unreachable'],
    ]);
  });

  it('are looked at once a day, or when the address changes', async () => {
    const displays = open();
    await displays.refresh([IDP]);
    const first = hashOf(displays);
    files['/logo.svg'] = svg('blue');
    await displays.refresh([IDP]);
    expect([hashOf(displays), asked]).toEqual([first, ['/list', '/logo.svg', '/list']]);
    now += DAY_MS;
    await displays.refresh([IDP]);
    const second = hashOf(displays);
    expect(second).not.toBe(first);
    files['/list'] = list({ logo_uri: `${url}/new.svg` });
    files['/new.svg'] = svg('green');
    await displays.refresh([IDP]);
    expect(hashOf(displays)).not.toBe(second);
    files['/list'] = list({ organization_name: 'Altro ID' });
    await displays.refresh([IDP]);
    expect([displays.nameOf(IDP), displays.logoOf(IDP)]).toEqual(['Altro ID', undefined]);
  });

  it('come from no address inside a network, and by no redirect', async () => {
    await open(false).refresh([IDP]);
    files['/list'] = list({ logo_uri: `${url}/moved.svg` });
    const displays = open();
    await displays.refresh([IDP]);
    expect(displays.logoOf(IDP)).toBeUndefined();
    expect(asked).toEqual(['/list', '/list', '/moved.svg']);
    expect(logged.map(({ code }) => code)).toEqual(['outbound_refused', 'logo_unreachable']);
  });
});
