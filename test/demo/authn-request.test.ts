import { describe, expect, it } from 'vitest';
import { acceptRequest, Anomaly } from '../../src/demo/authn-request.ts';
import { readServiceProvider } from '../../src/demo/service-provider.ts';
import type { Arrival } from '../../src/demo/signed-message.ts';
import { redirectBinding } from '../../src/saml/bindings.ts';
import { sealMetadata } from '../../src/sources/spid/metadata.ts';
import { buildAuthnRequest } from '../../src/sources/spid/request.ts';
import { ENTITY, newKey, PUBLIC_URL } from '../sources/spid/fixtures.ts';

const NOW = new Date('2026-03-05T18:04:00Z');
const DESTINATION = 'https://idp.example.it/sso';
const ACS = `${PUBLIC_URL}/spid/unione/acs`;

const key = await newKey('unione');
const metadata = sealMetadata(ENTITY, PUBLIC_URL, [key.certificate], key);
const provider = readServiceProvider(metadata);

const good = buildAuthnRequest({
  entity: ENTITY,
  id: '_0123456789abcdef0123456789abcdef',
  issueInstant: NOW,
  destination: DESTINATION,
  level: 2,
  comparison: 'minimum',
  forceAuthn: true,
  acsIndex: 0,
  attributeSetIndex: 0,
});

function byRedirect(xml: string, relayState: string | undefined = 'opaque'): Arrival {
  const { query } = redirectBinding(DESTINATION, 'SAMLRequest', xml, relayState, key);
  return { binding: 'redirect', rawQuery: query };
}

function anomalyOf(arrival: Arrival): { nr: number; told: boolean } {
  try {
    acceptRequest(arrival, DESTINATION, provider, NOW);
  } catch (error) {
    if (error instanceof Anomaly) return { nr: error.nr, told: error.reply !== undefined };
    throw error;
  }
  throw new Error('the request was accepted');
}

/** What is wrong with the request, the anomaly by which AgID's table calls it, and whether the service is told. */
const WRONG: readonly [what: string, from: string | RegExp, to: string, nr: number, told: boolean][] = [
  ['Version', 'Version="2.0"', 'Version="1.1"', 9, true],
  ['an ID that can be guessed', 'ID="_0123456789abcdef0123456789abcdef"', 'ID="_1"', 11, true],
  ['IssueInstant of an hour ago', NOW.toISOString(), '2026-03-05T17:04:00.000Z', 13, true],
  ['IssueInstant without zone', NOW.toISOString(), '2026-03-05T18:04:00', 13, true],
  ['Destination', `Destination="${DESTINATION}"`, 'Destination="https://elsewhere.example.it"', 14, true],
  ['IsPassive, even false', ' ForceAuthn', ' IsPassive="false" ForceAuthn', 15, true],
  [
    'an unknown ACS index',
    'AssertionConsumerServiceIndex="0"',
    'AssertionConsumerServiceIndex="9"',
    16,
    true,
  ],
  [
    'ACS index and URL together',
    'AssertionConsumerServiceIndex="0"',
    `AssertionConsumerServiceIndex="0" AssertionConsumerServiceURL="${ACS}"`,
    16,
    true,
  ],
  ['NameIDPolicy', 'nameid-format:transient', 'nameid-format:persistent', 17, true],
  ['AllowCreate', '<samlp:NameIDPolicy ', '<samlp:NameIDPolicy AllowCreate="true" ', 17, true],
  [
    'an unknown attribute set',
    'AttributeConsumingServiceIndex="0"',
    'AttributeConsumingServiceIndex="9"',
    18,
    true,
  ],
  ['a level that is none', 'SpidL2<', 'SpidL4<', 12, true],
  [
    'an old level URN',
    'https://www.spid.gov.it/SpidL2',
    'urn:oasis:names:tc:SAML:2.0:ac:classes:SpidL2',
    12,
    true,
  ],
  ['no Comparison', ' Comparison="minimum"', '', 12, true],
  ['level 2 without ForceAuthn', ' ForceAuthn="true"', '', 8, true],
  ['ProviderName', ' ForceAuthn', ' ProviderName="x" ForceAuthn', 8, true],
  ['Issuer', `>${ENTITY.entityId}<`, '>https://elsewhere.example.it<', 10, false],
  ['Issuer without NameQualifier', / NameQualifier="[^"]*"/, '', 10, false],
  ['a blank in the Format of Issuer', 'nameid-format:entity"', 'nameid-format:entity "', 10, false],
];

