import { deflateRawSync, gzipSync } from 'node:zlib';
import { sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/operations/clock.ts';
import { testProvider, type TestProvider } from '../../src/selfcheck/provider.ts';
import { signElement, URI } from '../../src/selfcheck/signer.ts';
import { openCanary, type Canary } from './canary.ts';
import { openFuzzed, type Fuzzed } from './fuzz/gateway.ts';

let gateway: Fuzzed;
let provider: TestProvider;
let canary: Canary;
beforeAll(async () => {
  provider = await testProvider('https://provider.invalid', systemClock);
  canary = await openCanary();
  gateway = await openFuzzed([provider.metadata]);
});
afterAll(() => Promise.all([gateway.stop(), canary.stop()]));

const slo = () => `${gateway.url}/spid/unione/slo`;

let made = 0;
const logoutRequest = () =>
  `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_lq${++made}" Version="2.0" IssueInstant="${systemClock.now().toISOString()}" Destination="${slo()}"><saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity" NameQualifier="${provider.entityId}">${provider.entityId}</saml:Issuer><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient" NameQualifier="${provider.entityId}">_name</saml:NameID><samlp:SessionIndex>_s77</samlp:SessionIndex></samlp:LogoutRequest>`;

const signed = (xml: string, options = {}) =>
  signElement(xml, /ID="([^"]*)"/.exec(xml)?.[1] ?? '', provider.key, options);

/** @returns the status of the final answer */
async function post(xml: string | Buffer): Promise<number> {
  const body = new URLSearchParams({ SAMLRequest: Buffer.from(xml as string).toString('base64') });
  const answer = await fetch(slo(), { method: 'POST', body, redirect: 'manual' });
  await answer.arrayBuffer();
  return answer.status;
}

interface Query {
  readonly message?: string | Buffer;
  readonly algorithm?: string;
  readonly edit?: (query: string) => string;
}

async function redirect({ message, algorithm = URI.rsaSha256, edit }: Query = {}): Promise<number> {
  const deflated = typeof message === 'object' ? message : deflateRawSync(message ?? logoutRequest());
  const query = `SAMLRequest=${encodeURIComponent(deflated.toString('base64'))}&SigAlg=${encodeURIComponent(algorithm)}`;
  const hash = algorithm.endsWith('sha1') ? 'sha1' : 'sha256';
  const value = sign(hash, Buffer.from(query), provider.key.privateKey).toString('base64');
  const whole = `${query}&Signature=${encodeURIComponent(value)}`;
  const answer = await fetch(`${slo()}?${edit?.(whole) ?? whole}`, { redirect: 'manual' });
  await answer.arrayBuffer();
  return answer.status;
}

const doctype = (content: string) => signed(logoutRequest()).replace(/^/, `<!DOCTYPE x ${content}>`);

const ASSERTION =
  '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a" Version="2.0" IssueInstant="2026-03-05T18:04:00Z"><saml:Issuer>https://provider.invalid</saml:Issuer></saml:Assertion>';

describe('an attacker sends to the single logout service', () => {
  it('and is answered when the request is the correct one that every attack is made of', async () => {
    expect(await post(signed(logoutRequest()))).toBe(200);
    expect(await redirect()).toBe(302);
  });

  const POSTS: readonly (readonly [name: string, message: () => string | Buffer])[] = [
    ['S24 gosaml2 GHSA-pcgw-qcv5-h8ch no signature', () => logoutRequest()],
    ['S09 a signature with SHA-1', () => signed(logoutRequest(), { signatureMethod: URI.rsaSha1 })],
    [
      'S08 an HMAC keyed with the public key',
      () => signed(logoutRequest(), { signatureMethod: URI.hmacSha256 }),
    ],
    [
      'S19 an XSLT transform',
      () => signed(logoutRequest(), { transforms: [URI.enveloped, URI.xslt, URI.excC14n] }),
    ],
    ['S12 a comment in NameID', () => signed(logoutRequest()).replace('>_name<', '>_na<!---->me<')],
    ['S13 an instruction in NameID', () => signed(logoutRequest()).replace('>_name<', '>_na<?x?>me<')],
    ['S16 two roots', () => `${signed(logoutRequest())}<x/>`],
    ['S18 an external entity', () => doctype(`[<!ENTITY e SYSTEM "http://127.0.0.1:${canary.port}/">]`)],
    ['S18 an external subset', () => doctype(`SYSTEM "http://127.0.0.1:${canary.port}/"`)],
    ['S21 gzip', () => gzipSync(signed(logoutRequest()))],
    ['S22 nested deep', () => '<a>'.repeat(5000) + '</a>'.repeat(5000)],
    ['S34 a signed Assertion', () => signed(ASSERTION)],
    ['S34 signed metadata', () => provider.metadata],
    [
      'S34 a signed LogoutResponse',
      () => signed(logoutRequest().replaceAll('LogoutRequest', 'LogoutResponse')),
    ],
    [
      'S24 the signature of a captured Assertion',
      () =>
        logoutRequest().replace(
          '</saml:Issuer>',
          (end) => end + (/<ds:Signature .*<\/ds:Signature>/s.exec(signed(ASSERTION))?.[0] ?? ''),
        ),
    ],
    ['S26 for another address', () => signed(logoutRequest().replace('/slo"', '/acs"'))],
  ];
  it.each(POSTS)('by POST, and is refused: %s', async (_, message) => {
    const status = await post(message());
    expect([status >= 400, status < 500]).toEqual([true, true]);
  });

  const QUERIES: readonly (readonly [name: string, query: () => Query])[] = [
    ['S09 samlify#613 SHA-1', () => ({ algorithm: URI.rsaSha1 })],
    ['S09 samlify#613 an unknown algorithm', () => ({ algorithm: 'urn:unknown' })],
    ['S09 SigAlg twice', () => ({ edit: (query) => `${query}&SigAlg=x` })],
    ['S09 SAMLRequest twice', () => ({ edit: (query) => `SAMLRequest=x&${query}` })],
    ['S24 node-saml#419 no Signature', () => ({ edit: (query) => query.replace(/&Signature=.*/, '') })],
    ['S24 an empty Signature', () => ({ edit: (query) => query.replace(/&Signature=.*/, '&Signature=') })],
    ['S24 a RelayState that was not signed', () => ({ edit: (query) => `${query}&RelayState=x` })],
    [
      'S21 CVE-2025-25293 a bomb of 200 MB',
      () => ({ message: deflateRawSync(Buffer.alloc(200_000_000)).subarray(0, 60_000) }),
    ],
    [
      'S21 CVE-2023-28119 a bomb that fits',
      () => ({ message: deflateRawSync(Buffer.alloc(10_000_000, 'x')) }),
    ],
    ['S18 a DOCTYPE', () => ({ message: doctype('[<!ENTITY e "x">]') })],
    ['S34 an Assertion', () => ({ message: ASSERTION })],
  ];
  it.each(QUERIES)('by Redirect, and is refused: %s', async (_, query) => {
    const status = await redirect(query());
    expect([status >= 400, status < 500]).toEqual([true, true]);
  });

  it('CVE-2023-40178 the same request twice, and is answered once', async () => {
    const message = signed(logoutRequest());
    expect([await post(message), await post(message)]).toEqual([200, 400]);
  });

  it('and makes the gateway call nobody', () => {
    expect(canary.calls()).toBe(0);
  });
});
