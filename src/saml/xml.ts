import { readFileSync } from 'node:fs';
import {
  ParseOption,
  XmlBufferInputProvider,
  XmlC14NMode,
  XmlError,
  XmlCData,
  XmlElement as LibElement,
  XmlDocument as LibDocument,
  XmlLibError,
  XmlText,
  XmlValidateError,
  XsdValidator,
  xmlRegisterInputProvider,
} from 'libxml2-wasm';
import { Refused } from '../operations/errors.ts';

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

/** A read-only element. Only the gate makes one, so whoever holds it knows that its document passed. */
export interface XmlElement {
  /** Local name. */
  readonly name: string;
  /** Empty when the element is in no namespace. */
  readonly namespace: string;
  readonly parent: XmlElement | undefined;
  readonly elements: readonly XmlElement[];
  /** Own text, XML white space trimmed at both ends. */
  readonly text: string;
  /** Value, as it stands, of an attribute that is in no namespace. */
  attribute(name: string): string | undefined;
  attributeNS(namespace: string, name: string): string | undefined;
  children(namespace: string, name: string): readonly XmlElement[];
  child(namespace: string, name: string): XmlElement | undefined;
  /** At any depth, in document order, this element excluded. */
  descendants(namespace: string, name: string): readonly XmlElement[];
}

export interface XmlDocument extends Disposable {
  readonly root: XmlElement;
  /** The text that was parsed, decoded. */
  readonly source: string;
  /** Values of identifier attributes (`ID`, `Id`, `id`, in any namespace) that occur twice, or stand beside another one. */
  duplicateIds(): readonly string[];
  /** What the schema says against the document; empty when it is valid. */
  violations(schema: SchemaName): readonly string[];
  /** Exclusive canonical form of an element, without the element `omit` inside it. The document is left as it was. */
  canonical(
    element: XmlElement,
    options?: { omit?: XmlElement; inclusivePrefixes?: readonly string[] },
  ): string;
}

export type SchemaName = 'protocol' | 'metadata';

/**
 * The gate: the only way bytes from outside become a tree. libxml2 reads them without network, entities or recovery;
 * what could make two parsers see two documents (DTD, comments, processing instructions, other encodings) is refused.
 * @param limit most bytes accepted
 * @throws InvalidXml
 */
export function parseXml(bytes: Uint8Array, limit: { readonly bytes: number }): XmlDocument {
  if (bytes.length > limit.bytes) throw new InvalidXml('too-large', `more than ${limit.bytes} bytes`);
  const source = decode(bytes);
  if (/<!(DOCTYPE|ENTITY)/i.test(source))
    throw new InvalidXml('doctype', 'a document type declaration is present');
  return new GatedDocument(parse(source), source);
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

// Errors stay on: libxml2 goes on after those of namespaces, and they are refused only because they are reported.
const OPTIONS =
  ParseOption.XML_PARSE_NONET |
  ParseOption.XML_PARSE_NO_XXE |
  ParseOption.XML_PARSE_NOCDATA |
  ParseOption.XML_PARSE_NOWARNING;

function parse(source: string): LibDocument {
  let document: LibDocument;
  try {
    document = LibDocument.fromString(source, { option: OPTIONS });
  } catch (error) {
    if (error instanceof XmlLibError) throw new InvalidXml('malformed', 'not well-formed XML');
    throw error;
  }
  try {
    if (document.dtd) throw new InvalidXml('doctype', 'a document type declaration is present');
    if (document.get('//processing-instruction()')) {
      throw new InvalidXml('processing-instruction', 'a processing instruction is present');
    }
    if (document.get('//comment()')) throw new InvalidXml('comment', 'a comment is present');
    return document;
  } catch (error) {
    document.dispose();
    throw error;
  }
}

class GatedDocument implements XmlDocument {
  readonly root: GatedElement;
  readonly source: string;
  readonly #document: LibDocument;

  constructor(document: LibDocument, source: string) {
    this.#document = document;
    this.source = source;
    this.root = new GatedElement(document.root, undefined);
  }

  duplicateIds(): readonly string[] {
    const seen = new Set<string>();
    const twice = new Set<string>();
    for (const element of [this.root, ...this.root.all()]) {
      const ids = element.identifiers();
      for (const id of ids) {
        if (seen.has(id) || ids.length > 1) twice.add(id);
        seen.add(id);
      }
    }
    return [...twice];
  }

  violations(schema: SchemaName): readonly string[] {
    try {
      validator(schema).validate(this.#document);
      return [];
    } catch (error) {
      if (error instanceof XmlValidateError) return error.details.map((detail) => detail.message.trim());
      throw error;
    }
  }

  canonical(
    element: XmlElement,
    options: { omit?: XmlElement; inclusivePrefixes?: readonly string[] } = {},
  ): string {
    if (!(element instanceof GatedElement)) throw new TypeError('an element of another kind of document');
    const { omit } = options;
    const mode = {
      mode: XmlC14NMode.XML_C14N_EXCLUSIVE_1_0,
      inclusiveNamespacePrefixes: [...(options.inclusivePrefixes ?? [])],
    };
    if (!omit) return canonicalForm(element.lib, mode);
    // Work on a second parse of the same text: the tree others hold must not lose its signature.
    using copy = parse(this.source);
    const target = locate(copy.root, element.path());
    locate(copy.root, (omit as GatedElement).path()).remove();
    return canonicalForm(target, mode);
  }

  [Symbol.dispose](): void {
    this.#document.dispose();
  }
}

class GatedElement implements XmlElement {
  readonly lib: LibElement;
  readonly name: string;
  readonly namespace: string;
  readonly parent: GatedElement | undefined;
  readonly elements: readonly GatedElement[];
  readonly text: string;
  readonly #attributes: readonly { namespace: string; name: string; value: string }[];

  constructor(lib: LibElement, parent: GatedElement | undefined) {
    this.lib = lib;
    this.name = lib.name;
    this.namespace = lib.namespaceUri;
    this.parent = parent;
    this.#attributes = lib.attrs.map(({ name, namespaceUri, value }) => ({
      name,
      namespace: namespaceUri,
      value,
    }));
    const elements: GatedElement[] = [];
    let text = '';
    for (let node = lib.firstChild; node; node = node.next) {
      if (node instanceof LibElement) elements.push(new GatedElement(node, this));
      else if (node instanceof XmlText || node instanceof XmlCData) text += node.content;
      else throw new InvalidXml('malformed', 'a node that is neither element nor text');
    }
    this.elements = elements;
    this.text = text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
  }

  attribute(name: string): string | undefined {
    return this.attributeNS('', name);
  }

  attributeNS(namespace: string, name: string): string | undefined {
    return this.#attributes.find((attribute) => attribute.namespace === namespace && attribute.name === name)
      ?.value;
  }

  children(namespace: string, name: string): readonly GatedElement[] {
    return this.elements.filter((element) => element.namespace === namespace && element.name === name);
  }

  child(namespace: string, name: string): GatedElement | undefined {
    return this.children(namespace, name)[0];
  }

  descendants(namespace: string, name: string): readonly GatedElement[] {
    return this.all().filter((element) => element.namespace === namespace && element.name === name);
  }

  all(): GatedElement[] {
    return this.elements.flatMap((element) => [element, ...element.all()]);
  }

  identifiers(): readonly string[] {
    return this.#attributes.filter(({ name }) => name.toLowerCase() === 'id').map(({ value }) => value);
  }

  /** Position among the sibling elements, from the root down. */
  path(): readonly number[] {
    return this.parent ? [...this.parent.path(), this.parent.elements.indexOf(this)] : [];
  }
}

