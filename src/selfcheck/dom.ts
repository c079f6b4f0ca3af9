import { ParseOption, XmlAttribute, XmlDocument, XmlElement, XmlLibError } from 'libxml2-wasm';

/** Prefixes of the paths below. */
const NAMESPACES = {
  samlp: 'urn:oasis:names:tc:SAML:2.0:protocol',
  saml: 'urn:oasis:names:tc:SAML:2.0:assertion',
  md: 'urn:oasis:names:tc:SAML:2.0:metadata',
  ds: 'http://www.w3.org/2000/09/xmldsig#',
  spid: 'https://spid.gov.it/saml-extensions',
  xml: 'http://www.w3.org/XML/1998/namespace',
};

/**
 * A document of the service provider under test, read without the gateway's gate: it may hold comments and whatever
 * else a checker tolerates. No network, no entities.
 */
export class Dom implements Disposable {
  readonly document: XmlDocument;

  private constructor(document: XmlDocument) {
    this.document = document;
  }

  /** @returns undefined when it is not well-formed, or has a document type */
  static read(xml: string | Uint8Array): Dom | undefined {
    const text = typeof xml === 'string' ? xml : new TextDecoder().decode(xml);
    if (/<!(DOCTYPE|ENTITY)/i.test(text)) return undefined;
    try {
      const option = ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_XXE;
      return new Dom(XmlDocument.fromString(text, { option }));
    } catch (error) {
      if (error instanceof XmlLibError) return undefined;
      throw error;
    }
  }

  get root(): XmlElement {
    return this.document.root;
  }

  /** Elements at an XPath, from the root or from `context`. */
  all(path: string, context: XmlElement = this.root): XmlElement[] {
    return context.find(path, NAMESPACES).filter((node) => node instanceof XmlElement);
  }

  /** The attribute at an XPath; undefined when there is none. */
  attribute(path: string, context: XmlElement = this.root): string | undefined {
    const found = context.get(path, NAMESPACES);
    return found instanceof XmlAttribute ? found.value : undefined;
  }

  /** Text of the element at an XPath, as it stands; undefined when there is none. */
  text(path: string, context: XmlElement = this.root): string | undefined {
    return this.all(path, context)[0]?.content;
  }

  [Symbol.dispose](): void {
    this.document.dispose();
  }
}
