import {
  ACS,
  AUDIENCE,
  foreignKey,
  INSTANT,
  PROVIDER,
  REQUEST_ID,
  responseXml,
  signed,
} from '../../support/spid-response.ts';
import { ISSUER, refused, replacing, second, type Case } from './response-mutations.ts';

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
const assertionInstant = ` ID="_a1" Version="2.0" IssueInstant="${INSTANT}"`;
const notOnOrAfter = 'NotOnOrAfter="2026-03-05T18:09:00Z"';
const confirmationEnd = `${notOnOrAfter} Recipient`;
const conditionsEnd = `${notOnOrAfter}><saml:AudienceRestriction`;

/** AgID's cases 33 to 103: the Assertion is wrong. */
export const ASSERTION_CASES: readonly Case[] = [
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
];
