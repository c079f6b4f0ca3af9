import { acrOf, type Level } from '../identity/level.ts';
import type { Attributes } from '../identity/identity.ts';
import { newId, xml, type Xml } from '../saml/documents.ts';
import { formatInstant } from '../saml/instant.ts';
import {
  ATTRNAME_BASIC,
  METHOD_BEARER,
  NAMEID_ENTITY,
  NAMEID_TRANSIENT,
  NS,
  STATUS_SUCCESS,
} from '../saml/names.ts';
import { signEnveloped, type SigningKey } from '../saml/signature.ts';
import type { AcceptedRequest, Reply } from './authn-request.ts';

const VALID_MS = 5 * 60 * 1000;

const XS = 'http://www.w3.org/2001/XMLSchema';
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/** Who answers. */
interface Signer {
  readonly entityId: string;
  readonly key: SigningKey;
}

/** What the provider says of the citizen. */
export interface Authentication {
  readonly attributes: Attributes;
  /** The level really used. */
  readonly level: Level;
  readonly nameId: string;
  /** Of the provider's session; at level 1 only. */
  readonly sessionIndex?: string;
}

/**
 * A signed response with a signed assertion, in SPID's form (spid-response-validation, annex A). Of the citizen's
 * attributes it holds those of the requested set.
 */
export function successResponse(
  to: Pick<AcceptedRequest, 'id' | 'acsUrl' | 'audience' | 'attributes'>,
  { attributes, level, nameId, sessionIndex }: Authentication,
  provider: Signer,
  now: Date,
): string {
  const [instant, end] = [formatInstant(now), formatInstant(new Date(now.getTime() + VALID_MS))];
  const held = Object.entries(attributes).filter(([name]) => to.attributes.includes(name));
  const assertion = xml`<saml:Assertion xmlns:saml="${NS.saml}" ID="${newId()}" Version="2.0" IssueInstant="${instant}"><saml:Issuer Format="${NAMEID_ENTITY}">${provider.entityId}</saml:Issuer><saml:Subject><saml:NameID Format="${NAMEID_TRANSIENT}" NameQualifier="${provider.entityId}">${nameId}</saml:NameID><saml:SubjectConfirmation Method="${METHOD_BEARER}"><saml:SubjectConfirmationData InResponseTo="${to.id}" NotOnOrAfter="${end}" Recipient="${to.acsUrl}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${instant}" NotOnOrAfter="${end}"><saml:AudienceRestriction><saml:Audience>${to.audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${instant}"${sessionIndex && xml` SessionIndex="${sessionIndex}"`}><saml:AuthnContext><saml:AuthnContextClassRef>${acrOf(level)}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>${held.length > 0 && xml`<saml:AttributeStatement>${held.map(attribute)}</saml:AttributeStatement>`}</saml:Assertion>`;
  const signed = signEnveloped(assertion.toString(), provider.key, 'after-issuer');
  return response(to, provider, now, xml`<samlp:StatusCode Value="${STATUS_SUCCESS}"/>`, signed);
}

function attribute([name, value]: readonly [string, string]): Xml {
  const type = ['dateOfBirth', 'expirationDate'].includes(name) ? 'xs:date' : 'xs:string';
  return xml`<saml:Attribute Name="${name}" NameFormat="${ATTRNAME_BASIC}"><saml:AttributeValue xmlns:xs="${XS}" xmlns:xsi="${XSI}" xsi:type="${type}">${value}</saml:AttributeValue></saml:Attribute>`;
}

/** Top status and second one by anomaly, where they are not those of a citizen who did not get through (6.1). */
const STATUSES: Readonly<Record<number, readonly [top: string, second?: string]>> = {
  8: ['Requester'],
  9: ['VersionMismatch'],
  11: ['Requester'],
  12: ['Requester', 'NoAuthnContext'],
  13: ['Requester', 'RequestDenied'],
  14: ['Requester', 'RequestUnsupported'],
  15: ['Requester', 'NoPassive'],
  16: ['Requester', 'RequestUnsupported'],
  17: ['Requester', 'RequestUnsupported'],
  18: ['Requester', 'RequestUnsupported'],
};

/** A signed error response with AgID's anomaly number (spid-response-validation, 6.1 and annex B). */
export function anomalyResponse(
  to: Pick<Reply, 'id' | 'acsUrl'>,
  nr: number,
  provider: Signer,
  now: Date,
): string {
  const [top, second] = STATUSES[nr] ?? ['Responder', 'AuthnFailed'];
  const status = (code: string) => `urn:oasis:names:tc:SAML:2.0:status:${code}`;
  const content = xml`<samlp:StatusCode Value="${status(top)}">${second && xml`<samlp:StatusCode Value="${status(second)}"/>`}</samlp:StatusCode><samlp:StatusMessage>ErrorCode nr${String(nr).padStart(2, '0')}</samlp:StatusMessage>`;
  return response(to, provider, now, content, '');
}

function response(
  to: Pick<Reply, 'id' | 'acsUrl'>,
  provider: Signer,
  now: Date,
  status: Xml,
  assertion: string,
): string {
  const document = xml`<samlp:Response xmlns:samlp="${NS.samlp}" xmlns:saml="${NS.saml}" ID="${newId()}" Version="2.0" IssueInstant="${formatInstant(now)}"${to.id && xml` InResponseTo="${to.id}"`} Destination="${to.acsUrl}"><saml:Issuer Format="${NAMEID_ENTITY}">${provider.entityId}</saml:Issuer><samlp:Status>${status}</samlp:Status></samlp:Response>`;
  // The assertion is put in as it was signed: the template would escape it.
  const whole = document.toString().replace('</samlp:Response>', () => `${assertion}</samlp:Response>`);
  return signEnveloped(whole, provider.key, 'after-issuer');
}