describe('the demo’s identity provider, as strict as the real ones (spid-authn-request, 9)', () => {
  it('accepts what the gateway sends', () => {
    expect(acceptRequest(byRedirect(good), DESTINATION, provider, NOW)).toMatchObject({
      acsUrl: ACS,
      level: 2,
      forceAuthn: true,
      audience: ENTITY.entityId,
      kinds: ['citizen', 'professional'],
      relayState: 'opaque',
    });
  });

  it.each(WRONG)('turns down %s', (_what, from, to, nr, told) => {
    const xml = good.replace(from, to);
    expect(xml).not.toBe(good);
    expect(anomalyOf(byRedirect(xml))).toEqual({ nr, told });
  });

  it.each([
    ['none', undefined],
    ['an address', 'http-address'],
    ['one of 81 bytes', 'x'.repeat(81)],
  ])('turns down a RelayState that is %s', (_what, relayState) => {
    const { query } = redirectBinding(DESTINATION, 'SAMLRequest', good, relayState, key);
    expect(anomalyOf({ binding: 'redirect', rawQuery: query })).toEqual({ nr: 4, told: false });
  });

  it('turns down a query that was changed after it was signed, and a document that was not signed', () => {
    const { query } = redirectBinding(DESTINATION, 'SAMLRequest', good, 'opaque', key);
    const changed = query.replace('RelayState=opaque', 'RelayState=other');
    expect(anomalyOf({ binding: 'redirect', rawQuery: changed }).nr).toBe(5);
    const form = new Map([
      ['SAMLRequest', Buffer.from(good).toString('base64')],
      ['RelayState', 'opaque'],
    ]);
    expect(anomalyOf({ binding: 'post', form }).nr).toBe(7);
  });

  it('turns down a message that came by the other method', () => {
    const plain = new URLSearchParams({ SAMLRequest: Buffer.from(good).toString('base64') }).toString();
    expect(anomalyOf({ binding: 'redirect', rawQuery: plain }).nr).toBe(6);
    const { query } = redirectBinding(DESTINATION, 'SAMLRequest', good, 'opaque', key);
    expect(anomalyOf({ binding: 'post', form: new Map(new URLSearchParams(query)) }).nr).toBe(6);
  });

  it.each([
    ['P', ['professional', 'professional-for-legal-person']],
    ['LP', ['legal-person', 'professional-for-legal-person']],
    ['PG', ['professional-for-legal-person']],
    ['PF', ['professional']],
    ['PX', ['legal-person', 'professional', 'professional-for-legal-person']],
  ])('reads the purpose %s', (purpose, kinds) => {
    const extensions = `<samlp:Extensions xmlns:spid="https://spid.gov.it/saml-extensions"><spid:Purpose>${purpose}</spid:Purpose></samlp:Extensions>`;
    const xml = good.replace('<samlp:NameIDPolicy', `${extensions}<samlp:NameIDPolicy`);
    expect(acceptRequest(byRedirect(xml), DESTINATION, provider, NOW).kinds).toEqual(kinds);
  });

  it('does not believe metadata that was changed after it was signed', () => {
    const changed = Buffer.from(metadata).toString().replace(ACS, 'https://elsewhere.example.it/acs');
    expect(() => readServiceProvider(Buffer.from(changed))).toThrow('not signed');
  });
});
