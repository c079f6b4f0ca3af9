import { createHash, X509Certificate, type KeyObject } from 'node:crypto';
import { certificateFacts, type CertificateFacts } from '../../keys/certificate.ts';
import { Misconfigured } from '../../operations/errors.ts';
import { isLoopback } from '../../operations/loopback.ts';
import { decodeBase64 } from '../../saml/bindings.ts';
import { parseInstant } from '../../saml/instant.ts';
import { BINDING, NS } from '../../saml/names.ts';
import { isStrongKey, verifyEnveloped } from '../../saml/signature.ts';
import { parseXml, type XmlDocument, type XmlElement } from '../../saml/xml.ts';
import { serviceNameOf } from './service-names.ts';

/** Largest metadata file read, in bytes; AgID's aggregate of twelve providers has 140 KB. */
const FILE_LIMIT = 4 * 1024 * 1024;

/** Largest certificate read, in bytes of DER. */
const CERTIFICATE_LIMIT = 16 * 1024;

const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';

export interface LogoutEndpoint {
  readonly location: string;
  /** Where a LogoutResponse goes, when not to `location`. */
  readonly responseLocation?: string;
}

/** A SPID identity provider as its metadata says. */
export interface IdentityProvider {
  readonly entityId: string;
  /** For citizens. */
  readonly name: string;
  readonly singleSignOn: { readonly post?: string; readonly redirect?: string };
  readonly singleLogout: { readonly post?: LogoutEndpoint; readonly redirect?: LogoutEndpoint };
  /** Every signing key listed: several are normal during a rollover. */
  readonly signingKeys: readonly KeyObject[];
  readonly certificates: readonly CertificateFacts[];
  /** Names of the attributes it declares: a hint for operators, never a reason to hide it (spid-attributes, 2). */
  readonly declaredAttributes: readonly string[];
  /** Its entity in exclusive canonical form: the register keeps it, for who verifies a signature years later. */
  readonly metadata: Uint8Array;
  /** SHA-256 of that, hexadecimal: tells one version of its metadata from another. */
  readonly metadataHash: string;
}

export interface ReadMetadata {
  readonly providers: readonly IdentityProvider[];
  /** What was left out and why; one bad entity never harms the rest. */
  readonly problems: readonly string[];
  /** Identity providers that are listed but cannot be used as they are. */
  readonly leftOut: readonly LeftOut[];
  /** When the publisher made the aggregate, if it says so. */
  readonly creationInstant?: Date;
  /** From then on it should not be believed, if it says so; AgID's does not. */
  readonly validUntil?: Date;
}

export interface LeftOut {
  readonly entityId: string;
  /** It lists no signing key at all; otherwise something it lists cannot be read or used. */
  readonly withoutKeys: boolean;
}

/**
 * Reads the identity providers of a metadata document, one entity or an aggregate (spid-registry-and-idps, 1.3).
 * @param trustedSigners when given, the root has to be signed by one of them, and only the signed bytes are read
 * @throws InvalidXml when it is not acceptable XML, Misconfigured `metadata_signature` when no trusted signer signed it
 */
export function readIdentityProviders(
  bytes: Uint8Array,
  trustedSigners?: readonly KeyObject[],
): ReadMetadata {
  using document = parseXml(bytes, { bytes: FILE_LIMIT });
  if (!trustedSigners) return readDocument(document);
  const verified = verifyEnveloped(document, document.root, trustedSigners);
  if (!verified)
    throw new Misconfigured('metadata_signature', 'the metadata is not signed by a trusted signer');
  using signed = parseXml(verified.signed, { bytes: FILE_LIMIT });
  return readDocument(signed);
}

function readDocument(document: XmlDocument): ReadMetadata {
  const problems: string[] = [];
  const leftOut: LeftOut[] = [];
  const entities = entitiesOf(document.root);
  const twice = duplicates(entities.flatMap((entity) => entity.attribute('entityID') ?? []));
  for (const entityId of twice) {
    // Which of the two is right is not ours to guess.
    problems.push(`${entityId}: left out: listed more than once`);
    leftOut.push({ entityId, withoutKeys: false });
  }
  const providers = entities.flatMap((entity) => {
    const descriptor = entity.children(NS.md, 'IDPSSODescriptor').find(speaksSaml2);
    if (!descriptor) return []; // another role: none of our business
    const entityId = entity.attribute('entityID');
    if (!entityId) {
      problems.push('an identity provider without entityID');
      return [];
    }
    if (twice.has(entityId)) return [];
    if (isOfAnotherSystem(entityId)) {
      problems.push(
        `${entityId}: left out: the provider of CIE, which is another system with a button of its own`,
      );
      return [];
    }
    const report = (problem: string) => problems.push(`${entityId}: ${problem}`);
    const readable = readProvider(entityId, entity, descriptor, report);
    if (!readable) {
      leftOut.push({ entityId, withoutKeys: signingKeyDescriptors(descriptor).length === 0 });
      return [];
    }
    const metadata = document.canonical(entity);
    return [{ ...readable, metadata, metadataHash: sha256(metadata) }];
  });
  if (providers.length === 0 && problems.length === 0) problems.push('no identity provider in it');
  const creationInstant = creationInstantOf(document.root);
  const validUntil = parseInstant(document.root.attribute('validUntil') ?? '');
  return {
    providers,
    problems,
    leftOut,
    ...(creationInstant ? { creationInstant } : {}),
    ...(validUntil ? { validUntil } : {}),
  };
}

