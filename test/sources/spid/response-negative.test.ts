import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/sources/spid/response.ts';
import type { Arrival } from '../../../src/sources/spid/response-context.ts';
import {
  arrival,
  foreignKey,
  NOW,
  pendingRequest,
  responseXml,
  signed,
  verdictOf,
} from '../../support/spid-response.ts';

/** What a provider alone cannot play, or only we refuse; the others are in src/selfcheck/cases/own.ts. */
describe('SPID response, our own negative cases (spid-response-validation, 8)', () => {
  const cases: readonly [what: string, arrived: () => Arrival, check: string][] = [
    [
      'an expired request',
      () => arrival(signed(responseXml()), { pending: pendingRequest({ expiresAt: NOW }) }),
      'C2',
    ],
    [
      'an answered request',
      () => arrival(signed(responseXml()), { pending: pendingRequest({ consumedAt: NOW }) }),
      'C2',
    ],
    [
      'an Assertion hidden in a Response of another namespace',
      () => {
        const [assertion = ''] = /<saml:Assertion .*<\/saml:Assertion>/.exec(responseXml()) ?? [];
        const hidden = `<samlp:StatusDetail><x:Response xmlns:x="urn:x">${assertion}</x:Response></samlp:StatusDetail>`;
        return arrival(
          signed(
            responseXml()
              .replace(assertion, '')
              .replace('</samlp:Status>', () => `${hidden}</samlp:Status>`),
          ),
        );
      },
      'T5',
    ],
    [
      'two values in an indispensable attribute',
      () =>
        arrival(
          signed(
            responseXml().replace(
              '>Mario</saml:AttributeValue>',
              '>Mario</saml:AttributeValue><saml:AttributeValue>Luigi</saml:AttributeValue>',
            ),
          ),
        ),
      'A21',
    ],
    ['UTF-16', () => arrival(Buffer.from(signed(responseXml()), 'utf16le')), 'T4'],
    [
      'two values in the key attribute',
      () =>
        arrival(
          signed(
            responseXml().replace(
              '</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>',
              '</saml:AttributeValue><saml:AttributeValue>TINIT-GDASDV00A01H501J</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>',
            ),
          ),
        ),
      'A23',
    ],
    [
      'a response for another entity of ours',
      () =>
        arrival(signed(responseXml()), {
          pending: pendingRequest({ issuer: 'https://accesso.unione.example.it/altro' }),
        }),
      'A15',
    ],
    [
      'an assertion of another provider',
      () =>
        arrival(signed(responseXml()), { pending: pendingRequest({ provider: 'https://other.example.it' }) }),
      'C4',
    ],
    [
      'URL-safe base64',
      () => ({ ...arrival(''), body: Buffer.from('SAMLResponse=_-_-&RelayState=x') }),
      'T2',
    ],
    ['more than 256 KiB', () => arrival('x'.repeat(300 * 1024)), 'T2'],
  ];
  it.each(cases)('refuses %s', async (_what, arrived, check) => {
    expect(await verdictOf(arrived())).toBe(check);
  });
});

describe('SPID response, where attributes are read from', () => {
  it('takes no attribute out of the value of another', async () => {
    const [attribute = ''] =
      /<saml:Attribute Name="fiscalNumber".*?<\/saml:Attribute>/s.exec(responseXml()) ?? [];
    const hidden = responseXml().replace(attribute, '').replace('>Rossi<', `>Rossi${attribute}<`);
    expect(hidden).toContain(`>Rossi${attribute}<`);
    const verdict = await judge(arrival(signed(hidden), { lenient: () => ['schema'] }));
    expect(verdict).toMatchObject({ outcome: 'accepted', identity: { person: { kind: 'provider-code' } } });
  });
});

describe('SPID response, what the citizen is told of a refusal (spid-response-validation, 1 and 6.1)', () => {
  const good = () => signed(responseXml());
  const cases: readonly [what: string, arrived: () => Arrival, told: Record<string, unknown>][] = [
    [
      'nobody asked for it',
      () => arrival(good(), { find: async () => undefined }),
      { check: 'C1', reason: 'unsolicited', status: 400, signatureVerified: false },
    ],
    [
      'it came too late',
      () => arrival(good(), { pending: pendingRequest({ expiresAt: NOW }) }),
      { check: 'C2', reason: 'expired', status: 400, signatureVerified: false },
    ],
    [
      'it was answered already',
      () => arrival(good(), { pending: pendingRequest({ consumedAt: NOW }) }),
      { check: 'C2', reason: 'already-used', status: 400, signatureVerified: false },
    ],
    [
      'it came with the RelayState of another login',
      () => arrival(good(), { relayState: 'of-another-tab' }),
      { check: 'C2', reason: 'rejected', status: 403, signatureVerified: false },
    ],
    [
      'it is no form',
      () => arrival(good(), { contentType: 'application/json' }),
      { check: 'T1', reason: 'rejected', status: 400, signatureVerified: false },
    ],
    [
      'the provider did not sign it',
      () => arrival(signed(responseXml(), { key: foreignKey.privateKey })),
      { check: 'S2', reason: 'rejected', status: 403, signatureVerified: false },
    ],
    [
      'the provider signed it for somebody else',
      () => arrival(good(), { pending: pendingRequest({ issuer: 'https://other.example.it' }) }),
      { check: 'A15', reason: 'rejected', status: 403, signatureVerified: true },
    ],
    [
      'an attribute is missing that the service needs',
      () => arrival(good(), { pending: pendingRequest({ requiredAttributes: ['email'] }) }),
      { check: 'A21', reason: 'attributes-missing', status: 403, signatureVerified: true },
    ],
  ];
  it.each(cases)('says so when %s', async (_what, arrived, told) => {
    expect(await judge(arrived())).toMatchObject({ outcome: 'refused', ...told });
  });
});
