import { randomBytes } from 'node:crypto';

/** A piece of XML that needs no more escaping. Only `xml` makes one. */
export class Xml {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

type Value = string | number | Xml | undefined | null | false | readonly Value[];

/**
 * Template for XML: every value is escaped for text and for attributes alike; fragments made by `xml` nest as they
 * are, lists are joined, `undefined`, `null` and `false` leave nothing.
 */
export function xml(strings: TemplateStringsArray, ...values: readonly Value[]): Xml {
  return new Xml(
    strings.map((text, index) => text + (index < values.length ? rendered(values[index]) : '')).join(''),
  );
}

/** A new message ID: an NCName with 128 random bits, never guessable, never repeated (spid-authn-request, 1). */
export function newId(): string {
  return `_${randomBytes(16).toString('hex')}`;
}

function rendered(value: Value): string {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof Xml) return value.toString();
  if (typeof value === 'object') return value.map(rendered).join('');
  return escape(String(value));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // In attributes a parser would turn these into blanks.
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function escape(text: string): string {
  return (
    text
      .toWellFormed()
      // Characters that XML 1.0 has no way to write.
      // eslint-disable-next-line no-control-regex -- exactly the control characters are meant
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/[&<>"'\t\n\r]/g, (character) => ESCAPES[character] ?? character)
  );
}
