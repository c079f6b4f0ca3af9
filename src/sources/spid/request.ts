import { createHash } from 'node:crypto';
import type { Purpose } from '../../clients/policy.ts';
import type { Entity } from '../../entities/entity.ts';
import { acrOf, type Level } from '../../identity/level.ts';
import { Misconfigured } from '../../operations/errors.ts';
import { postBinding, redirectBinding, type MessageName } from '../../saml/bindings.ts';
import { xml } from '../../saml/documents.ts';
import { formatInstant } from '../../saml/instant.ts';
import { NAMEID_ENTITY, NAMEID_TRANSIENT, NS } from '../../saml/names.ts';
import { signEnveloped, type SigningKey } from '../../saml/signature.ts';
import type { Departure } from '../source.ts';

const SPID_EXTENSIONS = 'https://spid.gov.it/saml-extensions';

export type Binding = 'post' | 'redirect';

/** How the level asked for is to be read (spid-authn-request, 2.3). `minimum` is the useful one. */
export type Comparison = 'exact' | 'minimum' | 'better' | 'maximum';

export interface AuthnRequest {
  readonly entity: Entity;
  readonly id: string;
  readonly issueInstant: Date;
  /** The Location really used, for the binding really used. */
  readonly destination: string;
  readonly level: Level;
  readonly comparison: Comparison;
  /** At level 1 a provider may answer from its own session unless this is set. */
  readonly forceAuthn: boolean;
  /** Kinds of identity asked for beyond the citizen's (2.5); nothing is sent without one. */
  readonly purpose?: Purpose | undefined;
  readonly acsIndex: number;
  readonly attributeSetIndex: number;
}

/**
 * The unsigned AuthnRequest (spid-authn-request, 1–3): no IsPassive, no AllowCreate, no Subject, no Conditions,
 * no Scoping; ForceAuthn always above level 1.
 * @throws Misconfigured `comparison_unsatisfiable` for something better than level 3: nobody could grant it (2.3)
 */
export function buildAuthnRequest(request: AuthnRequest): string {
  const { entity } = request;
  if (request.comparison === 'better' && request.level === 3) {
    throw new Misconfigured(
      'comparison_unsatisfiable',
      'sources.spid.comparison: found "better" for a login of level 3; allowed there: exact, minimum, maximum',
    );
  }
  const forceAuthn = request.forceAuthn || request.level > 1;
  return xml`<samlp:AuthnRequest xmlns:samlp="${NS.samlp}" xmlns:saml="${NS.saml}" ID="${request.id}" Version="2.0" IssueInstant="${formatInstant(request.issueInstant)}" Destination="${request.destination}"${forceAuthn && xml` ForceAuthn="true"`} AssertionConsumerServiceIndex="${request.acsIndex}" AttributeConsumingServiceIndex="${request.attributeSetIndex}"><saml:Issuer Format="${NAMEID_ENTITY}" NameQualifier="${entity.entityId}">${entity.entityId}</saml:Issuer>${request.purpose && xml`<samlp:Extensions xmlns:spid="${SPID_EXTENSIONS}"><spid:Purpose>${request.purpose}</spid:Purpose></samlp:Extensions>`}<samlp:NameIDPolicy Format="${NAMEID_TRANSIENT}"/><samlp:RequestedAuthnContext Comparison="${request.comparison}"><saml:AuthnContextClassRef>${acrOf(request.level)}</saml:AuthnContextClassRef></samlp:RequestedAuthnContext></samlp:AuthnRequest>`.toString();
}

/** What left, exactly: kept for 24 months. */
export interface SentEvidence {
  readonly xml: string;
  /** Redirect only: the signed query string. */
  readonly query?: string;
  /** SHA-256 of the certificate whose key signed, base64url. */
  readonly certificate: string;
}

/**
 * Signs a message and packs it for the binding: by POST the signature goes into the document, right after the Issuer;
 * by Redirect into the query string (spid-authn-request, 5 and 6).
 */
export function departBy(
  binding: Binding,
  message: {
    readonly xml: string;
    readonly destination: string;
    readonly relayState: string | undefined;
    readonly key: SigningKey;
  },
  name: MessageName = 'SAMLRequest',
): { departure: Departure; evidence: SentEvidence } {
  const certificate = createHash('sha256').update(message.key.certificate, 'base64').digest('base64url');
  if (binding === 'redirect') {
    const { url, query } = redirectBinding(
      message.destination,
      name,
      message.xml,
      message.relayState,
      message.key,
    );
    return { departure: { kind: 'redirect', url }, evidence: { xml: message.xml, query, certificate } };
  }
  const signed = signEnveloped(message.xml, message.key, 'after-issuer');
  const fields = postBinding(name, signed, message.relayState);
  const departure = { kind: 'form', action: message.destination, fields } as const;
  return { departure, evidence: { xml: signed, certificate } };
}
