import type { Case } from '../../../src/selfcheck/cases/case.ts';
import { responseXml, signed, type Kit } from '../../../src/selfcheck/model.ts';
import { attack, forge, pieces, tampered, written } from './attack.ts';

const OTHER = 'https://other.example.it';

/** The wrapper says one thing, the Assertion another (node-saml#433, samlify F-4 and F-5). */
const BINDING: readonly Case[] = [
  attack(
    'S25 node-saml#433 no InResponseTo in the Assertion, the right one on the Response',
    'A12',
    written((xml) => xml.replace(/(<saml:SubjectConfirmationData) InResponseTo="[^"]*"/, '$1')),
  ),
  attack(
    'S25 node-saml#433 InResponseTo of another request in the Assertion',
    'A12',
    written((xml) => xml.replace(/(<saml:SubjectConfirmationData InResponseTo=")[^"]*/, '$1_another')),
  ),
  attack('S25 an unsigned Response brings the Assertion of another login', 'A12', (kit) => {
    const stolen = pieces(
      { ...kit, facts: { ...kit.facts, requestId: '_of_somebody_else' } },
      { response: false },
    );
    return pieces(kit).shell(stolen.assertion);
  }),
  attack(
    'S26 samlify F-4 an Assertion for another service',
    'A15',
    written((xml, { facts }) =>
      xml.replace(`>${facts.audience}</saml:Audience>`, `>${OTHER}</saml:Audience>`),
    ),
  ),
  attack(
    'S26 an Audience with a slash more',
    'A15',
    written((xml, { facts }) =>
      xml.replace(`>${facts.audience}</saml:Audience>`, `>${facts.audience}/</saml:Audience>`),
    ),
  ),
  attack(
    'S26 an Audience in other letters',
    'A15',
    written((xml, { facts }) =>
      xml.replace(`>${facts.audience}</saml:Audience>`, `>${facts.audience.toUpperCase()}</saml:Audience>`),
    ),
  ),
  attack(
    'S26 a second AudienceRestriction for somebody else',
    'A15',
    written((xml) =>
      xml.replace(
        '</saml:AudienceRestriction>',
        `$&<saml:AudienceRestriction><saml:Audience>${OTHER}</saml:Audience></saml:AudienceRestriction>`,
      ),
    ),
  ),
  attack(
    'S26 no AudienceRestriction',
    'A15',
    written((xml) => xml.replace(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/, '')),
  ),
  attack(
    'S26 openproxy#449 Recipient is the logout service',
    'A11',
    written((xml, { facts }) =>
      xml.replace(`Recipient="${facts.acsUrl}"`, `Recipient="${facts.acsUrl.replace('/acs', '/slo')}"`),
    ),
  ),
  attack(
    'S26 openproxy#449 Destination is another environment',
    'R5',
    written((xml) => xml.replace(/ Destination="[^"]*"/, ` Destination="${OTHER}/acs"`)),
  ),
  attack(
    'S26 Destination with a query',
    'R5',
    written((xml) => xml.replace(/ Destination="([^"]*)"/, ' Destination="$1?x=1"')),
  ),
];

/** Another provider of the federation, or another entity of ours. */
const MIX_UP: readonly Case[] = [
  attack('IdP mix-up: signed by another provider in its own name', 'S2', (kit) => {
    const other = { ...kit, facts: { ...kit.facts, provider: OTHER } };
    return signed(responseXml(other.facts), other, {
      assertion: { key: kit.foreign },
      response: { key: kit.foreign },
    });
  }),
  attack(
    'IdP mix-up: this provider signs in the name of another',
    'R8',
    written((xml, { facts }) => xml.replaceAll(`>${facts.provider}<`, `>${OTHER}<`)),
  ),
  attack(
    'IdP mix-up: another Issuer in the Assertion only',
    'A4',
    written((xml, { facts }) => {
      const at = xml.lastIndexOf(`>${facts.provider}</saml:Issuer>`);
      return `${xml.slice(0, at)}>${OTHER}${xml.slice(at + 1 + facts.provider.length)}`;
    }),
  ),
  attack(
    'Mallory answers for Alice: another person in an unsigned copy',
    'S2',
    tampered((xml, kit) => forge(xml, kit)),
  ),
];

/** Net::SAML2 CVE-2026-18108, pysaml2 CVE-2017-1000246: nothing is ever decrypted, whatever is inside. */
const ENCRYPTED: readonly Case[] = (
  ['EncryptedAssertion', 'EncryptedID', 'EncryptedAttribute', 'NewEncryptedID'] as const
).map((name) => {
  const element = `<saml:${name === 'NewEncryptedID' ? 'EncryptedID' : name}><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"><xenc:CipherData><xenc:CipherValue>AAAA</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:${name === 'NewEncryptedID' ? 'EncryptedID' : name}>`;
  const places = {
    EncryptedAssertion: (xml: string) => xml.replace('</samlp:Response>', (end) => element + end),
    EncryptedID: (xml: string) => xml.replace(/<saml:NameID .*<\/saml:NameID>/, element),
    EncryptedAttribute: (xml: string) => xml.replace('</saml:AttributeStatement>', (end) => element + end),
    NewEncryptedID: (xml: string) => xml.replace('</saml:NameID>', (end) => end + element),
  };
  return attack(`S30 CVE-2026-18108 CVE-2017-1000246 ${name}`, 'T5', written(places[name]));
});

/** pysaml2 CVE-2021-21238: wrapping goes through what a schema would have stopped. */
const INVALID: readonly Case[] = (
  [
    [
      'an attribute SAML does not know on the Response',
      'T6',
      (xml) => xml.replace('<samlp:Response ', '<samlp:Response Extra="1" '),
    ],
    [
      'an attribute SAML does not know on the Assertion',
      'T6',
      (xml) => xml.replace('<saml:Assertion ', '<saml:Assertion Extra="1" '),
    ],
    ['an ID that is no name', 'T6', (xml, { facts }) => xml.replace(`ID="${facts.responseId}"`, 'ID="1 2"')],
    [
      'Conditions before Subject',
      'T6',
      (xml) =>
        xml.replace(/(<saml:Subject>.*<\/saml:Subject>)(<saml:Conditions .*<\/saml:Conditions>)/, '$2$1'),
    ],
    ['two Status', 'T6', (xml) => xml.replace(/<samlp:Status>.*<\/samlp:Status>/, '$&$&')],
    ['two Subjects', 'T6', (xml) => xml.replace(/<saml:Subject>.*<\/saml:Subject>/, '$&$&')],
    ['text between elements', 'T6', (xml) => xml.replace('<saml:Subject>', 'x<saml:Subject>')],
    [
      'an element of nobody in the Assertion',
      'T6',
      (xml) => xml.replace('<saml:Subject>', '<x xmlns="urn:x"/><saml:Subject>'),
    ],
    ['an attribute without a name', 'A20', (xml) => xml.replace(' Name="fiscalNumber"', '')],
    [
      'a StatusCode in a StatusCode in a StatusCode, Success outside',
      'T6',
      (xml) => xml.replace('</samlp:Status>', '<samlp:StatusCode Value="x"/></samlp:Status>'),
    ],
  ] satisfies readonly (readonly [string, string, (xml: string, kit: Kit) => string])[]
).map(([what, check, change]) =>
  attack(
    `S29 CVE-2021-21238 not SAML: ${what}`,
    check,
    written(change, { response: what.includes('ID that') ? false : {} }),
  ),
);

export const CONTENT_ATTACKS: readonly Case[] = [...BINDING, ...MIX_UP, ...ENCRYPTED, ...INVALID];
