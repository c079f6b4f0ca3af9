import type { Case } from '../../../src/selfcheck/cases/case.ts';
import { AUTHN_FAILED, errorXml, signed, type Kit, type Signings } from '../../../src/selfcheck/model.ts';
import { attack, forge, pieces, type Pieces } from './attack.ts';

const inObject = (signature: string, content: string) =>
  signature.replace('</ds:Signature>', () => `<ds:Object>${content}</ds:Object></ds:Signature>`);
const afterIssuer = (element: string, content: string) =>
  element.replace('</saml:Issuer>', (end) => end + content);
const lastIn = (element: string, content: string) => element.replace(/<\/[\w:]+>$/, (end) => content + end);
/** A signature of nobody's, to hide things in. */
const HULL = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"></ds:Signature>';

/** The classic eight (Somorovsky and others, 2012), by what they do with the genuine parts. */
const SHAPES: readonly ((p: Pieces) => string)[] = [
  (p) => p.shell(p.forged, inObject(p.responseSignature || HULL, p.response)),
  (p) => p.shell(p.forged, p.response + (p.responseSignature || HULL)),
  (p) => p.shell(p.forged + p.assertion),
  (p) => p.shell(lastIn(p.forged, p.assertion)),
  (p) => p.shell(afterIssuer(p.forged, p.assertionSignature || HULL) + p.unsigned),
  (p) => p.shell(afterIssuer(p.forged, lastIn(p.assertionSignature || HULL, p.unsigned))),
  (p) => p.shell(`<samlp:Extensions>${p.forged}</samlp:Extensions>${p.assertion}`),
  (p) => p.shell(afterIssuer(p.forged, inObject(p.assertionSignature || HULL, p.unsigned))),
];

const SIGNINGS: readonly (readonly [what: string, how: Signings])[] = [
  ['assertion-signed', { response: false }],
  ['response-signed', { assertion: false }],
  ['both-signed', {}],
];

const CLASSIC = SIGNINGS.flatMap(([what, how]) =>
  SHAPES.map((shape, at) => {
    const advisories = what === 'response-signed' ? 'CVE-2025-47949' : 'CVE-2016-5697 CVE-2024-45409';
    return attack(`S01 ${advisories} XSW${at + 1} ${what}`, 'T5', (kit) => shape(pieces(kit, how)));
  }),
);

/** Where a schema lets anything in, or nearly. */
const HIDDEN: readonly (readonly [
  place: string,
  check: string,
  hide: (p: Pieces, forged: string) => string,
])[] = [
  [
    'Extensions',
    'T5',
    (p, forged) => p.shell(`<samlp:Extensions>${p.assertion}</samlp:Extensions>${forged}`),
  ],
  [
    'StatusDetail',
    'T5',
    (p, forged) =>
      p
        .shell(forged)
        .replace('</samlp:Status>', (end) => `<samlp:StatusDetail>${p.assertion}</samlp:StatusDetail>${end}`),
  ],
  [
    'Advice',
    'T5',
    (p, forged) =>
      p.shell(
        forged.replace('</saml:Conditions>', (end) => `${end}<saml:Advice>${p.assertion}</saml:Advice>`),
      ),
  ],
  ['ds:Object', 'T5', (p, forged) => p.shell(afterIssuer(forged, inObject(HULL, p.assertion)))],
  [
    'an AttributeValue',
    'T5',
    (p, forged) =>
      p.shell(
        forged.replace(
          '</saml:AttributeStatement>',
          (end) =>
            `<saml:Attribute Name="x"><saml:AttributeValue>${p.assertion}</saml:AttributeValue></saml:Attribute>${end}`,
        ),
      ),
  ],
  [
    'SubjectConfirmationData',
    'T5',
    (p, forged) =>
      p.shell(
        forged.replace(
          /(<saml:SubjectConfirmationData[^>]*)\/>/,
          (_, start) => `${start}>${p.assertion}</saml:SubjectConfirmationData>`,
        ),
      ),
  ],
];

const IN_PLACE = HIDDEN.flatMap(([place, check, hide]) => [
  attack(`S02 OneUptime#2949 the signed assertion hidden in ${place}, another ID in place`, check, (kit) => {
    const p = pieces(kit);
    return hide(p, p.forged);
  }),
  attack(`S02 OneUptime#2949 the signed assertion hidden in ${place}, the same ID in place`, check, (kit) => {
    const p = pieces(kit);
    return hide(p, p.forged.replace('_forged', kit.facts.assertionId));
  }),
]);

/** Everything a provider signs that is no answer of a login (node-saml GHSA-5p8w-2mvw-38pv). */
const SOMETHING_ELSE: readonly Case[] = [
  attack('S34 GHSA-5p8w-2mvw-38pv signed metadata of the provider', 'T5', (kit) =>
    kit.sign(
      `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_m" InResponseTo="${kit.facts.requestId}" entityID="${kit.facts.provider}"><md:Organization/></md:EntityDescriptor>`,
      '_m',
      kit.key,
    ),
  ),
  attack('S34 GHSA-5p8w-2mvw-38pv a signed LogoutResponse', 'T5', (kit) => signed(logoutResponse(kit), kit)),
  attack('S34 GHSA-5p8w-2mvw-38pv a signed LogoutRequest', 'T5', (kit) =>
    signed(logoutResponse(kit).replaceAll('samlp:LogoutResponse', 'samlp:LogoutRequest'), kit),
  ),
  attack('S34 a bare signed Assertion', 'T5', (kit) => pieces(kit, { response: false }).assertion),
  attack('S34 a signed error with somebody else’s unsigned Assertion', 'R7', (kit) => {
    const error = signed(errorXml(kit.facts, AUTHN_FAILED, 'something'), kit, { response: false });
    return error.replace('</samlp:Response>', (end) => pieces(kit).forged + end);
  }),
  attack('S34 a forged Assertion beside metadata that is signed', 'T5', (kit) =>
    pieces(kit).shell(
      pieces(kit).forged +
        kit.sign(
          '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_m" entityID="x"/>',
          '_m',
          kit.key,
        ),
    ),
  ),
  attack('S34 the Response signature of an error moved onto a forged Response', 'S4', (kit) => {
    const error = signed(errorXml(kit.facts, AUTHN_FAILED, 'something'), kit);
    const [signature = ''] = /<ds:Signature .*?<\/ds:Signature>/s.exec(error) ?? [];
    const p = pieces(kit);
    return p.shell(forge(p.assertion, kit), signature);
  }),
];

function logoutResponse({ facts }: Kit): string {
  return errorXml(
    facts,
    '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>',
    'ok',
  ).replaceAll('samlp:Response', 'samlp:LogoutResponse');
}

export const WRAPPING_ATTACKS: readonly Case[] = [...CLASSIC, ...IN_PLACE, ...SOMETHING_ELSE];
