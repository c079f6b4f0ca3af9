import type { SigningKey } from '../saml/signature.ts';
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
import { signEnveloped } from '../saml/signature.ts';

export interface ResponseTo {
  /** ID of the AuthnRequest. */
  readonly id: string;
  readonly acsUrl: string;
}

const VALID_MS = 5 * 60 * 1000;

/** A signed response with a signed assertion, in SPID's form (spid-response-validation, annex A). */
export function successResponse(
  to: ResponseTo & {
    readonly audience: string;
    readonly level: Level;
    readonly attributes: readonly string[];
  },
  persona: { readonly attributes: Attributes },
  provider: { readonly entityId: string; readonly key: SigningKey },
  now: Date,
): string {
  const [instant, end] = [formatInstant(now), formatInstant(new Date(now.getTime() + VALID_MS))];
  const held = Object.entries(persona.attributes).filter(([name]) => to.attributes.includes(name));
  const assertion = xml`<saml:Assertion xmlns:saml="${NS.saml}" ID="${newId()}" Version="2.0" IssueInstant="${instant}"><saml:Issuer Format="${NAMEID_ENTITY}">${provider.entityId}</saml:Issuer><saml:Subject><saml:NameID Format="${NAMEID_TRANSIENT}" NameQualifier="${provider.entityId}">${newId()}</saml:NameID><saml:SubjectConfirmation Method="${METHOD_BEARER}"><saml:SubjectConfirmationData InResponseTo="${to.id}" NotOnOrAfter="${end}" Recipient="${to.acsUrl}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${instant}" NotOnOrAfter="${end}"><saml:AudienceRestriction><saml:Audience>${to.audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${instant}"${to.level === 1 && xml` SessionIndex="${newId()}"`}><saml:AuthnContext><saml:AuthnContextClassRef>${acrOf(to.level)}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>${held.map(
    ([name, value]) =>
      xml`<saml:Attribute Name="${name}" NameFormat="${ATTRNAME_BASIC}"><saml:AttributeValue>${value}</saml:AttributeValue></saml:Attribute>`,
  )}</saml:AttributeStatement></saml:Assertion>`;
  const signed = signEnveloped(assertion.toString(), provider.key, 'after-issuer');
  return response(to, provider, now, xml`<samlp:StatusCode Value="${STATUS_SUCCESS}"/>`, signed);
}

/** A signed error response with AgID's anomaly number (annex B). */
export function anomalyResponse(
  to: ResponseTo,
  nr: number,
  provider: { readonly entityId: string; readonly key: SigningKey },
  now: Date,
): string {
  const status = 'urn:oasis:names:tc:SAML:2.0:status:';
  const top = nr < 19 ? 'Requester' : 'Responder';
  const sub = nr < 19 ? 'RequestDenied' : 'AuthnFailed';
  return response(
    to,
    provider,
    now,
    xml`<samlp:StatusCode Value="${status}${top}"><samlp:StatusCode Value="${status}${sub}"/></samlp:StatusCode><samlp:StatusMessage>ErrorCode nr${String(nr).padStart(2, '0')}</samlp:StatusMessage>`,
    '',
  );
}

function response(
  to: ResponseTo,
  provider: { entityId: string; key: SigningKey },
  now: Date,
  status: Xml,
  assertion: string,
): string {
  const document = xml`<samlp:Response xmlns:samlp="${NS.samlp}" xmlns:saml="${NS.saml}" ID="${newId()}" Version="2.0" IssueInstant="${formatInstant(now)}" InResponseTo="${to.id}" Destination="${to.acsUrl}"><saml:Issuer Format="${NAMEID_ENTITY}">${provider.entityId}</saml:Issuer><samlp:Status>${status}</samlp:Status></samlp:Response>`;
  const whole = document.toString().replace('</samlp:Response>', () => `${assertion}</samlp:Response>`);
  return signEnveloped(whole, provider.key, 'after-issuer');
}
