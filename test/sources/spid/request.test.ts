import { verify } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Level } from '../../../src/identity/level.ts';
import { newId } from '../../../src/saml/documents.ts';
import { NS } from '../../../src/saml/names.ts';
import { verifyEnveloped } from '../../../src/saml/signature.ts';
import { parseXml } from '../../../src/saml/xml.ts';
import { readIdentityProviders } from '../../../src/sources/spid/provider-metadata.ts';
import {
  buildAuthnRequest,
  departBy,
  type AuthnRequest,
  type Comparison,
} from '../../../src/sources/spid/request.ts';
import { ENTITY, newKey, type TestKey } from './fixtures.ts';

const REQUEST: AuthnRequest = {
  entity: ENTITY,
  id: '_9f0c2b6e51d84a7fb0f3a1c9d2e47765',
  issueInstant: new Date('2026-03-05T18:03:10.531Z'),
  destination: 'https://idp.example.it/sso/post',
  level: 2,
  comparison: 'minimum',
  forceAuthn: false,
  acsIndex: 0,
  attributeSetIndex: 3,
};

const RELAY_STATE = 'bm90aGluZyB0byBzZWUgaGVyZQ';

const golden = (variant: { force?: boolean; comparison?: Comparison; level?: Level }) =>
  '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"' +
  ' ID="_9f0c2b6e51d84a7fb0f3a1c9d2e47765" Version="2.0" IssueInstant="2026-03-05T18:03:10.531Z"' +
  ` Destination="https://idp.example.it/sso/post"${variant.force === false ? '' : ' ForceAuthn="true"'}` +
  ' AssertionConsumerServiceIndex="0" AttributeConsumingServiceIndex="3">' +
  '<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity"' +
  ' NameQualifier="https://accesso.unione.example.it/spid">https://accesso.unione.example.it/spid</saml:Issuer>' +
  '<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient"/>' +
  `<samlp:RequestedAuthnContext Comparison="${variant.comparison ?? 'minimum'}">` +
  `<saml:AuthnContextClassRef>https://www.spid.gov.it/SpidL${variant.level ?? 2}</saml:AuthnContextClassRef>` +
  '</samlp:RequestedAuthnContext></samlp:AuthnRequest>';

const gate = (xml: string | Uint8Array) => parseXml(Buffer.from(xml), { bytes: 100_000 });

let key: TestKey;
beforeAll(async () => {
  key = await newKey('unione');
});

describe('SPID AuthnRequest (spid-authn-request, 1 to 3)', () => {
  it.each([
    ['level 1: the provider may answer from its session', { level: 1 }, { level: 1, force: false }],
    ['level 1, fresh: never from its session', { level: 1, forceAuthn: true }, { level: 1 }],
    ['level 2: always fresh', { level: 2 }, { level: 2 }],
    ['level 3: always fresh', { level: 3 }, { level: 3 }],
    ['exactly level 3', { level: 3, comparison: 'exact' }, { level: 3, comparison: 'exact' }],
    ['better than level 2', { comparison: 'better' }, { comparison: 'better' }],
    ['at most level 2', { comparison: 'maximum' }, { comparison: 'maximum' }],
  ] as const)('asks for %s, in exactly these bytes', (_, change, expected) => {
    expect(buildAuthnRequest({ ...REQUEST, ...change })).toBe(golden(expected));
  });

  it('refuses to ask for something better than level 3', () => {
    expect(() => buildAuthnRequest({ ...REQUEST, level: 3, comparison: 'better' })).toThrowError(
      expect.objectContaining({ name: 'Misconfigured', code: 'comparison_unsatisfiable' }) as Error,
    );
  });

  it.each([1, 2, 3] as const)('is valid by the protocol schema at level %d, signed or not', (level) => {
    const xml = buildAuthnRequest({ ...REQUEST, level });
    const { evidence } = departBy('post', { xml, destination: REQUEST.destination, relayState: 'r', key });
    for (const sent of [xml, evidence.xml]) {
      using document = gate(sent);
      expect(document.violations('protocol')).toEqual([]);
    }
  });

  it('escapes what a provider publishes as its address', () => {
    const destination = 'https://idp.example.it/sso?a=1&b="><x y=\'';
    using document = gate(buildAuthnRequest({ ...REQUEST, destination }));
    expect(document.root.attribute('Destination')).toBe(destination);
    expect(document.root.elements.map(({ name }) => name)).toEqual([
      'Issuer',
      'NameIDPolicy',
      'RequestedAuthnContext',
    ]);
  });
});

