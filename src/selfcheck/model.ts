import type { Level } from '../identity/level.ts';
import type { Sign, SignerKey, SignOptions } from './signer.ts';

/** What a test identity provider answers with: to whom, when, about whom. */
export interface Facts {
  /** ID of the request. */
  readonly requestId: string;
  /** IssueInstant of the request. */
  readonly requested: string;
  readonly acsUrl: string;
  /** The NameQualifier of the request's Issuer: the entityID of the service provider. */
  readonly audience: string;
  /** entityID of the identity provider. */
  readonly provider: string;
  readonly responseId: string;
  readonly assertionId: string;
  readonly nameId: string;
  /** IssueInstant, NotBefore and AuthnInstant. */
  readonly instant: string;
  /** Every NotOnOrAfter. */
  readonly end: string;
  readonly level: Level;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What a case is made with. */
export interface Kit {
  readonly facts: Facts;
  /** The key in the provider's metadata. */
  readonly key: SignerKey;
  /** A key in nobody's metadata. */
  readonly foreign: SignerKey;
  /** `signElement`, or another implementation of XML Signature. */
  readonly sign: Sign;
}

/** Where the signature of an element goes while its text is still being changed. */
const mark = (id: string) => `<!--signature:${id}-->`;

const ENTITY = 'urn:oasis:names:tc:SAML:2.0:nameid-format:entity';
const STATUS = 'urn:oasis:names:tc:SAML:2.0:status';

/** A correct response, as yet unsigned (spid-response-validation, annex A). */
export function responseXml(facts: Facts): string {
  const attributes = Object.entries(facts.attributes).map(([name, value]) => attributeXml(name, value));
  const assertion = `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${facts.assertionId}" Version="2.0" IssueInstant="${facts.instant}"><saml:Issuer Format="${ENTITY}">${facts.provider}</saml:Issuer>${mark(facts.assertionId)}<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient" NameQualifier="${facts.provider}">${facts.nameId}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData InResponseTo="${facts.requestId}" NotOnOrAfter="${facts.end}" Recipient="${facts.acsUrl}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${facts.instant}" NotOnOrAfter="${facts.end}"><saml:AudienceRestriction><saml:Audience>${facts.audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${facts.instant}" SessionIndex="_s77"><saml:AuthnContext><saml:AuthnContextClassRef>https://www.spid.gov.it/SpidL${facts.level}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>${attributes.join('')}</saml:AttributeStatement></saml:Assertion>`;
  return envelope(facts, `<samlp:StatusCode Value="${STATUS}:Success"/>`, assertion);
}

export function attributeXml(name: string, value: string): string {
  return `<saml:Attribute Name="${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic"><saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">${value}</saml:AttributeValue></saml:Attribute>`;
}

/** An error response (spid-response-validation, annex B). */
export function errorXml(facts: Facts, status: string, message: string): string {
  return envelope(facts, `${status}<samlp:StatusMessage>${message}</samlp:StatusMessage>`, '');
}

/** The status of a citizen who did not get through. */
export const AUTHN_FAILED = `<samlp:StatusCode Value="${STATUS}:Responder"><samlp:StatusCode Value="${STATUS}:AuthnFailed"/></samlp:StatusCode>`;

function envelope(facts: Facts, status: string, assertion: string): string {
  return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${facts.responseId}" Version="2.0" IssueInstant="${facts.instant}" InResponseTo="${facts.requestId}" Destination="${facts.acsUrl}"><saml:Issuer Format="${ENTITY}">${facts.provider}</saml:Issuer>${mark(facts.responseId)}<samlp:Status>${status}</samlp:Status>${assertion}</samlp:Response>`;
}

export interface Signing extends SignOptions {
  /** The provider's by default. */
  readonly key?: SignerKey;
  /** Last word on the finished ds:Signature. */
  readonly edit?: (signature: string) => string;
}

/** How Assertion and Response are signed; `false` leaves the signature out. */
export interface Signings {
  readonly assertion?: Signing | false;
  readonly response?: Signing | false;
}

/** Signs first the Assertion, then the Response around it. */
export function signed(xml: string, kit: Kit, how: Signings = {}): string {
  const { assertionId, responseId } = kit.facts;
  const inner = signAt(xml, assertionId, kit, how.assertion);
  return signAt(inner, responseId, kit, how.response);
}

/** Signs the element with that ID, in the place of its mark: after Issuer, or first where there is none. */
export function signAt(
  xml: string,
  id: string,
  kit: Pick<Kit, 'key' | 'sign'>,
  signing: Signing | false = {},
): string {
  const unmarked = xml.replace(mark(id), '');
  if (signing === false || unmarked === xml) return unmarked;
  const { key = kit.key, edit, ...options } = signing;
  const result = kit.sign(unmarked, id, key, options);
  if (!edit) return result;
  // Of several signatures the last one made is the outermost, so it comes first.
  const edited = result.replace(/<ds:Signature .*?<\/ds:Signature>/s, edit);
  if (edited === result) throw new Error('the edit changed nothing');
  return edited;
}
