import {
  ParseOption,
  XmlC14NMode,
  XmlDocument as LibDocument,
  type XmlElement as LibElement,
  XmlError,
  XmlLibError,
  type XmlNode,
  XmlXPath,
  type C14NOptions,
} from 'libxml2-wasm';
import { Refused } from '../operations/errors.ts';
import { schemaViolations, type SchemaName } from './schemas.ts';
import { GatedElement, locate, type XmlElement } from './tree.ts';

export type { XmlElement } from './tree.ts';

export type XmlFault =
  'too-large' | 'encoding' | 'doctype' | 'processing-instruction' | 'comment' | 'malformed';

/** Bytes that are not the XML we accept (spid-response-validation, T4). */
export class InvalidXml extends Refused {
  readonly fault: XmlFault;

  constructor(fault: XmlFault, message: string) {
    super('invalid_xml', message);
    this.fault = fault;
  }
}

export interface XmlDocument extends Disposable {
  readonly root: XmlElement;
  /** Values of identifier attributes (`ID`, `Id`, `id`, in any namespace) that occur twice, or stand beside another one. */
  duplicateIds(): readonly string[];
  /** What the schema says against the document; empty when it is valid. */
  violations(schema: SchemaName): readonly string[];
  /**
   * Exclusive canonical form of an element, without the element `omit` inside it. The document is left as it was.
   * @throws InvalidXml when it has none
   */
  canonical(
    element: XmlElement,
    options?: { omit?: XmlElement; inclusivePrefixes?: readonly string[] },
  ): Buffer;
}

/**
 * The gate: the only way bytes from outside become a tree. libxml2 reads them without network, entities or recovery;
 * what could make two parsers see two documents (DTD, comments, processing instructions, other encodings) is refused.
 * @param limit most bytes accepted; how much markup they may hold follows from it
 * @throws InvalidXml
 */
export function parseXml(bytes: Uint8Array, limit: { readonly bytes: number }): XmlDocument {
  if (bytes.length > limit.bytes) throw new InvalidXml('too-large', `more than ${limit.bytes} bytes`);
  const source = decode(bytes);
  if (/<!(DOCTYPE|ENTITY)/i.test(source))
    throw new InvalidXml('doctype', 'a document type declaration is present');
  refuseTooMuchMarkup(source, limit.bytes);
  return new GatedDocument(bytes);
}

function decode(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InvalidXml('encoding', 'not UTF-8');
  }
  const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']/.exec(text)?.[1];
  if (declared && declared.toLowerCase() !== 'utf-8')
    throw new InvalidXml('encoding', 'declared in another encoding');
  return text;
}

/**
 * Bounds the work that a document of the allowed size can make: canonicalisation takes time by the square of the
 * attributes of an element (docs/adr/0016). A SPID response has some 150 tags and as many attributes.
 */
