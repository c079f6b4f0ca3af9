/** A form of a page, as far as a browser without scripts can use it. */
export interface Form {
  readonly action: string;
  readonly method: string;
  readonly inputs: readonly (readonly [name: string, value: string])[];
  readonly buttons: readonly {
    readonly name: string | undefined;
    readonly value: string;
    readonly text: string;
  }[];
}

/**
 * Reads the forms of a page of ours or of the OpenID Provider's: quoted attributes, no form inside a form. It is no
 * parser of whatever the web may hold.
 */
export function formsOf(page: string): Form[] {
  return [...page.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form\s*>/g)].map(([, head = '', body = '']) => ({
    action: attribute(head, 'action') ?? '',
    method: (attribute(head, 'method') ?? 'get').toUpperCase(),
    inputs: [...body.matchAll(/<input\b([^>]*)>/g)].map(([, input = '']): [string, string] => [
      attribute(input, 'name') ?? '',
      attribute(input, 'value') ?? '',
    ]),
    buttons: [...body.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button\s*>/g)].map(([, button = '', text]) => ({
      name: attribute(button, 'name'),
      value: attribute(button, 'value') ?? '',
      text: plainText(text),
    })),
  }));
}

/** Where the link with this text leads. */
export function linkOf(page: string, text: string): string | undefined {
  const links = [...page.matchAll(/<a\b([^>]*)>([\s\S]*?)<\/a\s*>/g)];
  const link = links.find((match) => plainText(match[2]) === text);
  return link && attribute(link[1] ?? '', 'href');
}

/** The first heading, which says what a page is about. */
export function titleOf(page: string): string {
  return plainText(/<h1\b[^>]*>([\s\S]*?)<\/h1>/.exec(page)?.[1]);
}

/** What a page gives the citizen to quote to support. */
export function supportReferenceOf(page: string): string | undefined {
  return /<strong translate="no">([^<]+)<\/strong>/.exec(page)?.[1];
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? undefined : unescape(value);
}

function plainText(fragment: string | undefined): string {
  return unescape((fragment ?? '').replace(/<[^>]*>/g, '').replace(/\s+/g, ' ')).trim();
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  '#9': '\t',
  '#10': '\n',
  '#13': '\r',
};

function unescape(text: string): string {
  return text.replace(/&(#?\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
