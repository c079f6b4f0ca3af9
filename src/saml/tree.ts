import { XmlCData, XmlElement as LibElement, XmlText } from 'libxml2-wasm';

/**
 * A read-only element, readable until its document is disposed of. Only the gate makes one, so whoever holds it knows
 * that its document passed.
 */
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

/** Whose memory the elements of a document live in. */
export interface Owner {
  readonly disposed: boolean;
}

/** An element of a document that passed the gate, read piece by piece as it is asked for. */
export class GatedElement implements XmlElement {
  readonly name: string;
  readonly namespace: string;
  readonly parent: GatedElement | undefined;
  readonly #lib: LibElement;
  readonly #owner: Owner;
  #elements: readonly GatedElement[] | undefined;
  #text: string | undefined;
  #attributes: readonly { namespace: string; name: string; value: string }[] | undefined;
  #all: readonly GatedElement[] | undefined;

  constructor(lib: LibElement, parent: GatedElement | undefined, owner: Owner) {
    this.#lib = lib;
    this.#owner = owner;
    this.name = lib.name;
    this.namespace = lib.namespaceUri;
    this.parent = parent;
  }

  /** @throws Error after the document was disposed of: its memory may hold another document by now */
  get lib(): LibElement {
    if (this.#owner.disposed) throw new Error('the document of this element was disposed of');
    return this.#lib;
  }

  get elements(): readonly GatedElement[] {
    this.#elements ??= childElements(this.lib).map((child) => new GatedElement(child, this, this.#owner));
    return this.#elements;
  }

  get text(): string {
    this.#text ??= ownText(this.lib).replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
    return this.#text;
  }

  attribute(name: string): string | undefined {
    return this.attributeNS('', name);
  }

  attributeNS(namespace: string, name: string): string | undefined {
    this.#attributes ??= this.lib.attrs.map((attribute) => ({
      name: attribute.name,
      namespace: attribute.namespaceUri,
      value: attribute.value,
    }));
    return this.#attributes.find((attribute) => attribute.namespace === namespace && attribute.name === name)
      ?.value;
  }

  children(namespace: string, name: string): readonly GatedElement[] {
    return this.elements.filter((element) => element.namespace === namespace && element.name === name);
  }

  child(namespace: string, name: string): GatedElement | undefined {
    return this.elements.find((element) => element.namespace === namespace && element.name === name);
  }

  descendants(namespace: string, name: string): readonly GatedElement[] {
    this.#all ??= collect(this);
    return this.#all.filter((element) => element.namespace === namespace && element.name === name);
  }

  isWithin(ancestor: GatedElement): boolean {
    return this === ancestor || (this.parent?.isWithin(ancestor) ?? false);
  }

  /** Position among the sibling elements, from the root down, where some elements are gone. */
  path(removed: ReadonlySet<GatedElement>): readonly number[] {
    if (!this.parent) return [];
    const siblings = this.parent.elements.filter((element) => !removed.has(element));
    return [...this.parent.path(removed), siblings.indexOf(this)];
  }
}

function childElements(parent: LibElement): LibElement[] {
  const children: LibElement[] = [];
  for (let node = parent.firstChild; node; node = node.next)
    if (node instanceof LibElement) children.push(node);
  return children;
}

function ownText(parent: LibElement): string {
  let text = '';
  for (let node = parent.firstChild; node; node = node.next)
    if (node instanceof XmlText || node instanceof XmlCData) text += node.content;
  return text;
}

/** Every element below, in document order. */
function collect(element: GatedElement, into: GatedElement[] = []): GatedElement[] {
  for (const child of element.elements) {
    into.push(child);
    collect(child, into);
  }
  return into;
}

/** The element that has this path in another parse of the same bytes. */
export function locate(root: LibElement, path: readonly number[]): LibElement {
  return path.reduce((element, position) => {
    let left = position;
    for (let node = element.firstChild; node; node = node.next) {
      if (node instanceof LibElement && left-- === 0) return node;
    }
    throw new Error('an element is not where the same text had it');
  }, root);
}
