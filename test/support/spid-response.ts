import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { AttributeName } from '../../src/identity/attributes.ts';
import type { Level } from '../../src/identity/level.ts';
import { sha256, type PendingRequest } from '../../src/sources/spid/pending.ts';
import type { Comparison } from '../../src/sources/spid/request.ts';
import { judge } from '../../src/sources/spid/response.ts';
import type { Arrival } from '../../src/sources/spid/response-context.ts';
import { signElement, type SignOptions } from './saml-signer.ts';

/** A test identity provider: its request, its answers, good and bad, signed by the independent signer. */

export const NOW = new Date('2026-03-05T18:04:00.000Z');
export const INSTANT = '2026-03-05T18:04:00Z';
const END = '2026-03-05T18:09:00Z';
export const REQUEST_ID = '_9f0c2b6e51d84a7fb0f3a1c9d2e47765';
export const ACS = 'https://accesso.unione.example.it/spid/unione/acs';
export const AUDIENCE = 'https://accesso.unione.example.it/spid';
export const PROVIDER = 'https://idp.example.it';
export const RELAY_STATE = 'opaque-relay-state-0123456789';
export const FISCAL_NUMBER = 'TINIT-RSSMRA80A01H501U';

export const providerKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const foreignKey = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** Where the signature of an element goes while its text is still being changed. */
const SIGNATURE = (id: string) => `<!--signature:${id}-->`;

/** A correct response, in pieces that tests replace. */
export function responseXml(options: { level?: Level; sessionIndex?: boolean } = {}): string {
  const { level = 2, sessionIndex = true } = options;
  return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r1" Version="2.0" IssueInstant="${INSTANT}" InResponseTo="${REQUEST_ID}" Destination="${ACS}"><saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">${PROVIDER}</saml:Issuer>${SIGNATURE('_r1')}<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a1" Version="2.0" IssueInstant="${INSTANT}"><saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">${PROVIDER}</saml:Issuer>${SIGNATURE('_a1')}<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient" NameQualifier="${PROVIDER}">_n5d0c</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData InResponseTo="${REQUEST_ID}" NotOnOrAfter="${END}" Recipient="${ACS}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${INSTANT}" NotOnOrAfter="${END}"><saml:AudienceRestriction><saml:Audience>${AUDIENCE}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${INSTANT}"${sessionIndex ? ' SessionIndex="_s77"' : ''}><saml:AuthnContext><saml:AuthnContextClassRef>https://www.spid.gov.it/SpidL${level}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>${attributeXml('spidCode', 'AGID-001')}${attributeXml('name', 'Mario')}${attributeXml('familyName', 'Rossi')}${attributeXml('fiscalNumber', FISCAL_NUMBER)}</saml:AttributeStatement></saml:Assertion></samlp:Response>`;
}

export function attributeXml(name: string, value: string): string {
  return `<saml:Attribute Name="${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic"><saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">${value}</saml:AttributeValue></saml:Attribute>`;
}

/** A signed error response. */
export function errorXml(status: string, message: string): string {
  return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r2" Version="2.0" IssueInstant="${INSTANT}" InResponseTo="${REQUEST_ID}" Destination="${ACS}"><saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">${PROVIDER}</saml:Issuer>${SIGNATURE('_r2')}<samlp:Status>${status}<samlp:StatusMessage>${message}</samlp:StatusMessage></samlp:Status></samlp:Response>`;
}

export interface Signing extends SignOptions {
  readonly key?: KeyObject;
  /** Last word on the finished ds:Signature. */
  readonly edit?: (signature: string) => string;
}

/** Signs the element with that ID, in the place of its mark: after Issuer, or first where there is none. */
export function signAt(xml: string, id: string, signing: Signing = {}): string {
  const { key = providerKey.privateKey, edit, ...options } = signing;
  const signer = { privateKey: key, certificate: '' };
  const result = signElement(xml.replace(SIGNATURE(id), ''), id, signer, { keyInfo: '', ...options });
  if (!edit) return result;
  // Of several signatures the last one made is the outermost, so it comes first.
  const edited = result.replace(/<ds:Signature .*?<\/ds:Signature>/s, edit);
  if (edited === result) throw new Error('the edit changed nothing');
  return edited;
}

/** Signs what carries a mark: first the Assertion, then the Response around it. */
export function signed(
  xml: string,
  signing: Signing | { assertion?: Signing | false; response?: Signing | false } = {},
): string {
  const each =
    'assertion' in signing || 'response' in signing
      ? signing
      : { assertion: signing as Signing, response: signing as Signing };
  let result = xml;
  for (const [id, how] of [
    ['_a1', each.assertion],
    ['_r1', each.response],
    ['_r2', each.response],
  ] as const) {
    if (!result.includes(SIGNATURE(id))) continue;
    const present = result.includes(`ID="${id}"`);
    result = how === false || !present ? result.replace(SIGNATURE(id), '') : signAt(result, id, how ?? {});
  }
  return result;
}

/** The request that the response above answers. */
export function pendingRequest(changes: Partial<PendingRequest> = {}): PendingRequest {
  return {
    id: REQUEST_ID,
    loginUid: 'a-login',
    transactionId: 'a-transaction',
    reference: 'ABCD-EFGH',
    clientId: 'suap',
    entityId: 'unione',
    issuer: AUDIENCE,
    provider: PROVIDER,
    destination: `${PROVIDER}/sso`,
    binding: 'post',
    issueInstant: new Date(INSTANT),
    level: 2,
    comparison: 'minimum',
    forceAuthn: true,
    acsUrl: ACS,
    attributeSet: {
      index: 0,
      attributes: ['spidCode', 'name', 'familyName', 'fiscalNumber'] satisfies AttributeName[],
    },
    requiredAttributes: ['name'],
    relayStateHash: sha256(RELAY_STATE),
    createdAt: NOW,
    expiresAt: new Date(NOW.getTime() + 30 * 60_000),
    consumedAt: null,
    answerHash: null,
    ...changes,
  };
}

/** The response on its way in. */
export function arrival(
  xml: string | Buffer,
  changes: Partial<Omit<Arrival, 'provider'>> & {
    pending?: PendingRequest;
    relayState?: string;
    keys?: readonly KeyObject[];
  } = {},
): Arrival {
  const {
    pending = pendingRequest(),
    relayState = RELAY_STATE,
    keys = [providerKey.publicKey],
    ...rest
  } = changes;
  return {
    method: 'POST',
    contentType: 'application/x-www-form-urlencoded',
    body: Buffer.from(
      new URLSearchParams({
        SAMLResponse: Buffer.from(xml).toString('base64'),
        RelayState: relayState,
      }).toString(),
    ),
    acsUrl: ACS,
    now: NOW,
    skewSeconds: 30,
    find: async (id) => (id === pending.id ? pending : undefined),
    provider: (entityId) => (entityId === PROVIDER ? { entityId, signingKeys: keys } : undefined),
    ...rest,
  };
}

/** A request for a level, by a service that would be content with the lowest. */
export function asked(level: Level, comparison: Comparison = 'minimum'): PendingRequest {
  return pendingRequest({ level, comparison, minimumLevel: 1 });
}

/** `OK`, or the id of the check that did not let it pass. */
export async function verdictOf(arrived: Arrival): Promise<string> {
  const verdict = await judge(arrived);
  if (verdict.outcome === 'accepted') return 'OK';
  return verdict.outcome === 'anomaly' ? 'R7' : verdict.check;
}
