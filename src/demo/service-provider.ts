import { X509Certificate, type KeyObject } from 'node:crypto';
import { BINDING, NS } from '../saml/names.ts';
import { verifyEnveloped } from '../saml/signature.ts';
import { parseXml, type XmlElement } from '../saml/xml.ts';

const LIMIT = 512 * 1024;
const PATIENCE_MS = 5_000;

export type Binding = keyof typeof BINDING;

/** What a provider knows of a service provider: its metadata. */
export interface ServiceProvider {
  readonly entityId: string;
  readonly organization: string;
  readonly keys: readonly KeyObject[];
  readonly consumers: readonly {
    readonly index: string;
    readonly location: string;
    readonly isDefault: boolean;
  }[];
  /** Names of the attributes, by index of the set. */
  readonly attributeSets: ReadonlyMap<string, readonly string[]>;
  /** Where a LogoutResponse goes, by binding. */
  readonly logout: Readonly<Partial<Record<Binding, string>>>;
}

/**
 * Fetches the metadata from the entityID, as it is published now: real providers are told by AgID when it changes.
 * @throws Error when it cannot be had, or is not what a service provider of that entityID would sign
 */
export async function fetchServiceProvider(entityId: string): Promise<ServiceProvider> {
  const response = await fetch(entityId, { redirect: 'error', signal: AbortSignal.timeout(PATIENCE_MS) });
  if (response.status !== 200) throw new Error(`the metadata answers ${response.status}`);
  const provider = readServiceProvider(new Uint8Array(await response.arrayBuffer()));
  if (provider.entityId !== entityId) throw new Error('the metadata is of another entityID');
  return provider;
}

/** @throws Error when it is not signed by a key it publishes: a copy that was changed on the way */
export function readServiceProvider(metadata: Uint8Array): ServiceProvider {
  using document = parseXml(metadata, { bytes: LIMIT });
  const verified = verifyEnveloped(document, document.root, signingKeys(document.root));
  if (!verified) throw new Error('the metadata is not signed by a key it publishes');
  using signed = parseXml(verified.signed, { bytes: LIMIT });
  const { root } = signed;
  const descriptor = root.child(NS.md, 'SPSSODescriptor');
  const all = (name: string) => descriptor?.children(NS.md, name) ?? [];
  return {
    entityId: root.attribute('entityID') ?? '',
    organization: root.child(NS.md, 'Organization')?.child(NS.md, 'OrganizationDisplayName')?.text ?? '',
    keys: signingKeys(root),
    consumers: all('AssertionConsumerService')
      .filter((consumer) => consumer.attribute('Binding') === BINDING.post)
      .map((consumer) => ({
        index: consumer.attribute('index') ?? '',
        location: consumer.attribute('Location') ?? '',
        isDefault: consumer.attribute('isDefault') === 'true',
      })),
    attributeSets: new Map(
      all('AttributeConsumingService').map((set) => [
        set.attribute('index') ?? '',
        set.children(NS.md, 'RequestedAttribute').map((attribute) => attribute.attribute('Name') ?? ''),
      ]),
    ),
    logout: {
      ...logoutAt(all('SingleLogoutService'), 'post'),
      ...logoutAt(all('SingleLogoutService'), 'redirect'),
    },
  };
}

function logoutAt(services: readonly XmlElement[], binding: Binding): Partial<Record<Binding, string>> {
  const service = services.find((candidate) => candidate.attribute('Binding') === BINDING[binding]);
  const location = service?.attribute('ResponseLocation') ?? service?.attribute('Location');
  return location === undefined ? {} : { [binding]: location };
}

function signingKeys(root: XmlElement): KeyObject[] {
  return (root.child(NS.md, 'SPSSODescriptor')?.children(NS.md, 'KeyDescriptor') ?? [])
    .filter((key) => (key.attribute('use') ?? 'signing') === 'signing')
    .flatMap((key) => key.descendants(NS.ds, 'X509Certificate'))
    .map(({ text }) => new X509Certificate(Buffer.from(text, 'base64')).publicKey);
}
