import { parse, type DefaultTreeAdapterTypes } from 'parse5';

type Node = DefaultTreeAdapterTypes.ChildNode;
type Element = DefaultTreeAdapterTypes.Element;

/** A form of somebody's page. */
export interface PageForm {
  readonly action: string;
  readonly method: string;
  /** Of its inputs, by name. */
  readonly fields: ReadonlyMap<string, string>;
}

/** What can be told of somebody's page: its forms and its words, read as browsers read HTML. */
export interface Page {
  readonly forms: readonly PageForm[];
  /** The first heading, else the title. */
  readonly heading: string;
  /** All words of the body, blanks joined. */
  readonly words: string;
}

export function readPage(html: string): Page {
  const elements = [...elementsOf(parse(html).childNodes)];
  const named = (name: string) => elements.filter(({ tagName }) => tagName === name);
  const headings = [...named('h1'), ...named('h2'), ...named('title')].map((element) => wordsOf(element));
  return {
    forms: named('form').map(formOf),
    heading: headings.find((text) => text !== '') ?? '',
    words: named('body').map(wordsOf).join(' '),
  };
}

function formOf(form: Element): PageForm {
  const inputs = [...elementsOf(form.childNodes)].filter(({ tagName }) => tagName === 'input');
  return {
    action: attribute(form, 'action') ?? '',
    method: (attribute(form, 'method') ?? 'get').toUpperCase(),
    fields: new Map(inputs.map((input) => [attribute(input, 'name') ?? '', attribute(input, 'value') ?? ''])),
  };
}

function attribute({ attrs }: Element, name: string): string | undefined {
  return attrs.find((candidate) => candidate.name === name)?.value;
}

function* elementsOf(nodes: readonly Node[]): Generator<Element> {
  for (const node of nodes) {
    if (!('tagName' in node)) continue;
    yield node;
    yield* elementsOf(node.childNodes);
  }
}

const UNREAD = new Set(['script', 'style', 'template']);

function wordsOf(element: Element): string {
  const text = element.childNodes.map((node) => {
    if (node.nodeName === '#text') return (node as DefaultTreeAdapterTypes.TextNode).value;
    return 'tagName' in node && !UNREAD.has(node.tagName) ? wordsOf(node) : ' ';
  });
  return text.join(' ').replace(/\s+/g, ' ').trim();
}
