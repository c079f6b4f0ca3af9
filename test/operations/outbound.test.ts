import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSocket } from 'node:dgram';
import dns from 'node:dns';
import { once } from 'node:events';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { isPublicAddress, Outbound } from '../../src/operations/outbound.ts';
import { startWebProxy, type WebProxyServer } from '../support/web-proxy.ts';

let server: Server;
let url: string;
let asked = 0;
const outbound = new Outbound();
beforeAll(async () => {
  server = createServer((request, response) => {
    asked++;
    if (request.url === '/moved') response.writeHead(302, { location: '/' }).end();
    else if (request.url === '/nothing') response.writeHead(304).end();
    else {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () =>
        response.end(JSON.stringify({ method: request.method, body, ...request.headers })),
      );
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

describe('an address', () => {
  it.each([
    '1.1.1.1',
    '93.184.216.34',
    '172.32.0.1',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00:1450::1',
    '::ffff:1.1.1.1',
  ])('%s may be on the internet', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.255',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.168.1.1',
    '198.19.0.1',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '::ffff:0:127.0.0.1',
    '4000::1',
    'dead:beef::1',
    '64:ff9b::a00:1',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    'fec0::1',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'localhost',
    '',
  ])('"%s" is not one on the internet', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('fetching from an address that somebody else named', () => {
  it.each([
    'https://127.0.0.1',
    'https://localhost',
    'https://[::1]',
    'https://0x7f.1',
    'http://example.org',
    'file:///etc/passwd',
  ])('is refused for %s', async (address) => {
    await expect(outbound.fetchPublic(address)).rejects.toMatchObject({ code: 'outbound_refused' });
    expect(asked).toBe(0);
  });
});

describe('fetching from an address that the operator named', () => {
  it('brings the answer, with what was sent', async () => {
    const answer = await outbound.fetchFrom(url, {
      method: 'POST',
      headers: { 'x-y': 'z' },
      body: new URLSearchParams({ a: 'b' }),
    });
    expect(await answer.json()).toMatchObject({ method: 'POST', body: 'a=b', 'x-y': 'z' });
  });

  it('follows no redirect, and knows answers without a body', async () => {
    const moved = await outbound.fetchFrom(`${url}/moved`);
    expect([moved.status, moved.headers.get('location')]).toEqual([302, '/']);
    await moved.body?.cancel();
    expect((await outbound.fetchFrom(`${url}/nothing`)).status).toBe(304);
  });

  it('fails where nobody is', async () => {
    await expect(outbound.fetchFrom('http://127.0.0.1:1/')).rejects.toThrow('ECONNREFUSED');
  });
});

/**
 * For the running test the name server of this process is one that knows a single name (RFC 1035, 4); asked for an
 * address of that of another kind it says nothing.
 */
async function nameServer(name: string, address: readonly number[]): Promise<void> {
  const server = createSocket('udp4');
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  server.on('message', (query, from) => {
    const question = query.subarray(12, query.indexOf(0, 12) + 5);
    const isIt = question.subarray(0, -4).equals(Buffer.from([...labels, 0]));
    const found = isIt && question.at(-3) === 1;
    if (isIt && !found) return;
    const flags = [0x81, isIt ? 0x80 : 0x83];
    const header = [...query.subarray(0, 2), ...flags, 0, 1, 0, found ? 1 : 0, 0, 0, 0, 0];
    const answer = found ? [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address] : [];
    server.send(Buffer.from([...header, ...question, ...answer]), from.port, from.address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  const before = dns.getServers();
  dns.setServers([`127.0.0.1:${server.address().port}`]);
  onTestFinished(() => {
    dns.setServers(before);
    server.close();
  });
}

describe('through a web proxy', () => {
  const INSIDE = 'keys.service.example.it';
  async function proxied(
    answers: Parameters<typeof startWebProxy>[1] = {},
  ): Promise<{ proxy: WebProxyServer; through: Outbound }> {
    const proxy = await startWebProxy(INSIDE, answers);
    onTestFinished(() => proxy.stop());
    return { proxy, through: new Outbound({ url: proxy.url, exceptions: ['.without.example.it'] }) };
  }

  it('a name that only the proxy knows is reached, by a tunnel, with its credentials', async () => {
    const { proxy, through } = await proxied();
    for (const address of [`https://${INSIDE}/keys`, `http://${INSIDE}/keys`])
      expect(await (await through.fetchFrom(address)).text()).toBe(`/keys of ${INSIDE}`);
    expect(await (await through.fetchPublic(`https://${INSIDE}/keys`)).text()).toBe(`/keys of ${INSIDE}`);
    const credentials = `Basic ${Buffer.from('gateway:s3cr3t@').toString('base64')}`;
    expect(proxy.asked).toEqual([
      [`CONNECT ${INSIDE}:443`, credentials],
      [`GET http://${INSIDE}/keys`, credentials],
      [`CONNECT ${INSIDE}:443`, credentials],
    ]);
  });

  it('nothing is asked for that is inside our network, as far as it can be seen from here', async () => {
    const { proxy, through } = await proxied();
    await nameServer('intranet.example.it', [10, 1, 2, 3]);
    for (const host of ['10.1.2.3', '[::1]', 'localhost', 'intranet.example.it'])
      await expect(through.fetchPublic(`https://${host}/`)).rejects.toMatchObject({
        code: 'outbound_refused',
      });
    const ofProxy = new Outbound({ url: `http://proxy.example.it:${proxy.port}`, exceptions: [] });
    await expect(ofProxy.fetchPublic('https://proxy.example.it/')).rejects.toMatchObject({
      code: 'outbound_refused',
    });
    await expect(through.fetchPublic('http://example.org/')).rejects.toMatchObject({
      code: 'outbound_refused',
    });
    expect(proxy.asked).toEqual([]);
  });

  it('what is excepted, and this machine, is reached without it', async () => {
    const { proxy, through } = await proxied();
    expect((await through.fetchFrom(url)).status).toBe(200);
    await expect(through.fetchPublic('https://keys.without.example.it/')).rejects.toThrow('ENOTFOUND');
    expect(proxy.asked).toEqual([]);
  });

  it.each([
    ['it wants other credentials', { status: 407 }, '407 from the web proxy 127.0.0.1:'],
    ['it lets nobody go there', { status: 403 }, '403 from the web proxy 127.0.0.1:'],
    ['it hangs up', { status: 0 }, 'no answer from the web proxy 127.0.0.1:'],
  ])('a failure names it, and never what it is asked with: %s', async (_what, answers, code) => {
    const { through } = await proxied(answers);
    const error = await through.fetchFrom(`https://${INSIDE}/`).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: expect.stringContaining(code) as string });
    expect(inspect(error, { depth: 9 })).not.toContain('s3cr3t');
  });

  it('a failure names it when nobody is there, or nobody knows it', async () => {
    for (const [at, code] of [
      ['127.0.0.1:1', 'ECONNREFUSED at the web proxy 127.0.0.1:1'],
      ['proxy.invalid:3128', 'ENOTFOUND at the web proxy proxy.invalid:3128'],
    ]) {
      const through = new Outbound({ url: `http://gateway:s3cr3t@${at}`, exceptions: [] });
      const error = await through
        .fetchFrom('https://keys.service.example.it/')
        .catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code });
      expect(inspect(error, { depth: 9 })).not.toContain('s3cr3t');
    }
  });

  it('a proxy that does not answer is not waited for', async () => {
    const { through } = await proxied({ silent: true });
    const signal = AbortSignal.timeout(100);
    await expect(through.fetchFrom(`https://${INSIDE}/`, { signal })).rejects.toThrow();
    expect(signal.aborted).toBe(true);
  });
});