/** What cannot be canonicalised is refused: it must never count as the canonical form of nothing. */
function canonicalForm(
  element: LibElement,
  options: Parameters<LibElement['canonicalizeToString']>[0],
): string {
  try {
    return element.canonicalizeToString(options);
  } catch (error) {
    if (error instanceof XmlError) throw new InvalidXml('malformed', 'cannot be canonicalised');
    throw error;
  }
}

function locate(root: LibElement, path: readonly number[]): LibElement {
  return path.reduce((element, position) => {
    let left = position;
    for (let node = element.firstChild; node; node = node.next) {
      if (node instanceof LibElement && left-- === 0) return node;
    }
    throw new Error('an element is not where the same text had it');
  }, root);
}

const FILES: Readonly<Record<SchemaName, string>> = {
  protocol: 'saml-schema-protocol-2.0.xsd',
  metadata: 'saml-schema-metadata-2.0.xsd',
};

const validators = new Map<SchemaName, XsdValidator>();

/** Schemas come from the folder beside this file, whatever address they name each other by. Loaded once. */
function validator(schema: SchemaName): XsdValidator {
  let found = validators.get(schema);
  if (!found) {
    if (validators.size === 0) registerSchemas();
    using document = LibDocument.fromBuffer(schemaFile(FILES[schema]), { url: FILES[schema] });
    found = XsdValidator.fromDoc(document);
    validators.set(schema, found);
  }
  return found;
}

function registerSchemas(): void {
  const imported: Readonly<Record<string, string>> = {
    'saml-schema-assertion-2.0.xsd': 'saml-schema-assertion-2.0.xsd',
    'http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd': 'xmldsig-core-schema.xsd',
    'http://www.w3.org/TR/2002/REC-xmlenc-core-20021210/xenc-schema.xsd': 'xenc-schema.xsd',
    'http://www.w3.org/TR/2002/REC-xmlenc-core-20021210/xmldsig-core-schema.xsd': 'xmldsig-core-schema.xsd',
    'xmldsig-core-schema.xsd': 'xmldsig-core-schema.xsd',
    'http://www.w3.org/2001/xml.xsd': 'xml.xsd',
  };
  const buffers = Object.entries(imported).map(([address, file]) => [address, schemaFile(file)] as const);
  xmlRegisterInputProvider(new XmlBufferInputProvider(Object.fromEntries(buffers)));
}

function schemaFile(name: string): Buffer {
  return readFileSync(`${import.meta.dirname}/schemas/${name}`);
}
