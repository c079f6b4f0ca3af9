import { deflateRawSync, gzipSync } from 'node:zlib';
import { sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/operations/clock.ts';
import { testProvider, type TestProvider } from '../../src/selfcheck/provider.ts';
import { signElement, URI } from '../../src/selfcheck/signer.ts';
import { openCanary, type Canary } from './canary.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { openFuzzed, type Fuzzed } from './fuzz/gateway.ts';

let gateway: Fuzzed;
let provider: TestProvider;
let other: TestProvider;
/** In nobody's metadata. */
let stranger: TestProvider;
let canary: Canary;
let store: Store;
beforeAll(async () => {
  [provider, other, stranger] = (await Promise.all(
    ['provider', 'other', 'stranger'].map((name) => testProvider(`https://${name}.invalid`, systemClock)),
  )) as [TestProvider, TestProvider, TestProvider];
  canary = await openCanary();
  gateway = await openFuzzed([provider.metadata, other.metadata]);
  store = await openStore(gateway.storeUrl, systemClock);
});
afterAll(async () => {
  await store.close();
  await Promise.all([gateway.stop(), canary.stop()]);
});

const SIGNATURE = /<ds:Signature .*?<\/ds:Signature>/s;
const slo = () => `${gateway.url}/spid/unione/slo`;

let made = 0;
const logoutRequest = () =>
  `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_lq${++made}" Version="2.0" IssueInstant="${systemClock.now().toISOString()}" Destination="${slo()}"><saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity" NameQualifier="${provider.entityId}">${provider.entityId}</saml:Issuer><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient" NameQualifier="${provider.entityId}">_name</saml:NameID><samlp:SessionIndex>_s77</samlp:SessionIndex></samlp:LogoutRequest>`;

const signed = (xml: string, options = {}) =>
  signElement(xml, /ID="([^"]*)"/.exec(xml)?.[1] ?? '', provider.key, options);

/** What a message led to: the status of the answer, and what the register says of it. */
interface Outcome {
  readonly status: number;
  readonly registered: string | null | undefined;
}

async function outcomeOf(answer: Response): Promise<Outcome> {
  await answer.arrayBuffer();
  const entry = await store.db
    .selectFrom('register_entries')
    .select('outcome')
    .where('kind', 'in', ['logout-request', 'logout-response'])
    .orderBy('seq', 'desc')
    .executeTakeFirst();
  return { status: answer.status, registered: entry?.outcome };
}

async function post(xml: string | Buffer): Promise<Outcome> {
  const body = new URLSearchParams({ SAMLRequest: Buffer.from(xml as string).toString('base64') });
  return outcomeOf(await fetch(slo(), { method: 'POST', body, redirect: 'manual' }));
}

interface Query {
  readonly message?: string | Buffer;
  readonly algorithm?: string;
  readonly edit?: (query: string) => string;
}

async function redirect({ message, algorithm = URI.rsaSha256, edit }: Query = {}): Promise<Outcome> {
  const deflated = typeof message === 'object' ? message : deflateRawSync(message ?? logoutRequest());
  const query = `SAMLRequest=${encodeURIComponent(deflated.toString('base64'))}&SigAlg=${encodeURIComponent(algorithm)}`;
  const hash = algorithm.endsWith('sha1') ? 'sha1' : 'sha256';
  const value = sign(hash, Buffer.from(query), provider.key.privateKey).toString('base64');
  const whole = `${query}&Signature=${encodeURIComponent(value)}`;
  return outcomeOf(await fetch(`${slo()}?${edit?.(whole) ?? whole}`, { redirect: 'manual' }));
}

const doctype = (content: string) => signed(logoutRequest()).replace(/^/, `<!DOCTYPE x ${content}>`);

const ASSERTION =
  '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a" Version="2.0" IssueInstant="2026-03-05T18:04:00Z"><saml:Issuer>https://provider.invalid</saml:Issuer></saml:Assertion>';

