import { X509Certificate, type KeyObject } from 'node:crypto';
import { Dom } from './dom.ts';

/** What the metadata of the service provider says, as far as answers and requests are held against it. */
export interface ServiceProvider {
  readonly entityId: string;
  readonly name: string;
  /** Of KeyDescriptors for signing, or for everything. */
  readonly keys: readonly KeyObject[];
  readonly consumers: readonly { readonly index: string; readonly location: string }[];
  /** Names of attributes by index of their set. */
  readonly attributeSets: ReadonlyMap<string, readonly string[]>;
}

/** @returns undefined when it is not the metadata of a service provider */
export function readServiceProvider(metadata: string): ServiceProvider | undefined {
  using dom = Dom.read(metadata);
  const [descriptor] = dom?.all('/md:EntityDescriptor/md:SPSSODescriptor') ?? [];
  if (!dom || !descriptor) return undefined;
  return {
    entityId: dom.attribute('@entityID') ?? '',
    name: dom.text('md:Organization/md:OrganizationDisplayName')?.trim() ?? '',
    keys: dom
      .all("md:KeyDescriptor[not(@use) or @use='signing']//ds:X509Certificate", descriptor)
      .flatMap(({ content }) => publicKey(content)),
    consumers: dom.all('md:AssertionConsumerService', descriptor).map((consumer) => ({
      index: dom.attribute('@index', consumer) ?? '',
      location: dom.attribute('@Location', consumer) ?? '',
    })),
    attributeSets: new Map(
      dom
        .all('md:AttributeConsumingService', descriptor)
        .map((set) => [
          dom.attribute('@index', set) ?? '',
          dom.all('md:RequestedAttribute', set).map((one) => dom.attribute('@Name', one) ?? ''),
        ]),
    ),
  };
}

function publicKey(certificate: string): KeyObject[] {
  try {
    return [new X509Certificate(Buffer.from(certificate, 'base64')).publicKey];
  } catch {
    return [];
  }
}
