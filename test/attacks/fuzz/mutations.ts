import fc from 'fast-check';

/** One change to a message; `at`, `to` and `value` mean what the operation makes of them. */
interface Mutation {
  readonly operation: keyof typeof OPERATIONS;
  readonly at: number;
  readonly to: number;
  readonly value: string;
}

interface Element {
  tag: string;
  children: (Element | string)[];
}

/** Values that have been worth a try before. */
const TELLING = [
  '',
  ' ',
  '_forged',
  'TINIT-FRGLSS90A41H501C',
  'ID',
  'Id',
  'xml:id',
  'saml:Assertion',
  'samlp:Response',
  'ds:Signature',
  'urn:oasis:names:tc:SAML:2.0:assertion',
  'urn:x',
  'relative',
  '#_r1',
  '&#13;',
  '&amp;',
  '<!---->',
  '<?x y?>',
  '<![CDATA[x]]>',
  '\u0000',
  '\ud83d\ude00',
] as const;

/** Changes to the tree: what an attacker who knows XML does. */
const OPERATIONS = {
  remove: (all, { at }) => cut(all, pick(all, at)),
  duplicate: (all, { at }) => {
    const element = pick(all, at);
    const parent = parentOf(all, element);
    parent?.children.splice(parent.children.indexOf(element), 0, structuredClone(element));
  },
  move: (all, { at, to }) => {
    const element = pick(all, at);
    const target = pick(all, to);
    if (within(target, element)) return;
    cut(all, element);
    target.children.splice(to % (target.children.length + 1), 0, element);
  },
  copy: (all, { at, to }) => {
    const target = pick(all, to);
    target.children.splice(to % (target.children.length + 1), 0, structuredClone(pick(all, at)));
  },
  rename: (all, { at, value }) => {
    const element = pick(all, at);
    element.tag = element.tag.replace(/^[^\s]+/, () => value || 'x');
  },
  text: (all, { at, to, value }) => {
    const { children } = pick(all, at);
    children.splice(to % (children.length + 1), 0, value);
  },
  insideText: (all, { at, to, value }) => {
    const { children } = pick(all, at);
    const place = children.findIndex((child) => typeof child === 'string');
    const text = children[place];
    if (typeof text === 'string')
      children[place] = text.slice(0, to % text.length) + value + text.slice(to % text.length);
  },
  attribute: (all, { at, to, value }) => {
    const element = pick(all, at);
    const attributes = [...element.tag.matchAll(/ ([\w:]+)="([^"]*)"/g)];
    const found = attributes[to % Math.max(1, attributes.length)];
    if (found) element.tag = element.tag.replace(found[0], () => ` ${found[1]}="${value}"`);
  },
  attributeName: (all, { at, to, value }) => {
    const element = pick(all, at);
    const attributes = [...element.tag.matchAll(/ ([\w:]+)="([^"]*)"/g)];
    const found = attributes[to % Math.max(1, attributes.length)];
    if (found) element.tag = element.tag.replace(found[0], () => ` ${value || 'x'}="${found[2]}"`);
  },
  swap: (all, { at, to }) => {
    const [one, other] = [pick(all, at), pick(all, to)];
    [one.tag, other.tag] = [other.tag, one.tag];
  },
  addAttribute: (all, { at, value }) => {
    pick(all, at).tag += ` ID="${value}"`;
  },
  namespace: (all, { at, to, value }) => {
    const prefix = ['saml', 'samlp', 'ds', 'x'][to % 4];
    pick(all, at).tag += to % 5 === 0 ? ` xmlns="${value}"` : ` xmlns:${prefix}="${value}"`;
  },
  whiteSpace: (all, { at, to }) => {
    const element = pick(all, at);
    element.tag += [' ', '\n', '\t', '\r\n'][to % 4];
  },
} satisfies Record<string, (all: readonly Element[], mutation: Mutation) => void>;

const mutation: fc.Arbitrary<Mutation> = fc.record({
  operation: fc.constantFrom(...(Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[])),
  at: fc.nat(10_000),
  to: fc.nat(10_000),
  value: fc.oneof(fc.constantFrom(...TELLING), fc.string({ maxLength: 8 })),
});

/** Messages made of a genuine one: a few changes to its tree, sometimes some to its characters as well. */
export function mutated(genuine: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const splices = fc.array(fc.tuple(fc.nat(20_000), fc.nat(3), fc.string({ maxLength: 3 })), {
    maxLength: 2,
  });
  return fc
    .tuple(genuine, fc.array(mutation, { maxLength: 3 }), fc.option(splices, { nil: [], freq: 3 }))
    .map(([xml, mutations, characters]) => {
      let text = mutations.length > 0 ? mutate(xml, mutations) : xml;
      for (const [at, length, replacement] of characters) {
        const place = at % (text.length + 1);
        text = text.slice(0, place) + replacement + text.slice(place + length);
      }
      return text;
    });
}

function mutate(xml: string, mutations: readonly Mutation[]): string {
  const document = read(xml);
  for (const each of mutations) {
    const all = elements(document);
    if (all.length > 0) OPERATIONS[each.operation](all, each);
  }
  return write(document);
}

/** A tree good enough for what the test signer writes. The outermost element is the document. */
function read(xml: string): Element {
  const document: Element = { tag: '', children: [] };
  const open = [document];
  for (const token of xml.split(/(<[^>]*>)/).filter(Boolean)) {
    const parent = open.at(-1) ?? document;
    if (!token.startsWith('<')) parent.children.push(token);
    else if (token.startsWith('</')) open.pop();
    else {
      const element: Element = { tag: token.slice(1, -1).replace(/\/$/, ''), children: [] };
      parent.children.push(element);
      if (!token.endsWith('/>')) open.push(element);
    }
  }
  return document;
}

function write({ tag, children }: Element): string {
  const content = children.map((child) => (typeof child === 'string' ? child : write(child))).join('');
  return tag ? `<${tag}>${content}</${/^[^\s]*/.exec(tag)?.[0]}>` : content;
}

function elements({ children }: Element): Element[] {
  return children.flatMap((child) => (typeof child === 'string' ? [] : [child, ...elements(child)]));
}

function pick(all: readonly Element[], at: number): Element {
  const element = all[at % all.length];
  if (!element) throw new Error('no element left');
  return element;
}

function parentOf(all: readonly Element[], element: Element): Element | undefined {
  return all.find(({ children }) => children.includes(element));
}

function cut(all: readonly Element[], element: Element): void {
  const parent = parentOf(all, element);
  parent?.children.splice(parent.children.indexOf(element), 1);
}

function within(element: Element, ancestor: Element): boolean {
  return element === ancestor || elements(ancestor).includes(element);
}
