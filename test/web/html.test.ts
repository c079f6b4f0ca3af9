import fc from 'fast-check';
import { XmlDocument, type XmlElement } from 'libxml2-wasm';
import { describe, expect, it } from 'vitest';
import { html } from '../../src/web/html.ts';

/** What a parser that is not ours makes of a piece. */
function parsed(piece: unknown): XmlElement {
  return XmlDocument.fromString(String(piece)).root;
}

/** Anything a request can carry, with what would break out made likely. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('<', '>', '&', '"', "'", '/', '=', '!', '-', ' ', '\n', 'a', '&amp;', ']]>'),
  }),
);

describe('the page template', () => {
  it('lets any string through as one text, whatever it is made of', () => {
    fc.assert(
      fc.property(text, (value) => {
        const element = parsed(html`<p>${value}</p>`);
        expect(element.find('descendant::*')).toEqual([]);
        expect(element.content).toBe(writable(value));
      }),
      { numRuns: 300 },
    );
  });

  it('lets any string through as the value of one attribute', () => {
    fc.assert(
      fc.property(text, (value) => {
        const element = parsed(html`<p title="${value}" />`);
        expect(element.attrs.map(({ name }) => name)).toEqual(['title']);
        expect(element.attr('title')?.value).toBe(writable(value));
      }),
      { numRuns: 300 },
    );
  });

  it('nests pieces as they are, joins lists and leaves nothing for what is absent', () => {
    const items = ['a', '<b>'].map((item) => html`<li>${item}</li>`);
    expect(String(html`<ul>${items}${undefined}${null}${false}${0}</ul>`)).toBe(
      '<ul><li>a</li><li>&lt;b&gt;</li>0</ul>',
    );
  });
});

/** Without what neither HTML nor XML can write: it becomes the replacement character. */
function writable(value: string): string {
  return value.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}
