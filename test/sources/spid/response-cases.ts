import type { Level } from '../../../src/identity/level.ts';
import {
  ACS,
  AUDIENCE,
  FISCAL_NUMBER,
  foreignKey,
  INSTANT,
  PROVIDER,
  REQUEST_ID,
  responseXml,
  signed,
} from '../../support/spid-response.ts';

/** One case of AgID's suites (spid-response-validation, 7): what arrives, and which check has to catch it. */
export interface Case {
  readonly nr: string;
  readonly mutation: string;
  readonly xml: (level: Level) => string;
  /** `OK`, or the id of the check that refuses. */
  readonly expected: string;
}

const replacing = (from: string | RegExp, to: string) => (level: Level) => {
  const xml = responseXml({ level });
  const changed = xml.replace(from, () => to);
  if (changed === xml) throw new Error(`nothing to replace: ${String(from)}`);
  return signed(changed);
};
/** In every place. */
const replacingAll = (from: string, to: string) => (level: Level) =>
  signed(responseXml({ level }).replaceAll(from, () => to));
const refused = (nr: string | number, expected: string, mutation: string, xml: Case['xml']): Case => ({
  nr: String(nr),
  mutation,
  xml,
  expected,
});
const accepted = (nr: string, mutation: string, xml: Case['xml']): Case => ({
  nr,
  mutation,
  xml,
  expected: 'OK',
});

const ISSUER = `<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">${PROVIDER}</saml:Issuer>`;
const STATUS =
  '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>';
const SUBJECT = /<saml:Subject>.*<\/saml:Subject>/;
const NAME_ID = /<saml:NameID .*<\/saml:NameID>/;
const CONFIRMATION = /<saml:SubjectConfirmation .*<\/saml:SubjectConfirmation>/;
const CONFIRMATION_DATA = /<saml:SubjectConfirmationData [^>]*\/>/;
const CONDITIONS = /<saml:Conditions .*<\/saml:Conditions>/;
const AUDIENCE_RESTRICTION = /<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/;
const AUTHN_STATEMENT = /<saml:AuthnStatement .*<\/saml:AuthnStatement>/;
const AUTHN_CONTEXT = /<saml:AuthnContext>.*<\/saml:AuthnContext>/;
const CLASS_REF = /<saml:AuthnContextClassRef>.*<\/saml:AuthnContextClassRef>/;
const ATTRIBUTES = /<saml:AttributeStatement>.*<\/saml:AttributeStatement>/;
const ASSERTION = /<saml:Assertion .*<\/saml:Assertion>/;

/** The first is the Response's, the second the Assertion's. */
const second = (part: string, to: string) => (level: Level) => {
  const xml = responseXml({ level });
  const at = xml.lastIndexOf(part);
  return signed(xml.slice(0, at) + to + xml.slice(at + part.length));
};
const responseInstant = ` ID="_r1" Version="2.0" IssueInstant="${INSTANT}"`;
const assertionInstant = ` ID="_a1" Version="2.0" IssueInstant="${INSTANT}"`;
const notOnOrAfter = 'NotOnOrAfter="2026-03-05T18:09:00Z"';
const confirmationEnd = `${notOnOrAfter} Recipient`;
const conditionsEnd = `${notOnOrAfter}><saml:AudienceRestriction`;

