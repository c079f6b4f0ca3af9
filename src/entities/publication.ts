import { createHash } from 'node:crypto';
import { ATTRIBUTE_NAMES, type AttributeName } from '../identity/attributes.ts';
import { NS } from '../saml/names.ts';
import { parseXml, type XmlElement } from '../saml/xml.ts';
import type { AttributeSet } from './entity.ts';

/** What one sealed version tells the providers: a request to them may use this and nothing else (spid-sp-metadata, 7). */
export interface Publication {
  readonly version: number;
  /** SHA-256 of its bytes, base64url: says in the register what a request was made from. */
  readonly hash: string;
  readonly entityId: string;
  readonly attributeSets: readonly AttributeSet[];
  /** Of signing keys: DER, base64, in the order of the document. */
  readonly certificates: readonly string[];
  /** The default one. */
  readonly assertionConsumer: { readonly index: number; readonly url: string };
}

const LIMIT_BYTES = 1024 * 1024;

/** Reads a sealed version. Its bytes are our own, checked when they were sealed. */
export function readPublication(version: number, bytes: Uint8Array): Publication {
  using document = parseXml(bytes, { bytes: LIMIT_BYTES });
  const { root } = document;
  const [consumer] = root.descendants(NS.md, 'AssertionConsumerService');
  return {
    version,
    hash: createHash('sha256').update(bytes).digest('base64url'),
    entityId: root.attribute('entityID') ?? '',
    attributeSets: root.descendants(NS.md, 'AttributeConsumingService').map(attributeSet),
    certificates: root
      .descendants(NS.md, 'KeyDescriptor')
      .filter((key) => key.attribute('use') === 'signing')
      .flatMap((key) => key.descendants(NS.ds, 'X509Certificate').map(({ text }) => text)),
    assertionConsumer: {
      index: Number(consumer?.attribute('index')),
      url: consumer?.attribute('Location') ?? '',
    },
  };
}

function attributeSet(element: XmlElement): AttributeSet {
  const names = element
    .children(NS.md, 'RequestedAttribute')
    .map((attribute) => attribute.attribute('Name') ?? '');
  return {
    index: Number(element.attribute('index')),
    name: element.child(NS.md, 'ServiceName')?.text ?? '',
    attributes: names.filter((name): name is AttributeName =>
      ATTRIBUTE_NAMES.includes(name as AttributeName),
    ),
  };
}