/** Nothing else may stand among the providers of SPID (spid-registry-and-idps, 3 and 5). */
function isOfAnotherSystem(entityId: string): boolean {
  return URL.canParse(entityId) && new URL(entityId).hostname.endsWith('.servizicie.interno.gov.it');
}

/** Only where the schema has entities: one hidden in somebody's extensions is not listed by the publisher. */
function entitiesOf(root: XmlElement): readonly XmlElement[] {
  if (root.namespace !== NS.md) return [];
  if (root.name === 'EntityDescriptor') return [root];
  return root.name === 'EntitiesDescriptor' ? root.elements.flatMap(entitiesOf) : [];
}

function duplicates(values: readonly string[]): ReadonlySet<string> {
  return new Set(values.filter((value, at) => values.indexOf(value) !== at));
}

function speaksSaml2(role: XmlElement): boolean {
  return (role.attribute('protocolSupportEnumeration') ?? '').split(/\s+/).includes(NS.samlp);
}

function creationInstantOf(root: XmlElement): Date | undefined {
  const publication = root.child(NS.md, 'Extensions')?.child(NS.mdrpi, 'PublicationInfo');
  return parseInstant(publication?.attribute('creationInstant') ?? '');
}

function readProvider(
  entityId: string,
  entity: XmlElement,
  descriptor: XmlElement,
  report: (problem: string) => void,
): Omit<IdentityProvider, 'metadata' | 'metadataHash'> | undefined {
  const certificates = signingCertificates(descriptor, report);
  const [post, redirect] = endpoints(descriptor, 'SingleSignOnService', report);
  const [logoutByPost, logoutByRedirect] = endpoints(descriptor, 'SingleLogoutService', report);
  if (certificates.length === 0) report('left out: no usable signing key');
  if (!post && !redirect) report('left out: no usable SingleSignOnService by POST or Redirect');
  if (certificates.length === 0 || (!post && !redirect)) return undefined;
  return {
    entityId,
    name: serviceNameOf(entityId) ?? organizationName(entity) ?? entityId,
    singleSignOn: {
      ...(post ? { post: post.location } : {}),
      ...(redirect ? { redirect: redirect.location } : {}),
    },
    singleLogout: {
      ...(logoutByPost ? { post: logoutByPost } : {}),
      ...(logoutByRedirect ? { redirect: logoutByRedirect } : {}),
    },
    signingKeys: certificates.map(({ publicKey }) => publicKey),
    certificates: certificates.map(certificateFacts),
    declaredAttributes: [
      ...new Set(descriptor.children(NS.saml, 'Attribute').flatMap((a) => a.attribute('Name') ?? [])),
    ],
  };
}

function signingKeyDescriptors(descriptor: XmlElement): readonly XmlElement[] {
  return descriptor
    .children(NS.md, 'KeyDescriptor')
    .filter((key) => (key.attribute('use') ?? 'signing') === 'signing');
}

/** Keys for signing or for everything; dates and chains are no part of trust, the listing is (1.3, point 9). */
function signingCertificates(descriptor: XmlElement, report: (problem: string) => void): X509Certificate[] {
  const listed = signingKeyDescriptors(descriptor).flatMap((key) =>
    key.descendants(NS.ds, 'X509Certificate'),
  );
  const certificates = listed.flatMap((element) => {
    try {
      const certificate = new X509Certificate(decodeBase64(element.text, CERTIFICATE_LIMIT));
      if (isStrongKey(certificate.publicKey)) return [certificate];
      report('a signing key was dropped: neither RSA of 2048 bits or more nor EC');
    } catch {
      report('a signing certificate was dropped: it cannot be read');
    }
    return [];
  });
  // Some providers list one certificate twice: trying its key once is enough.
  return [...new Map(certificates.map((certificate) => [certificate.fingerprint256, certificate])).values()];
}

/** The first usable endpoint of a service by POST, and by Redirect. */
function endpoints(
  descriptor: XmlElement,
  service: 'SingleSignOnService' | 'SingleLogoutService',
  report: (problem: string) => void,
): (LogoutEndpoint | undefined)[] {
  return [BINDING.post, BINDING.redirect].map((binding) => {
    const offered = descriptor
      .children(NS.md, service)
      .filter((element) => element.attribute('Binding') === binding);
    const usable = offered.find((element) => isWebAddress(element.attribute('Location')));
    if (!usable) {
      if (offered.length > 0) report(`a ${service} was dropped: its Location is no https URL`);
      return undefined;
    }
    const location = usable.attribute('Location') ?? '';
    const responseLocation = usable.attribute('ResponseLocation');
    return { location, ...(isWebAddress(responseLocation) ? { responseLocation } : {}) };
  });
}

/** Never `javascript:` or the like in a form's action or a Location header; http on this machine only. */
function isWebAddress(value: string | undefined): value is string {
  if (value === undefined || !URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/** Display name, else legal name; Italian, else English, else any; never an address (spid-registry-and-idps, 3). */
function organizationName(entity: XmlElement): string | undefined {
  const organization = entity.child(NS.md, 'Organization');
  const names = ['OrganizationDisplayName', 'OrganizationName'].flatMap(
    (name) => organization?.children(NS.md, name) ?? [],
  );
  const usable = names.filter(({ text }) => text !== '' && !URL.canParse(text));
  const inLanguage = (language: string) =>
    usable.find((name) => name.attributeNS(XML_NAMESPACE, 'lang') === language);
  return (inLanguage('it') ?? inLanguage('en') ?? usable[0])?.text;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