export const OFFICIAL_CASES: readonly Case[] = [
  accepted('1', 'nothing', (level) => signed(responseXml({ level }))),
  accepted('1-NS', 'no SessionIndex', (level) => signed(responseXml({ level, sessionIndex: false }))),
  refused(2, 'S1', 'nothing is signed', (level) =>
    signed(responseXml({ level }), { assertion: false, response: false }),
  ),
  refused(3, 'S1', 'only the Response is signed', (level) =>
    signed(responseXml({ level }), { assertion: false }),
  ),
  refused(4, 'S2', 'both signed with a key that is not in the metadata', (level) =>
    signed(responseXml({ level }), { key: foreignKey.privateKey }),
  ),
  refused(8, 'R1', 'Response ID empty', (level) =>
    signed(responseXml({ level }).replace('ID="_r1"', 'ID=""'), { response: false, assertion: {} }),
  ),
  refused(9, 'R1', 'Response ID missing', (level) =>
    signed(responseXml({ level }).replace(' ID="_r1"', ''), { response: false, assertion: {} }),
  ),
  refused(
    10,
    'R2',
    'Response Version 1.0',
    replacing(responseInstant, responseInstant.replace('2.0', '1.0')),
  ),
  refused(
    11,
    'R3',
    'Response IssueInstant empty',
    replacing(responseInstant, responseInstant.replace(INSTANT, '')),
  ),
  refused(12, 'R3', 'Response IssueInstant missing', replacing(responseInstant, ' ID="_r1" Version="2.0"')),
  refused(
    13,
    'R3',
    'Response IssueInstant a date only',
    replacing(responseInstant, responseInstant.replace(INSTANT, '2026-03-05')),
  ),
  refused(
    14,
    'R3',
    'IssueInstant before the request',
    replacing(responseInstant, responseInstant.replace(INSTANT, '2018-03-05T18:04:00Z')),
  ),
  refused(
    15,
    'R3',
    'IssueInstant after reception',
    replacing(responseInstant, responseInstant.replace(INSTANT, '2099-03-05T18:04:00Z')),
  ),
  refused(16, 'C1', 'InResponseTo empty', replacingAll(`InResponseTo="${REQUEST_ID}"`, 'InResponseTo=""')),
  refused(17, 'C1', 'InResponseTo missing', replacingAll(` InResponseTo="${REQUEST_ID}"`, '')),
  refused(
    18,
    'C1',
    'InResponseTo of another request',
    replacingAll(REQUEST_ID, '_00000000000000000000000000000000'),
  ),
  refused(19, 'R5', 'Destination empty', replacing(`Destination="${ACS}"`, 'Destination=""')),
  refused(20, 'R5', 'Destination missing', replacing(` Destination="${ACS}"`, '')),
  refused(
    21,
    'R5',
    'another Destination',
    replacing(`Destination="${ACS}"`, 'Destination="https://elsewhere.example.it/acs"'),
  ),
  refused(22, 'R6', 'Status empty', replacing(STATUS, '<samlp:Status></samlp:Status>')),
  refused(23, 'R6', 'Status missing', replacing(STATUS, '')),
  refused(
    24,
    'R6',
    'StatusCode Value empty',
    replacing('Value="urn:oasis:names:tc:SAML:2.0:status:Success"', 'Value=""'),
  ),
  refused(25, 'R6', 'StatusCode missing', replacing(STATUS, '<samlp:Status/>')),
  refused(26, 'R7', 'StatusCode invented', replacing('status:Success', 'status:Invented')),
  refused(27, 'R8', 'Response Issuer empty', replacing(`${PROVIDER}</saml:Issuer>`, '</saml:Issuer>')),
  refused(28, 'R8', 'Response Issuer missing', replacing(ISSUER, '')),
  refused(
    29,
    'R8',
    'another Response Issuer',
    replacing(`${PROVIDER}</saml:Issuer>`, 'https://other.example.it</saml:Issuer>'),
  ),
  refused(
    30,
    'R9',
    'another Format of the Response Issuer',
    replacing('nameid-format:entity', 'nameid-format:transient'),
  ),
  accepted(
    '31',
    'no Format of the Response Issuer',
    replacing(' Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity"', ''),
  ),
  refused(32, 'R10', 'no Assertion', replacing(ASSERTION, '')),
  refused(33, 'A1', 'Assertion ID empty', (level) =>
    signed(responseXml({ level }).replace('ID="_a1"', 'ID=""'), { response: {}, assertion: false }),
  ),
  refused(34, 'A1', 'Assertion ID missing', (level) =>
    signed(responseXml({ level }).replace(' ID="_a1"', ''), { response: {}, assertion: false }),
  ),
  refused(
    35,
    'A2',
    'Assertion Version 1.0',
    replacing(assertionInstant, assertionInstant.replace('2.0', '1.0')),
  ),
  refused(
    36,
    'A3',
    'Assertion IssueInstant empty',
    replacing(assertionInstant, assertionInstant.replace(INSTANT, '')),
  ),
  refused(37, 'A3', 'Assertion IssueInstant missing', replacing(assertionInstant, ' ID="_a1" Version="2.0"')),
  refused(
    38,
    'A3',
    'Assertion IssueInstant badly formatted',
    replacing(assertionInstant, assertionInstant.replace(INSTANT, '2026-03-05 18:04')),
  ),
  refused(
    39,
    'A3',
    'Assertion IssueInstant in 2000',
    replacing(assertionInstant, assertionInstant.replace(INSTANT, '2000-01-01T00:00:00Z')),
  ),
  refused(
    40,
    'A3',
    'Assertion IssueInstant in 2099',
    replacing(assertionInstant, assertionInstant.replace(INSTANT, '2099-01-01T00:00:00Z')),
  ),
  refused(41, 'A6', 'Subject empty', replacing(SUBJECT, '<saml:Subject></saml:Subject>')),
  refused(42, 'A6', 'Subject missing', replacing(SUBJECT, '')),
  refused(43, 'A7', 'NameID empty', replacing('>_n5d0c<', '><')),
  refused(44, 'A7', 'NameID missing', replacing(NAME_ID, '')),
  refused(
    45,
    'A8',
    'NameID Format empty',
    replacing('Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient"', 'Format=""'),
  ),
  refused(
    46,
    'A8',
    'NameID Format missing',
    replacing(' Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient"', ''),
  ),
  refused(
    47,
    'A8',
    'NameID Format not transient',
    replacing('nameid-format:transient', 'nameid-format:persistent'),
  ),
  refused(48, 'A9', 'NameQualifier empty', replacing(`NameQualifier="${PROVIDER}"`, 'NameQualifier=""')),
  refused(49, 'A9', 'NameQualifier missing', replacing(` NameQualifier="${PROVIDER}"`, '')),
  refused(
    51,
    'A10',
    'SubjectConfirmation empty',
    replacing(CONFIRMATION, '<saml:SubjectConfirmation></saml:SubjectConfirmation>'),
  ),
  refused(52, 'A10', 'SubjectConfirmation missing', replacing(CONFIRMATION, '')),
  refused(
    53,
    'A10',
    'Method empty',
    replacing('Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"', 'Method=""'),
  ),
  refused(54, 'A10', 'Method missing', replacing(' Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"', '')),
  refused(55, 'A10', 'Method not bearer', replacing('cm:bearer', 'cm:holder-of-key')),
  refused(56, 'A11', 'SubjectConfirmationData missing', replacing(CONFIRMATION_DATA, '')),
  refused(57, 'A11', 'Recipient empty', replacing(`Recipient="${ACS}"`, 'Recipient=""')),
  refused(58, 'A11', 'Recipient missing', replacing(` Recipient="${ACS}"`, '')),
  refused(
    59,
    'A11',
    'another Recipient',
    replacing(`Recipient="${ACS}"`, 'Recipient="https://elsewhere.example.it/acs"'),
  ),
  refused(
    60,
    'A12',
    'confirmation InResponseTo empty',
    second(`InResponseTo="${REQUEST_ID}"`, 'InResponseTo=""'),
  ),
  refused(61, 'A12', 'confirmation InResponseTo missing', second(`InResponseTo="${REQUEST_ID}" `, '')),
  refused(
    62,
    'A12',
    'confirmation InResponseTo of another request',
    second(REQUEST_ID, '_00000000000000000000000000000000'),
  ),
  refused(
    63,
    'A13',
    'confirmation NotOnOrAfter empty',
    replacing(confirmationEnd, 'NotOnOrAfter="" Recipient'),
  ),
  refused(64, 'A13', 'confirmation NotOnOrAfter missing', replacing(confirmationEnd, 'Recipient')),
  refused(
    65,
    'A13',
    'confirmation NotOnOrAfter badly formatted',
    replacing(confirmationEnd, 'NotOnOrAfter="2026-03-05" Recipient'),
  ),
  refused(
    66,
    'A13',
    'confirmation NotOnOrAfter in 2000',
    replacing(confirmationEnd, 'NotOnOrAfter="2000-01-01T00:00:00Z" Recipient'),
  ),
  refused(67, 'A4', 'Assertion Issuer empty', second(`${PROVIDER}</saml:Issuer>`, '</saml:Issuer>')),
  refused(68, 'A4', 'Assertion Issuer missing', second(ISSUER, '')),
  refused(
    69,
    'A4',
    'another Assertion Issuer',
    second(`${PROVIDER}</saml:Issuer>`, 'https://other.example.it</saml:Issuer>'),
  ),
  refused(
    70,
    'A5',
    'Assertion Issuer Format empty',
    second('urn:oasis:names:tc:SAML:2.0:nameid-format:entity', ''),
  ),
  refused(
    71,
    'A5',
    'Assertion Issuer Format missing',
    second(' Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity"', ''),
  ),
  refused(
    72,
    'A5',
    'another Assertion Issuer Format',
    second('nameid-format:entity', 'nameid-format:transient'),
  ),
  refused(73, 'A14', 'Conditions empty', replacing(CONDITIONS, '<saml:Conditions></saml:Conditions>')),
  refused(74, 'A14', 'Conditions missing', replacing(CONDITIONS, '')),
  refused(75, 'A14', 'NotBefore empty', replacing(`NotBefore="${INSTANT}"`, 'NotBefore=""')),
  refused(76, 'A14', 'NotBefore missing', replacing(` NotBefore="${INSTANT}"`, '')),
  refused(
    77,
    'A14',
    'NotBefore badly formatted',
    replacing(`NotBefore="${INSTANT}"`, 'NotBefore="05/03/2026 18:04:00"'),
  ),
  refused(
    78,
    'A14',
    'NotBefore in 2099',
    replacing(`NotBefore="${INSTANT}"`, 'NotBefore="2099-03-05T18:04:00Z"'),
  ),
  refused(
    79,
    'A14',
    'Conditions NotOnOrAfter empty',
    replacing(conditionsEnd, 'NotOnOrAfter=""><saml:AudienceRestriction'),
  ),
  refused(
    80,
    'A14',
    'Conditions NotOnOrAfter missing',
    replacing(` ${conditionsEnd}`, '><saml:AudienceRestriction'),
  ),
  refused(
    81,
    'A14',
    'Conditions NotOnOrAfter badly formatted',
    replacing(conditionsEnd, 'NotOnOrAfter="2026.03.05T18:09:00Z"><saml:AudienceRestriction'),
  ),
  refused(
    82,
    'A14',
    'Conditions NotOnOrAfter in 2000',
    replacing(conditionsEnd, 'NotOnOrAfter="2000-01-01T00:00:00Z"><saml:AudienceRestriction'),
  ),
  refused(
    83,
    'A15',
    'AudienceRestriction empty',
    replacing(AUDIENCE_RESTRICTION, '<saml:AudienceRestriction></saml:AudienceRestriction>'),
  ),
  refused(84, 'A15', 'AudienceRestriction missing', replacing(AUDIENCE_RESTRICTION, '')),
  refused(85, 'A15', 'Audience empty', replacing(`>${AUDIENCE}<`, '><')),
  refused(86, 'A15', 'Audience missing', replacing(`<saml:Audience>${AUDIENCE}</saml:Audience>`, '')),
  refused(87, 'A15', 'another Audience', replacing(`>${AUDIENCE}<`, '>https://other.example.it/spid<')),
  refused(
    88,
    'A16',
    'AuthnStatement empty',
    replacing(AUTHN_STATEMENT, '<saml:AuthnStatement></saml:AuthnStatement>'),
  ),
  refused(89, 'A16', 'AuthnStatement missing', replacing(AUTHN_STATEMENT, '')),
  refused(
    90,
    'A17',
    'AuthnContext empty',
    replacing(AUTHN_CONTEXT, '<saml:AuthnContext></saml:AuthnContext>'),
  ),
  refused(91, 'A17', 'AuthnContext missing', replacing(AUTHN_CONTEXT, '')),
  refused(
    92,
    'A17',
    'AuthnContextClassRef empty',
    replacing(CLASS_REF, '<saml:AuthnContextClassRef></saml:AuthnContextClassRef>'),
  ),
  refused(93, 'A17', 'AuthnContextClassRef missing', replacing(CLASS_REF, '')),
  refused(
    97,
    'A17',
    'a level that is none',
    replacing(
      CLASS_REF,
      '<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:SpidL2</saml:AuthnContextClassRef>',
    ),
  ),
  refused(
    98,
    'A20',
    'AttributeStatement without Attribute',
    replacing(ATTRIBUTES, '<saml:AttributeStatement></saml:AttributeStatement>'),
  ),
  refused(
    99,
    'A20',
    'an Attribute without value',
    replacing(
      /(<saml:Attribute Name="spidCode"[^>]*>).*?<\/saml:Attribute>/,
      '<saml:Attribute Name="spidCode"></saml:Attribute>',
    ),
  ),
  refused(100, 'S8', 'Assertion signed with another certificate', (level) =>
    signed(responseXml({ level }), { assertion: { key: foreignKey.privateKey }, response: {} }),
  ),
  refused(
    103,
    'A21',
    'an indispensable attribute is missing',
    replacing(/<saml:Attribute Name="name".*?<\/saml:Attribute>/, ''),
  ),
  accepted(
    '109',
    'attributes without NameFormat, an XML declaration in front',
    (level) =>
      `<?xml version="1.0" encoding="UTF-8"?>${signed(responseXml({ level }).replaceAll(' NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic"', ''))}`,
  ),
  accepted('110', 'IssueInstant with six digits of a second', (level) =>
    signed(
      responseXml({ level }).replaceAll(
        `IssueInstant="${INSTANT}"`,
        'IssueInstant="2026-03-05T18:04:00.123456Z"',
      ),
    ),
  ),
  refused(112, 'T5', 'a foreign element first in the Response, Assertion unsigned', (level) =>
    signed(
      responseXml({ level }).replace(
        '<saml:Issuer',
        '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://x.example"/><saml:Issuer',
      ),
      { assertion: false, response: { key: foreignKey.privateKey } },
    ),
  ),
  refused(113, 'T5', 'as 112, with a foreign signature on the Assertion', (level) =>
    signed(
      responseXml({ level }).replace(
        '<saml:Issuer',
        '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://x.example"/><saml:Issuer',
      ),
      { assertion: { key: foreignKey.privateKey }, response: {} },
    ),
  ),
  ...wrappings(),
  refused('xslt', 'S5', 'an XSLT transform', (level) =>
    signed(responseXml({ level }), {
      assertion: {
        transforms: [
          'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
          'http://www.w3.org/TR/1999/REC-xslt-19991116',
        ],
      },
      response: {},
    }),
  ),
];

