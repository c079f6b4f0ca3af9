import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchFrom, fetchPublic, isPublicAddress } from '../../src/operations/outbound.ts';

let server: Server;
let url: string;
let asked = 0;
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
    await expect(fetchPublic(address)).rejects.toMatchObject({ code: 'outbound_refused' });
    expect(asked).toBe(0);
  });
});

describe('fetching from an address that the operator named', () => {
  it('brings the answer, with what was sent', async () => {
    const answer = await fetchFrom(url, {
      method: 'POST',
      headers: { 'x-y': 'z' },
      body: new URLSearchParams({ a: 'b' }),
    });
    expect(await answer.json()).toMatchObject({ method: 'POST', body: 'a=b', 'x-y': 'z' });
  });

  it('follows no redirect, and knows answers without a body', async () => {
    const moved = await fetchFrom(`${url}/moved`);
    expect([moved.status, moved.headers.get('location')]).toEqual([302, '/']);
    await moved.body?.cancel();
    expect((await fetchFrom(`${url}/nothing`)).status).toBe(304);
  });

  it('fails where nobody is', async () => {
    await expect(fetchFrom('http://127.0.0.1:1/')).rejects.toThrow('ECONNREFUSED');
  });
});
