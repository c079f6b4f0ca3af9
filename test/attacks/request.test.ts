import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFuzzed, type Fuzzed } from './fuzz/gateway.ts';

let gateway: Fuzzed;
beforeAll(async () => {
  gateway = await openFuzzed();
});
afterAll(() => gateway.stop());

describe('an attacker plays with the request itself', () => {
  /** @returns status, headers and body of the answer, as text */
  const raw = (
    path: string,
    headers: Record<string, string>,
    method = 'GET',
    body: Buffer = Buffer.alloc(0),
  ) =>
    new Promise<{ status: number; text: string; took: number }>((resolve, reject) => {
      const started = performance.now();
      const sent = request(new URL(gateway.url), { path, headers, method }, (answer) => {
        let text = JSON.stringify(answer.headers);
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, text, took: performance.now() - started }),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });

  const PATHS = [
    '/',
    '/spid',
    '/oidc/.well-known/openid-configuration',
    '/.well-known/openid-configuration',
    '/none',
  ];
  it.each([
    ['S47 CVE-2026-27959 an address in Host', { Host: 'good:fake@evil.example' }],
    ['S47 another Host', { Host: 'evil.example' }],
    ['S47 X-Forwarded-Host', { 'X-Forwarded-Host': 'evil.example' }],
    [
      'S47 X-Forwarded-Proto and -Host',
      { 'X-Forwarded-Proto': 'javascript', 'X-Forwarded-Host': 'evil.example' },
    ],
    ['S48 Referer', { Referer: 'https://evil.example/' }],
    ['S47 Forwarded', { Forwarded: 'host=evil.example;proto=https' }],
  ])('%s: it is in no answer', async (_, headers) => {
    for (const path of PATHS) {
      const { status, text } = await raw(path, headers);
      expect(text).not.toContain('evil.example');
      expect(status).toBeLessThan(500);
    }
  });

  it.each(['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host'])(
    'S46 CVE-2025-25200 eight thousand commas and blanks in %s: answered as ever',
    async (name) => {
      const { status, took } = await raw('/', { [name]: `${', '.repeat(4000)}x` });
      expect(status).toBeLessThan(500);
      expect(took).toBeLessThan(1000);
    },
  );

  it.each([
    '//evil.example',
    '/\\evil.example',
    '//evil.example/%2f..',
    '/login//evil.example',
    '/http:\\evil.example',
  ])('S48 CVE-2025-8129 GHSA-c5vw-j4hf-j526 the path %s leads nowhere', async (path) => {
    const { status, text } = await raw(path, {});
    expect([status, /"location"/i.test(text)]).toEqual([404, false]);
  });

  it.each(['/spid/unione/acs', '/spid/unione/slo', '/oidc/token'])(
    'S21 a compressed body at %s: refused unread',
    async (path) => {
      const body = gzipSync(Buffer.alloc(10_000_000));
      const headers = {
        'Content-Type': 'application/x-www-form-urlencoded',
        'Content-Encoding': 'gzip',
        'Content-Length': String(body.length),
      };
      const { status } = await raw(path, headers, 'POST', body);
      expect([status >= 400, status < 500]).toEqual([true, true]);
    },
  );
});