describe('an attacker sends to the single logout service', () => {
  it('and is answered when the request is the correct one that every attack is made of', async () => {
    expect(await post(signed(logoutRequest()))).toEqual({ status: 200, registered: 'accepted' });
    expect(await redirect()).toEqual({ status: 302, registered: 'accepted' });
  });

  const POSTS: readonly (readonly [name: string, code: string, message: () => string | Buffer])[] = [
    ['S24 gosaml2 GHSA-pcgw-qcv5-h8ch no signature', 'logout_signature', () => logoutRequest()],
    [
      'S09 a signature with SHA-1',
      'logout_signature',
      () => signed(logoutRequest(), { signatureMethod: URI.rsaSha1 }),
    ],
    [
      'S08 an HMAC keyed with the public key',
      'logout_signature',
      () => signed(logoutRequest(), { signatureMethod: URI.hmacSha256 }),
    ],
    [
      'S19 an XSLT transform',
      'logout_signature',
      () => signed(logoutRequest(), { transforms: [URI.enveloped, URI.xslt, URI.excC14n] }),
    ],
    [
      'S12 a comment in NameID',
      'invalid_xml',
      () => signed(logoutRequest()).replace('>_name<', '>_na<!---->me<'),
    ],
    [
      'S13 an instruction in NameID',
      'invalid_xml',
      () => signed(logoutRequest()).replace('>_name<', '>_na<?x?>me<'),
    ],
    ['S16 two roots', 'invalid_xml', () => `${signed(logoutRequest())}<x/>`],
    [
      'S18 an external entity',
      'invalid_xml',
      () => doctype(`[<!ENTITY e SYSTEM "http://127.0.0.1:${canary.port}/">]`),
    ],
    ['S18 an external subset', 'invalid_xml', () => doctype(`SYSTEM "http://127.0.0.1:${canary.port}/"`)],
    ['S21 gzip', 'invalid_xml', () => gzipSync(signed(logoutRequest()))],
    ['S22 nested deep', 'invalid_xml', () => '<a>'.repeat(5000) + '</a>'.repeat(5000)],
    ['S34 a signed Assertion', 'logout_invalid', () => signed(ASSERTION)],
    ['S34 signed metadata', 'logout_issuer', () => provider.metadata],
    [
      'S34 a signed LogoutResponse',
      'logout_invalid',
      () => signed(logoutRequest().replaceAll('LogoutRequest', 'LogoutResponse')),
    ],
    [
      'S24 the signature of a captured Assertion',
      'logout_signature',
      () =>
        logoutRequest().replace(
          '</saml:Issuer>',
          (end) => end + (/<ds:Signature .*<\/ds:Signature>/s.exec(signed(ASSERTION))?.[0] ?? ''),
        ),
    ],
    ['S26 for another address', 'logout_invalid', () => signed(logoutRequest().replace('/slo"', '/acs"'))],
    [
      'S24 an unsigned request around a signed one',
      'logout_signature',
      () => {
        const genuine = signed(logoutRequest());
        return logoutRequest().replace(
          '</saml:Issuer>',
          (end) => `${end}<samlp:Extensions>${genuine}</samlp:Extensions>`,
        );
      },
    ],
    [
      'S24 XSW a signed request, its signature moved to an unsigned one around it',
      'logout_signature',
      () => {
        const genuine = signed(logoutRequest());
        const [signature = ''] = SIGNATURE.exec(genuine) ?? [];
        const hidden = signature.replace(
          '</ds:Signature>',
          (end) => `<ds:Object>${genuine.replace(signature, '')}</ds:Object>${end}`,
        );
        return logoutRequest().replace('</saml:Issuer>', (end) => end + hidden);
      },
    ],
    [
      'S04 another NameID than was signed',
      'logout_signature',
      () => signed(logoutRequest()).replace('>_name<', '>_other<'),
    ],
    [
      'S07 CVE-2024-32962 signed by somebody else, with that certificate',
      'logout_signature',
      () => signElement(logoutRequest(), `_lq${made}`, stranger.key),
    ],
    [
      'S24 signed by another provider in this one’s name',
      'logout_signature',
      () => signElement(logoutRequest(), `_lq${made}`, other.key),
    ],
    [
      'S24 from a provider that nobody knows',
      'logout_issuer',
      () =>
        signElement(
          logoutRequest().replaceAll(provider.entityId, stranger.entityId),
          `_lq${made}`,
          stranger.key,
        ),
    ],
    [
      'S24 past its NotOnOrAfter',
      'logout_invalid',
      () => signed(logoutRequest().replace(' Version=', ' NotOnOrAfter="2026-01-01T00:00:00Z" Version=')),
    ],
    [
      'S24 CVE-2023-40178 from yesterday',
      'logout_invalid',
      () => signed(logoutRequest().replace(/IssueInstant="[^"]*"/, 'IssueInstant="2026-01-01T00:00:00Z"')),
    ],
    [
      'S24 without a NameID',
      'logout_invalid',
      () => signed(logoutRequest().replace(/<saml:NameID.*<\/saml:NameID>/, '')),
    ],
  ];
  it.each(POSTS)('by POST, and is refused: %s (%s)', async (_, code, message) => {
    expect(await post(message())).toEqual({ status: 400, registered: code });
  });

  const QUERIES: readonly (readonly [name: string, code: string, query: () => Query])[] = [
    ['S09 samlify#613 SHA-1', 'signature_algorithm', () => ({ algorithm: URI.rsaSha1 })],
    ['S09 samlify#613 an unknown algorithm', 'signature_algorithm', () => ({ algorithm: 'urn:unknown' })],
    ['S09 SigAlg twice', 'duplicate_parameter', () => ({ edit: (query) => `${query}&SigAlg=x` })],
    ['S09 SAMLRequest twice', 'duplicate_parameter', () => ({ edit: (query) => `SAMLRequest=x&${query}` })],
    [
      'S24 node-saml#419 no Signature',
      'missing_parameter',
      () => ({ edit: (query) => query.replace(/&Signature=.*/, '') }),
    ],
    [
      'S24 an empty Signature',
      'missing_parameter',
      () => ({ edit: (query) => query.replace(/&Signature=.*/, '&Signature=') }),
    ],
    [
      'S24 a RelayState that was not signed',
      'signature',
      () => ({ edit: (query) => `${query}&RelayState=x` }),
    ],
    [
      'S21 CVE-2025-25293 a bomb of 200 MB',
      'too_large',
      () => ({ message: deflateRawSync(Buffer.alloc(200_000_000)).subarray(0, 9_000) }),
    ],
    [
      'S21 CVE-2023-28119 a bomb that fits',
      'too_large',
      () => ({ message: deflateRawSync(Buffer.alloc(10_000_000, 'x')) }),
    ],
    ['S18 a DOCTYPE', 'invalid_xml', () => ({ message: doctype('[<!ENTITY e "x">]') })],
    ['S34 an Assertion', 'logout_invalid', () => ({ message: ASSERTION })],
  ];
  it.each(QUERIES)('by Redirect, and is refused: %s (%s)', async (_, code, query) => {
    const status = code === 'too_large' ? 413 : 400;
    expect(await redirect(query())).toEqual({ status, registered: code });
  });

  it('CVE-2023-40178 the same request twice, and is answered once', async () => {
    const message = signed(logoutRequest());
    expect(await post(message)).toEqual({ status: 200, registered: 'accepted' });
    expect(await post(message)).toEqual({ status: 400, registered: 'logout_replayed' });
    expect(await post(message.replace('<samlp:LogoutRequest ', '<samlp:LogoutRequest  '))).toEqual({
      status: 400,
      registered: 'logout_replayed',
    });
  });

  it.each([
    ['node-saml#331 that answers nothing we asked', ' InResponseTo="_never_sent"', 'logout_unsolicited'],
    ['node-saml#331 that does not say what it answers', '', 'logout_invalid'],
  ])('S24 %s: a LogoutResponse that is refused', async (_, inResponseTo, code) => {
    const response = `<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_lr${++made}" Version="2.0" IssueInstant="${systemClock.now().toISOString()}" Destination="${slo()}"${inResponseTo}><saml:Issuer>${provider.entityId}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status></samlp:LogoutResponse>`;
    const body = new URLSearchParams({ SAMLResponse: Buffer.from(signed(response)).toString('base64') });
    const outcome = await outcomeOf(await fetch(slo(), { method: 'POST', body, redirect: 'manual' }));
    expect(outcome).toEqual({ status: 400, registered: code });
  });

  it('and makes the gateway call nobody', () => {
    expect(canary.calls()).toBe(0);
  });
});