/** The eight classic signature wrappings, with the namespaces kept. The forged identity is another citizen's. */
function wrappings(): Case[] {
  const FORGED = 'TINIT-GDASDV00A01H501J';
  const parts = (level: Level) => {
    const genuine = signed(responseXml({ level }));
    const assertion = ASSERTION.exec(genuine)?.[0] ?? '';
    const signature = /<ds:Signature .*?<\/ds:Signature>/.exec(assertion)?.[0] ?? '';
    const forged = assertion
      .replace(signature, '')
      .replace(FISCAL_NUMBER, FORGED)
      .replace('ID="_a1"', 'ID="_forged"');
    const unsignedResponse = genuine.replace(assertion, '@').replace(/<ds:Signature .*?<\/ds:Signature>/, '');
    return {
      genuine,
      assertion,
      signature,
      forged,
      shell: (content: string) => unsignedResponse.replace('@', () => content),
    };
  };
  const wrapped = (
    nr: number,
    expected: string,
    mutation: string,
    build: (p: ReturnType<typeof parts>) => string,
  ) => refused(`xsw${nr}`, expected, mutation, (level) => build(parts(level)));
  return [
    wrapped(
      1,
      'T5',
      'the genuine Response inside its own signature, a forged one outside',
      ({ genuine, forged, shell }) =>
        shell(forged).replace(
          '<samlp:Status>',
          () =>
            `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:Object>${genuine}</ds:Object></ds:Signature><samlp:Status>`,
        ),
    ),
    wrapped(2, 'T5', 'the genuine Response beside a detached signature', ({ genuine, forged, shell }) =>
      shell(forged).replace('<samlp:Status>', () => `${genuine}<samlp:Status>`),
    ),
    wrapped(3, 'T5', 'a forged Assertion before the signed one', ({ assertion, forged, shell }) =>
      shell(forged + assertion),
    ),
    wrapped(4, 'T5', 'the signed Assertion inside a forged one', ({ assertion, forged, shell }) =>
      shell(forged.replace('</saml:Assertion>', () => `${assertion}</saml:Assertion>`)),
    ),
    wrapped(
      5,
      'T5',
      'the signed Assertion with a new ID, an unsigned copy with the old one',
      ({ assertion, forged, shell }) =>
        shell(assertion.replace('ID="_a1"', 'ID="_moved"') + forged.replace('_forged', '_a1')),
    ),
    wrapped(6, 'T5', 'as 5, the copy inside the signature', ({ assertion, signature, forged, shell }) =>
      shell(
        assertion.replace(signature, () =>
          signature
            .replace('</ds:Signature>', () => `${forged.replace('_forged', '_a1')}</ds:Signature>`)
            .replace('ID="_a1"', 'ID="_moved"'),
        ),
      ),
    ),
    wrapped(7, 'T5', 'a forged Assertion in Extensions', ({ assertion, forged, shell }) =>
      shell(assertion).replace(
        '<samlp:Status>',
        () => `<samlp:Extensions>${forged}</samlp:Extensions><samlp:Status>`,
      ),
    ),
    wrapped(
      8,
      'T5',
      'the genuine Assertion in ds:Object of a signature in a forged one',
      ({ assertion, signature, forged, shell }) =>
        shell(
          forged.replace(
            '</saml:Issuer>',
            () =>
              `</saml:Issuer>${signature.replace('</ds:Signature>', () => `<ds:Object>${assertion.replace(signature, '')}</ds:Object></ds:Signature>`)}`,
          ),
        ),
    ),
  ];
}
