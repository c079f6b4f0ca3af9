import { X509Certificate, type KeyObject } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateFacts, type CertificateFacts } from '../../keys/certificate.ts';
import { Misconfigured } from '../../operations/errors.ts';
import { BINDING, NS } from '../../saml/names.ts';
import { isStrongKey, verifyEnveloped } from '../../saml/signature.ts';
import { InvalidXml, parseXml, type XmlElement } from '../../saml/xml.ts';
import { serviceNameOf } from './service-names.ts';

/** Largest metadata file read, in bytes; AgID's aggregate of twelve providers has 140 KB. */
const FILE_LIMIT = 4 * 1024 * 1024;

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
}

export interface ReadMetadata {
  readonly providers: readonly IdentityProvider[];
  /** What was left out and why; one bad entity never harms the rest. */
  readonly problems: readonly string[];
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
  if (!trustedSigners) return readRoot(document.root);
  const verified = verifyEnveloped(document, document.root, trustedSigners);
  if (!verified)
    throw new Misconfigured('metadata_signature', 'the metadata is not signed by a trusted signer');
  using signed = parseXml(verified.signed, { bytes: FILE_LIMIT });
  return readRoot(signed.root);
}

function readRoot(root: XmlElement): ReadMetadata {
  const entities =
    root.namespace === NS.md && root.name === 'EntitiesDescriptor'
      ? root.descendants(NS.md, 'EntityDescriptor')
      : root.namespace === NS.md && root.name === 'EntityDescriptor'
        ? [root]
        : [];
  const problems: string[] = entities.length === 0 ? ['no EntityDescriptor in it'] : [];
  const providers: IdentityProvider[] = [];
  for (const entity of entities) {
    const descriptor = entity
      .children(NS.md, 'IDPSSODescriptor')
      .find((role) => (role.attribute('protocolSupportEnumeration') ?? '').split(/\s+/).includes(NS.samlp));
    if (!descriptor) continue; // another role: none of our business
    const provider = readProvider(entity, descriptor, problems);
    if (provider) providers.push(provider);
  }
  return { providers, problems };
}

function readProvider(
  entity: XmlElement,
  descriptor: XmlElement,
  problems: string[],
): IdentityProvider | undefined {
  const entityId = entity.attribute('entityID');
  if (!entityId) {
    problems.push('an entity without entityID');
    return undefined;
  }
  const report = (problem: string) => problems.push(`${entityId}: ${problem}`);
  const certificates = signingCertificates(descriptor, report);
  const singleSignOn = {
    ...endpoint(descriptor, 'SingleSignOnService', 'post', (element) => element.attribute('Location')),
    ...endpoint(descriptor, 'SingleSignOnService', 'redirect', (element) => element.attribute('Location')),
  };
  if (certificates.length === 0) report('no usable signing key');
  if (!singleSignOn.post && !singleSignOn.redirect) report('no SingleSignOnService by POST or Redirect');
  if (certificates.length === 0 || (!singleSignOn.post && !singleSignOn.redirect)) return undefined;
  return {
    entityId,
    name: serviceNameOf(entityId) ?? organizationName(entity) ?? entityId,
    singleSignOn,
    singleLogout: {
      ...endpoint(descriptor, 'SingleLogoutService', 'post', logoutEndpoint),
      ...endpoint(descriptor, 'SingleLogoutService', 'redirect', logoutEndpoint),
    },
    signingKeys: certificates.map(({ publicKey }) => publicKey),
    certificates: certificates.map(certificateFacts),
  };
}

/** Keys for signing or for everything; dates and chains are no part of trust, the listing is (1.3, point 9). */
function signingCertificates(descriptor: XmlElement, report: (problem: string) => void): X509Certificate[] {
  return descriptor
    .children(NS.md, 'KeyDescriptor')
    .filter((key) => (key.attribute('use') ?? 'signing') === 'signing')
    .flatMap((key) => key.descendants(NS.ds, 'X509Certificate'))
    .flatMap((element) => {
      try {
        const certificate = new X509Certificate(Buffer.from(element.text, 'base64'));
        if (isStrongKey(certificate.publicKey)) return [certificate];
        report('a signing key is too weak');
      } catch {
        report('a certificate cannot be read');
      }
      return [];
    });
}

function endpoint<Name extends 'post' | 'redirect', T>(
  descriptor: XmlElement,
  service: string,
  binding: Name,
  read: (element: XmlElement) => T | undefined,
): Partial<Record<Name, T>> {
  const element = descriptor
    .children(NS.md, service)
    .find((candidate) => candidate.attribute('Binding') === BINDING[binding]);
  const value = element && isWebAddress(element.attribute('Location')) ? read(element) : undefined;
  return value === undefined ? {} : ({ [binding]: value } as Record<Name, T>);
}

function logoutEndpoint(element: XmlElement): LogoutEndpoint | undefined {
  const location = element.attribute('Location');
  const responseLocation = element.attribute('ResponseLocation');
  if (!location) return undefined;
  return { location, ...(isWebAddress(responseLocation) ? { responseLocation } : {}) };
}

/** Never `javascript:` or the like in a form's action or a Location header. */
function isWebAddress(value: string | undefined): value is string {
  return value !== undefined && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}

function organizationName(entity: XmlElement): string | undefined {
  const organization = entity.child(NS.md, 'Organization');
  const names = ['OrganizationDisplayName', 'OrganizationName'].flatMap(
    (name) => organization?.children(NS.md, name) ?? [],
  );
  const usable = names.filter(({ text }) => text !== '' && !URL.canParse(text));
  const inLanguage = (language: string) =>
    usable.find((name) => name.attributeNS('http://www.w3.org/XML/1998/namespace', 'lang') === language);
  return (inLanguage('it') ?? inLanguage('en') ?? usable[0])?.text;
}

/** The identity providers in force, by entityID. */
export class IdentityProviders {
  readonly #providers = new Map<string, IdentityProvider>();

  all(): readonly IdentityProvider[] {
    return [...this.#providers.values()];
  }

  find(entityId: string): IdentityProvider | undefined {
    return this.#providers.get(entityId);
  }

  /** @returns false when the provider is known already: the first one stays. */
  add(provider: IdentityProvider): boolean {
    if (this.#providers.has(provider.entityId)) return false;
    this.#providers.set(provider.entityId, provider);
    return true;
  }

  /**
   * Adds the providers of every `*.xml` in a directory, in the order of the file names.
   * @returns what was left out, file by file
   */
  addDirectory(
    directory: string,
    trustedSigners?: readonly KeyObject[],
  ): { file: string; problem: string }[] {
    const problems: { file: string; problem: string }[] = [];
    for (const file of metadataFiles(directory)) {
      const path = join(directory, file);
      try {
        const read = readIdentityProviders(readFileSync(path), trustedSigners);
        problems.push(...read.problems.map((problem) => ({ file, problem })));
        for (const provider of read.providers) {
          if (!this.add(provider))
            problems.push({ file, problem: `${provider.entityId}: already known from another file` });
        }
      } catch (error) {
        if (!(error instanceof InvalidXml || error instanceof Misconfigured)) throw error;
        problems.push({ file, problem: error.message });
      }
    }
    return problems;
  }
}

function metadataFiles(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.xml'))
      .sort();
  } catch (cause) {
    throw new Misconfigured(
      'providers_missing',
      `sources.spid.identityProviders.directory: ${directory} cannot be read; create it and put the providers' metadata there`,
      { cause },
    );
  }
}
