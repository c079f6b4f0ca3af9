import { X509Certificate, type KeyObject } from 'node:crypto';
import { levelOf, type Level } from '../identity/level.ts';
import { decodeBase64, peekRedirect, readRedirect } from '../saml/bindings.ts';
import { parseInstant } from '../saml/instant.ts';
import { NAMEID_ENTITY, NAMEID_TRANSIENT, NS } from '../saml/names.ts';
import { verifyEnveloped } from '../saml/signature.ts';
import { parseXml, type XmlElement } from '../saml/xml.ts';

const LIMIT = 64 * 1024;
/** How far the clocks of provider and service may differ, in milliseconds. */
const SKEW_MS = 2 * 60 * 1000;

/** What a provider knows of a service provider: its metadata. */
export interface ServiceProvider {
  readonly entityId: string;
  readonly organization: string;
  readonly keys: readonly KeyObject[];
  readonly acs: ReadonlyMap<string, string>;
  readonly attributeSets: ReadonlyMap<string, readonly string[]>;
}

/** An authentication request that a strict provider accepts. */
export interface AcceptedRequest {
  readonly id: string;
  readonly acsUrl: string;
  readonly audience: string;
  readonly organization: string;
  readonly level: Level;
  readonly attributes: readonly string[];
}

/** A request the provider turns down: AgID's anomaly number, returned to the service where it can be. */
export class Anomaly extends Error {
  readonly nr: number;
  /** Where the error goes; undefined for those that stay on the provider's own page (403). */
  readonly to: { readonly id: string; readonly acsUrl: string } | undefined;

  constructor(nr: number, message: string, to?: { id: string; acsUrl: string }) {
    super(message);
    this.nr = nr;
    this.to = to;
  }
}

export function readServiceProvider(metadata: Uint8Array): ServiceProvider {
  using document = parseXml(metadata, { bytes: LIMIT });
  const descriptor = document.root.child(NS.md, 'SPSSODescriptor');
  const certificates = descriptor?.descendants(NS.ds, 'X509Certificate') ?? [];
  const indexed = (name: string) => descriptor?.children(NS.md, name) ?? [];
  return {
    entityId: document.root.attribute('entityID') ?? '',
    organization:
      document.root.child(NS.md, 'Organization')?.child(NS.md, 'OrganizationDisplayName')?.text ?? '',
    keys: certificates.map(({ text }) => new X509Certificate(Buffer.from(text, 'base64')).publicKey),
    acs: new Map(
      indexed('AssertionConsumerService').map((e) => [
        e.attribute('index') ?? '',
        e.attribute('Location') ?? '',
      ]),
    ),
    attributeSets: new Map(
      indexed('AttributeConsumingService').map((set) => [
        set.attribute('index') ?? '',
        set.children(NS.md, 'RequestedAttribute').map((attribute) => attribute.attribute('Name') ?? ''),
      ]),
    ),
  };
}

export type RequestMessage =
  | { readonly binding: 'post'; readonly message: string }
  | { readonly binding: 'redirect'; readonly rawQuery: string };

/** The Issuer a request names, before anything is verified: whose metadata to fetch. */
export function issuerOf(bytes: Uint8Array): string | undefined {
  using document = parseXml(bytes, { bytes: LIMIT });
  return document.root.child(NS.saml, 'Issuer')?.text;
}

export function requestBytes(message: RequestMessage): Buffer {
  if (message.binding === 'post') return decodeBase64(message.message, LIMIT);
  return peekRedirect(message.rawQuery, 'SAMLRequest', LIMIT);
}

/** Judges a request as strictly as the real providers do (spid-authn-request, 1–3, 9). @throws Anomaly */
export function acceptRequest(
  message: RequestMessage,
  destination: string,
  provider: ServiceProvider,
  now: Date,
): AcceptedRequest {
  if (message.binding === 'redirect') {
    try {
      readRedirect(message.rawQuery, 'SAMLRequest', provider.keys, LIMIT);
    } catch (cause) {
      throw new Anomaly(
        5,
        `the query signature does not verify: ${cause instanceof Error ? cause.message : ''}`,
      );
    }
  }
  using document = parseXml(requestBytes(message), { bytes: LIMIT });
  if (message.binding === 'post' && !verifyEnveloped(document, document.root, provider.keys)) {
    throw new Anomaly(7, 'the XML signature does not verify');
  }
  return judged(document.root, document.violations('protocol'), destination, provider, now);
}

function judged(
  root: XmlElement,
  violations: readonly string[],
  destination: string,
  provider: ServiceProvider,
  now: Date,
): AcceptedRequest {
  const id = root.attribute('ID') ?? '';
  const acsUrl = provider.acs.get(root.attribute('AssertionConsumerServiceIndex') ?? '');
  const reply = { id, acsUrl: acsUrl ?? provider.acs.get('0') ?? '' };
  const demand = (holds: boolean, nr: number, what: string) => {
    if (!holds) throw new Anomaly(nr, what, nr === 10 ? undefined : reply);
  };
  const issuer = root.child(NS.saml, 'Issuer');
  demand(
    root.name === 'AuthnRequest' && violations.length === 0,
    8,
    `not a valid AuthnRequest: ${violations.join('; ')}`,
  );
  demand(/^_[\w.-]{16,}$/.test(id), 11, 'ID');
  demand(root.attribute('Version') === '2.0', 9, 'Version');
  demand(
    issuer?.text === provider.entityId &&
      issuer.attribute('Format') === NAMEID_ENTITY &&
      issuer.attribute('NameQualifier') === provider.entityId,
    10,
    'Issuer',
  );
  const instant = parseInstant(root.attribute('IssueInstant') ?? '');
  demand(instant !== undefined && Math.abs(instant.getTime() - now.getTime()) <= SKEW_MS, 13, 'IssueInstant');
  demand(root.attribute('Destination') === destination, 14, 'Destination');
  demand(root.attribute('IsPassive') === undefined, 15, 'IsPassive');
  demand(acsUrl !== undefined, 16, 'AssertionConsumerServiceIndex');
  const policy = root.child(NS.samlp, 'NameIDPolicy');
  demand(
    policy?.attribute('Format') === NAMEID_TRANSIENT && policy.attribute('AllowCreate') === undefined,
    17,
    'NameIDPolicy',
  );
  const attributes = provider.attributeSets.get(root.attribute('AttributeConsumingServiceIndex') ?? '');
  demand(attributes !== undefined, 18, 'AttributeConsumingServiceIndex');
  const level = levelAsked(root);
  demand(level !== undefined, 12, 'RequestedAuthnContext');
  demand(level === 1 || root.attribute('ForceAuthn') === 'true', 12, 'ForceAuthn');
  return {
    id,
    acsUrl: acsUrl ?? '',
    audience: provider.entityId,
    organization: provider.organization,
    level: level ?? 1,
    attributes: attributes ?? [],
  };
}

function levelAsked(root: XmlElement): Level | undefined {
  const context = root.child(NS.samlp, 'RequestedAuthnContext');
  const comparison = context?.attribute('Comparison') ?? '';
  const level = levelOf(context?.child(NS.saml, 'AuthnContextClassRef')?.text ?? '');
  if (!['exact', 'minimum', 'better', 'maximum'].includes(comparison) || !level) return undefined;
  return comparison === 'better' && level < 3 ? ((level + 1) as Level) : level;
}
