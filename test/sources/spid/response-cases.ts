import {
  ACS,
  foreignKey,
  INSTANT,
  PROVIDER,
  REQUEST_ID,
  responseXml,
  signed,
} from '../../support/spid-response.ts';
import { ASSERTION_CASES } from './response-assertion-cases.ts';
import {
  accepted,
  ASSERTION,
  ISSUER,
  refused,
  replacing,
  replacingAll,
  type Case,
} from './response-mutations.ts';
import { wrappings } from './response-wrappings.ts';

const STATUS =
  '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>';
const responseInstant = ` ID="_r1" Version="2.0" IssueInstant="${INSTANT}"`;

/** AgID's cases, whose numbers mean something to who has to pass them (spid-response-validation, 7). */
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
  ...ASSERTION_CASES,
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