function refuseTooMuchMarkup(source: string, bytes: number): void {
  const tooMany = (found: RegExp, most: number) => (source.match(found)?.length ?? 0) > Math.max(1000, most);
  if (tooMany(/</g, bytes / 64) || tooMany(/=\s*["']/g, bytes / 256))
    throw new InvalidXml('too-large', 'too many tags or attributes');
}

// Errors stay on: libxml2 goes on after those of namespaces, and they are refused only because they are reported.
const OPTIONS =
  ParseOption.XML_PARSE_NONET |
  ParseOption.XML_PARSE_NO_XXE |
  ParseOption.XML_PARSE_NOCDATA |
  ParseOption.XML_PARSE_NOWARNING;

const INSTRUCTION = XmlXPath.compile('//processing-instruction()');
const COMMENT = XmlXPath.compile('//comment()');
const IDENTIFIERS = XmlXPath.compile("//@*[translate(local-name(), 'ID', 'id') = 'id']");

function parse(bytes: Uint8Array): LibDocument {
  try {
    // The encoding is given, so that libxml2 does not guess at another one than was checked.
    return LibDocument.fromBuffer(bytes, { option: OPTIONS, encoding: 'utf-8' });
  } catch (error) {
    if (error instanceof XmlLibError) throw new InvalidXml('malformed', 'not well-formed XML');
    throw error;
  }
}

class GatedDocument implements XmlDocument {
  readonly root: GatedElement;
  readonly #bytes: Uint8Array;
  readonly #document: LibDocument;
  #copy: { readonly document: LibDocument; readonly removed: Set<GatedElement> } | undefined;
  #duplicateIds: readonly string[] | undefined;
  disposed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#document = parse(bytes);
    const fault = faultOf(this.#document);
    if (fault) {
      this.#document.dispose();
      throw fault;
    }
    this.root = new GatedElement(this.#document.root, undefined, this);
  }

  duplicateIds(): readonly string[] {
    this.#duplicateIds ??= duplicateIds(this.#document);
    return this.#duplicateIds;
  }

  violations(schema: SchemaName): readonly string[] {
    return schemaViolations(this.#document, schema);
  }

  canonical(
    element: XmlElement,
    options: { omit?: XmlElement; inclusivePrefixes?: readonly string[] } = {},
  ): Buffer {
    const { omit, inclusivePrefixes = [] } = options;
    if (!(element instanceof GatedElement) || !(omit === undefined || omit instanceof GatedElement))
      throw new TypeError('an element of another kind of document');
    if (!omit) return canonicalForm(this.#document, element.lib, inclusivePrefixes);
    const copy = this.copyFor(element, omit);
    const target = locate(copy.document.root, element.path(copy.removed));
    locate(copy.document.root, omit.path(copy.removed)).remove();
    copy.removed.add(omit);
    return canonicalForm(copy.document, target, inclusivePrefixes);
  }

  /**
   * A second parse of the same bytes, to take things out of: the tree others hold must not lose its signature. The
   * last one is used again unless it lacks a part of the element.
   */
  private copyFor(element: GatedElement, omit: GatedElement) {
    const copy = this.#copy;
    if (copy && ![...copy.removed].some((gone) => gone === omit || gone.isWithin(element))) return copy;
    copy?.document.dispose();
    this.#copy = { document: parse(this.#bytes), removed: new Set() };
    return this.#copy;
  }

  [Symbol.dispose](): void {
    this.disposed = true;
    this.#document.dispose();
    this.#copy?.document.dispose();
  }
}

function faultOf(document: LibDocument): InvalidXml | undefined {
  if (document.dtd) return new InvalidXml('doctype', 'a document type declaration is present');
  if (document.get(INSTRUCTION))
    return new InvalidXml('processing-instruction', 'a processing instruction is present');
  return document.get(COMMENT) ? new InvalidXml('comment', 'a comment is present') : undefined;
}

function duplicateIds(document: LibDocument): readonly string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  let before: XmlNode | undefined;
  for (const identifier of document.find(IDENTIFIERS)) {
    const value = identifier.content;
    if (seen.has(value)) twice.add(value);
    seen.add(value);
    // In document order those of one element stand side by side.
    if (before && identifier.parent && before.parent?.isSameNode(identifier.parent))
      twice.add(before.content).add(value);
    before = identifier;
  }
  return [...twice];
}

/** What cannot be canonicalised is refused: it must never count as the canonical form of nothing. */
function canonicalForm(document: LibDocument, element: LibElement, prefixes: readonly string[]): Buffer {
  const chunks: Buffer[] = [];
  const options: C14NOptions = {
    mode: XmlC14NMode.XML_C14N_EXCLUSIVE_1_0,
    inclusiveNamespacePrefixes: [...prefixes],
    // A document that passed the gate holds nothing besides its root; whatever is smaller has to be selected.
    ...(element.parent ? { nodeSet: new Set([element]) } : {}),
  };
  const output = {
    write: (bytes: Uint8Array) => chunks.push(Buffer.from(bytes)) && bytes.length,
    close: () => true,
  };
  try {
    document.canonicalize(output, options);
  } catch (error) {
    if (error instanceof XmlError) throw new InvalidXml('malformed', 'cannot be canonicalised');
    throw error;
  }
  return Buffer.concat(chunks);
}
