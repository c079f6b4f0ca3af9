import { createHash } from 'node:crypto';
import { NS } from '../saml/names.ts';
import { SPID_NS } from './names.ts';
import { parseXml, type XmlElement } from '../saml/xml.ts';

/** One thing that two versions of metadata say differently, in words an operator reads. */
export interface MetadataDifference {
  /** Where: `AttributeConsumingService 1`, `OrganizationName it`. */
  readonly what: string;
  /** Undefined when only the newer says something. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

const LIMIT_BYTES = 1024 * 1024;

/**
 * What changes from one version to another. Only what is said counts, not how: IDs, signatures and order are left out.
 * @param before undefined when there is nothing yet: then everything is new
 */
export function metadataDifferences(before: Uint8Array | undefined, after: Uint8Array): MetadataDifference[] {
  const [old, now] = [before ? statements(before) : new Map<string, string>(), statements(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((what) => old.get(what) !== now.get(what))
    .map((what) => ({ what, before: old.get(what), after: now.get(what) }));
}

/** Everything that a document says, each under its own name. */
function statements(bytes: Uint8Array): Map<string, string> {
  using document = parseXml(bytes, { bytes: LIMIT_BYTES });
  const said = new Map([['entityID', document.root.attribute('entityID') ?? '']]);
  for (const element of document.root.elements) {
    if (element.namespace !== NS.ds) collect(element, '', said);
  }
  return said;
}

function collect(element: XmlElement, path: string, said: Map<string, string>): void {
  const own = nameOf(element);
  const what = path ? `${path}, ${own}` : own;
  if (element.name === 'X509Certificate') {
    said.set(`certificate ${fingerprint(element.text)}`, 'published');
    return;
  }
  if (element.name === 'AttributeConsumingService') {
    const names = element
      .children(NS.md, 'RequestedAttribute')
      .map((attribute) => attribute.attribute('Name'));
    said.set(`${own}, attributes`, names.join(' '));
    said.set(`${own}, name`, element.child(NS.md, 'ServiceName')?.text ?? '');
    return;
  }
  const location = element.attribute('Location');
  if (location !== undefined) said.set(what, location);
  else if (element.elements.length === 0) said.set(what, element.text || 'present');
  const skipped = ['SPSSODescriptor', 'KeyDescriptor', 'KeyInfo', 'X509Data', 'Organization', 'Extensions'];
  const next = skipped.includes(element.name) ? path : what;
  for (const child of element.elements) collect(child, next, said);
}

/** The element with what tells it from its likes. */
function nameOf(element: XmlElement): string {
  const language = element.attributeNS('http://www.w3.org/XML/1998/namespace', 'lang');
  const part = element.attributeNS(SPID_NS, 'entityType');
  const binding = element.attribute('Binding')?.replace(/^.*:/, '');
  return [element.name, element.attribute('index'), language, part, binding].filter(Boolean).join(' ');
}

function fingerprint(base64: string): string {
  return createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex');
}
