import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId, xml, type Xml } from '../../src/saml/documents.ts';
import { parseXml } from '../../src/saml/xml.ts';

const LIMIT = { bytes: 1_000_000 };

const read = (fragment: Xml) => parseXml(Buffer.from(fragment.toString()), LIMIT);

/** Text that XML 1.0 can carry, with more than the usual share of what could break out of its place. */
const writable = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<',
        '>',
        '&',
        '"',
        "'",
        ']]>',
        '<!--',
        '-->',
        '<?',
        '&lt;',
        '&#0;',
        '\t',
        '\n',
        '\r',
        '\r\n',
      ),
      fc.string({ unit: 'grapheme' }),
    ),
  )
  .map((parts) => parts.join('').replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ''))
  .filter((text) => text.isWellFormed());

describe('writing XML', () => {
  it('gives back exactly the value that went into an attribute', () => {
    fc.assert(
      fc.property(writable, (value) => {
        using document = read(xml`<a b="${value}" c='${value}'/>`);
        expect(document.root.attribute('b')).toBe(value);
        expect(document.root.attribute('c')).toBe(value);
      }),
    );
  });

  it('gives back exactly the value that went into text', () => {
    fc.assert(
      fc.property(writable, (value) => {
        using document = read(xml`<a>|${value}|</a>`);
        expect(document.root.text).toBe(`|${value}|`);
        expect(document.root.elements).toEqual([]);
      }),
    );
  });

  it('stays well-formed whatever the value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        using document = read(xml`<a b="${value}">${value}</a>`);
        expect(document.root.name).toBe('a');
      }),
    );
  });

  it('writes the replacement character for what XML 1.0 cannot carry', () => {
    using document = read(xml`<a>${'\u0000x\u000by\ufffez\ud800'}</a>`);
    expect(document.root.text).toBe('\ufffdx\ufffdy\ufffdz\ufffd');
  });

  it('nests its own fragments as they are, and escapes strings that look like fragments', () => {
    const inner = xml`<b>${'<c/>'}</b>`;
    expect(xml`<a>${inner}</a>`.toString()).toBe('<a><b>&lt;c/&gt;</b></a>');
  });

  it('joins lists, writes numbers, and leaves nothing for undefined, null and false', () => {
    const items = [1, 2].map((item) => xml`<b i="${item}"/>`);
    expect(xml`<a>${items}${undefined}${null}${false}${0}</a>`.toString()).toBe(
      '<a><b i="1"/><b i="2"/>0</a>',
    );
  });
});

describe('message IDs (SPID AuthnRequest, section 1)', () => {
  it('are NCNames with 128 bits that do not repeat', () => {
    const ids = Array.from({ length: 1000 }, newId);
    expect(ids.filter((id) => !/^_[0-9a-f]{32}$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