describe('departure by HTTP-POST (spid-authn-request, 6)', () => {
  it('carries the signature right after the Issuer, with the published certificate', () => {
    const { departure, evidence } = departBy('post', {
      xml: buildAuthnRequest(REQUEST),
      destination: REQUEST.destination,
      relayState: RELAY_STATE,
      key,
    });
    expect(departure).toEqual({
      kind: 'form',
      action: REQUEST.destination,
      fields: { SAMLRequest: Buffer.from(evidence.xml).toString('base64'), RelayState: RELAY_STATE },
    });
    expect(evidence.query).toBeUndefined();
    using document = gate(evidence.xml);
    expect(document.root.elements.map(({ name }) => name)).toEqual([
      'Issuer',
      'Signature',
      'NameIDPolicy',
      'RequestedAuthnContext',
    ]);
    const certificates = document.root.descendants(NS.ds, 'X509Certificate').map(({ text }) => text);
    expect(certificates).toEqual([key.certificate]);
    expect(verifyEnveloped(document, document.root, [key.publicKey])).toBeDefined();
    expect(evidence.xml.replace(/<ds:Signature.*<\/ds:Signature>/s, '')).toBe(golden({}));
  });
});

/** Reads a departure by Redirect with nothing of ours: parameters in order, signature over the raw characters. */
function readRedirect(url: string, verifier: TestKey) {
  const query = url.slice(url.indexOf('SAMLRequest='));
  const [signed = '', signature = ''] = query.split('&Signature=');
  const parameters = new URLSearchParams(query);
  return {
    names: query.split('&').map((pair) => pair.split('=')[0]),
    verifies: verify(
      'sha256',
      Buffer.from(signed),
      verifier.publicKey,
      Buffer.from(decodeURIComponent(signature), 'base64'),
    ),
    algorithm: parameters.get('SigAlg'),
    relayState: parameters.get('RelayState'),
    xml: inflateRawSync(Buffer.from(parameters.get('SAMLRequest') ?? '', 'base64')).toString(),
  };
}

describe('departure by HTTP-Redirect (spid-authn-request, 5)', () => {
  it('signs the query in the order it is sent, and nothing inside the document', () => {
    const { departure, evidence } = departBy('redirect', {
      xml: buildAuthnRequest(REQUEST),
      destination: REQUEST.destination,
      relayState: RELAY_STATE,
      key,
    });
    if (departure.kind !== 'redirect') throw new Error('not a redirect');
    expect(departure.url).toBe(`${REQUEST.destination}?${evidence.query}`);
    expect(readRedirect(departure.url, key)).toEqual({
      names: ['SAMLRequest', 'RelayState', 'SigAlg', 'Signature'],
      verifies: true,
      algorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
      relayState: RELAY_STATE,
      xml: golden({}),
    });
    expect(evidence.xml).toBe(golden({}));
    // sp-test encodes again with another encoder: both have to agree on every character.
    expect(departure.url.slice(REQUEST.destination.length)).toMatch(/^\?(?:[\w.&=-]|%[0-9A-F]{2})+$/);
  });

  it('appends to a query that the address has already', () => {
    const destination = 'https://idp.example.it/sso?tenant=1';
    const { departure } = departBy('redirect', {
      xml: buildAuthnRequest({ ...REQUEST, destination }),
      destination,
      relayState: RELAY_STATE,
      key,
    });
    expect(departure).toMatchObject({
      url: expect.stringMatching(/^https:\/\/idp\.example\.it\/sso\?tenant=1&SAMLRequest=/) as string,
    });
  });
});

// AgID's aggregate of 25 November 2025 stands beside the repository on some machines, never in it.
const AGGREGATE = resolve(import.meta.dirname, '../../../../shared/data/spid-entities-idps-2025-11-25.xml');

describe('requests to the real identity providers', () => {
  it.skipIf(!existsSync(AGGREGATE))('leave for all twelve of them by either binding', () => {
    const { providers } = readIdentityProviders(readFileSync(AGGREGATE));
    expect(providers).toHaveLength(12);
    for (const provider of providers) {
      for (const binding of ['post', 'redirect'] as const) {
        const destination = provider.singleSignOn[binding] ?? '';
        const xml = buildAuthnRequest({ ...REQUEST, id: newId(), destination });
        const { departure, evidence } = departBy(binding, { xml, destination, relayState: RELAY_STATE, key });
        using document = gate(evidence.xml);
        expect(document.violations('protocol')).toEqual([]);
        expect(document.root.attribute('Destination')).toBe(destination);
        if (departure.kind === 'form') {
          expect(departure.action).toBe(destination);
          expect(verifyEnveloped(document, document.root, [key.publicKey])).toBeDefined();
        } else {
          expect(departure.url.startsWith(`${destination}?SAMLRequest=`)).toBe(true);
          expect(readRedirect(departure.url, key)).toMatchObject({ verifies: true, xml });
        }
        expect(departure.kind).toBe(binding === 'post' ? 'form' : 'redirect');
      }
    }
  });
});
