/** A piece of HTML or XML that needs no more escaping. Only the template below makes one. */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type MarkupValue = string | number | Markup | undefined | null | false | readonly MarkupValue[];

/**
 * Template for HTML and XML: every value is escaped for text and for attributes alike; pieces made by the same
 * template nest as they are, lists are joined, `undefined`, `null` and `false` leave nothing.
 */
export function markup(strings: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return new Markup(
    strings.map((text, index) => text + (index < values.length ? rendered(values[index]) : '')).join(''),
  );
}

function rendered(value: MarkupValue): string {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof Markup) return value.toString();
  if (typeof value === 'object') return value.map(rendered).join('');
  return escape(String(value));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // In attributes an XML parser would turn these into blanks.
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function escape(text: string): string {
  return (
    text
      .toWellFormed()
      // Characters that XML 1.0 has no way to write.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/[&<>"'\t\n\r]/g, (character) => ESCAPES[character] ?? character)
  );
}
