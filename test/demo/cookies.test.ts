import { describe, expect, it } from 'vitest';
import { CookieJar } from '../../src/demo/cookies.ts';

const SITE = new URL('https://gateway.example.it/login/1');
const link = { method: 'GET', crossSite: true };
const own = { method: 'POST', crossSite: false };
const foreignPost = { method: 'POST', crossSite: true };

function jarAt(start: string) {
  let now = new Date(start);
  const jar = new CookieJar({ now: () => now });
  return { jar, later: (seconds: number) => (now = new Date(now.getTime() + seconds * 1000)) };
}

describe('the cookies of the demo’s browser', () => {
  it.each([
    ['id=1; SameSite=Lax', '', 'id=1', 'id=1'],
    ['id=1', '', 'id=1', 'id=1'],
    ['id=1; SameSite=Strict', '', '', 'id=1'],
    ['id=1; SameSite=None; Secure', 'id=1', 'id=1', 'id=1'],
    ['id=1; SameSite=None', '', '', ''],
  ])(
    'sends "%s" with a foreign form, a foreign link and a form of the site as a browser would',
    (line, ...sent) => {
      const { jar } = jarAt('2026-01-01T00:00:00Z');
      jar.keep(SITE, line);
      expect([foreignPost, link, own].map((how) => jar.header(SITE, how) ?? '')).toEqual(sent);
    },
  );

  it.each([
    '__Host-id=1; Path=/',
    '__Host-id=1; Secure; Path=/login',
    '__Host-id=1; Secure; Path=/; Domain=gateway.example.it',
    '__Secure-id=1; Path=/',
    'id=1; Domain=example.it',
  ])('leaves "%s" where it is', (line) => {
    const { jar } = jarAt('2026-01-01T00:00:00Z');
    jar.keep(SITE, line);
    expect(jar.header(SITE, own)).toBeUndefined();
  });

  it('keeps secure cookies off plain http, this machine excepted', () => {
    const { jar } = jarAt('2026-01-01T00:00:00Z');
    const plain = new URL('http://gateway.example.it/');
    jar.keep(plain, 'id=1; Secure');
    expect(jar.header(plain, own)).toBeUndefined();
    const local = new URL('http://localhost:3000/');
    jar.keep(local, 'id=1; Secure');
    expect(jar.header(local, own)).toBe('id=1');
  });

  it('sends a cookie below its path only, the longest path first', () => {
    const { jar } = jarAt('2026-01-01T00:00:00Z');
    jar.keep(SITE, 'all=1; Path=/');
    jar.keep(SITE, 'one=1; Path=/login/1');
    expect(jar.header(SITE, own)).toBe('one=1; all=1');
    expect(jar.header(new URL('https://gateway.example.it/login/11'), own)).toBe('all=1');
    expect(jar.header(new URL('https://elsewhere.example.it/login/1'), own)).toBeUndefined();
  });

  it('forgets what has ended, by Max-Age before Expires', () => {
    const { jar, later } = jarAt('2026-01-01T00:00:00Z');
    jar.keep(SITE, 'short=1; Max-Age=60; Expires=Fri, 01 Jan 2027 00:00:00 GMT');
    jar.keep(SITE, 'long=1; Expires=Fri, 02 Jan 2026 00:00:00 GMT');
    later(60);
    expect(jar.header(SITE, own)).toBe('long=1');
    jar.keep(SITE, 'long=; Expires=Thu, 01 Jan 1970 00:00:00 GMT');
    expect(jar.header(SITE, own)).toBeUndefined();
  });
});
