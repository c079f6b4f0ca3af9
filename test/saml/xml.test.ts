import { describe, expect, it } from 'vitest';
import { Refused } from '../../src/operations/errors.ts';
import { NS } from '../../src/saml/names.ts';
import { InvalidXml, parseXml, type XmlFault } from '../../src/saml/xml.ts';

const LIMIT = { bytes: 2_000_000 };

const parse = (text: string) => parseXml(Buffer.from(text), LIMIT);

function faultOf(bytes: Uint8Array, limit = LIMIT): XmlFault | undefined {
  try {
    parseXml(bytes, limit)[Symbol.dispose]();
    return undefined;
  } catch (error) {
    if (error instanceof InvalidXml) return error.fault;
    throw error;
  }
}

const fault = (text: string) => faultOf(Buffer.from(text));

describe('the gate (SPID response, T4)', () => {
  it('lets plain XML in, with a declaration at the start or without, and with a byte order mark', () => {
    for (const text of [
      '<a/>',
      '<?xml version="1.0"?><a/>',
      '<?xml version="1.0" encoding="UTF-8"?>\n<a/>\n',
      "<?xml version='1.0' encoding='utf-8' standalone='yes'?><a/>",
      '\ufeff<a/>',
      '\ufeff<?xml version="1.0" encoding="UTF-8"?><a/>',
    ]) {
      expect(fault(text), text).toBeUndefined();
    }
  });

  it('refuses with a code, a status of 400 and a message that repeats nothing of the document', () => {
    const refusal = (() => {
      try {
        return parse('<RSSMRA80A01H501U');
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(Refused);
    expect(refusal).toMatchObject({ code: 'invalid_xml', status: 400, fault: 'malformed' });
    expect(String(refusal)).not.toContain('RSSMRA80A01H501U');
  });

  it.each([
    ['an empty one', '<!DOCTYPE a><a/>'],
    ['one with an internal entity', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ['one that reads a file', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ['one that asks the network', '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>'],
    ['a parameter entity', '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]><a/>'],
    ['one after the declaration', '<?xml version="1.0"?>\n<!DOCTYPE a>\n<a/>'],
    ['one in small letters', '<!doctype a><a/>'],
    ['an attribute default', '<!DOCTYPE a [<!ATTLIST a ID CDATA "_1">]><a/>'],
    [
      'a billion laughs',
      `<!DOCTYPE a [<!ENTITY a0 "ha">${Array.from({ length: 30 }, (_, at) => `<!ENTITY a${at + 1} "${`&a${at};`.repeat(10)}">`).join('')}]><a>&a30;</a>`,
    ],
    [
      'a quadratic blow-up',
      `<!DOCTYPE a [<!ENTITY x "${'x'.repeat(50_000)}">]><a>${'&x;'.repeat(20_000)}</a>`,
    ],
  ])('refuses a document type declaration: %s', (_, text) => {
    expect(fault(text)).toBe('doctype');
  });

  it('refuses an entity that nobody declared, and resolves the five of XML and characters by number', () => {
    expect(fault('<a>&x;</a>')).toBe('malformed');
    expect(fault('<a>&nbsp;</a>')).toBe('malformed');
    using document = parse('<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;</a>');
    expect(document.root.text).toBe('<>&"\'AB');
  });

  it.each([
    ['before the root', '<!-- c --><a/>'],
    ['after the root', '<a/><!-- c -->'],
    ['inside text, where it would split the value', '<a>admin<!-- c -->@example.it</a>'],
    ['as the only content', '<a><!----></a>'],
    ['deep inside', '<a><b><c><!-- c --></c></b></a>'],
  ])('refuses a comment %s', (_, text) => {
    expect(fault(text)).toBe('comment');
  });

  it.each([
    ['before the root', '<?php x?><a/>'],
    ['after the declaration', '<?xml version="1.0"?><?xml-stylesheet href="x"?><a/>'],
    ['after the root', '<a/><?x y?>'],
    ['inside text', '<a>admin<?x y?>@example.it</a>'],
    ['deep inside', '<a><b><c><?x?></c></b></a>'],
  ])('refuses a processing instruction %s', (_, text) => {
    expect(fault(text)).toBe('processing-instruction');
  });

  it('takes what only looks like a comment or an instruction, inside CDATA, as text', () => {
    using document = parse('<a>x<![CDATA[<!-- & <?y?> ]]>z</a>');
    expect(document.root.text).toBe('x<!-- & <?y?> z');
  });

  it.each([
    ['UTF-16 little endian with its mark', Buffer.from('\ufeff<a/>', 'utf16le')],
    ['UTF-16 big endian with its mark', Buffer.from('\ufeff<a/>', 'utf16le').swap16()],
    ['an overlong UTF-8 sequence', Buffer.from([0x3c, 0x61, 0x3e, 0xc0, 0xbc, 0x3c, 0x2f, 0x61, 0x3e])],
    ['a UTF-8 surrogate', Buffer.from([0x3c, 0x61, 0x3e, 0xed, 0xa0, 0x80, 0x3c, 0x2f, 0x61, 0x3e])],
    ['a lone Latin-1 byte', Buffer.from('<a>\u00e8</a>', 'latin1')],
    ['a sequence cut short', Buffer.from([0x3c, 0x61, 0x3e, 0xe2, 0x82])],
    ['declared Latin-1', Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a/>')],
    ['declared UTF-16', Buffer.from('<?xml version="1.0" encoding="UTF-16"?><a/>')],
    ['declared UTF-7', Buffer.from("<?xml version='1.0' encoding = 'UTF-7'?><a/>")],
    [
      'declared otherwise after a byte order mark',
      Buffer.from('\ufeff<?xml version="1.0" encoding="latin1"?><a/>'),
    ],
  ])('refuses any encoding but UTF-8: %s', (_, bytes) => {
    expect(faultOf(bytes)).toBe('encoding');
  });

  it('refuses UTF-16 without mark, which reads as UTF-8 with zero bytes', () => {
    expect(faultOf(Buffer.from('<a/>', 'utf16le'))).toBe('malformed');
  });

  it('counts bytes, and looks at none of them when there are too many', () => {
    const text = `<a>${'\u00e8'.repeat(10)}</a>`;
    const size = Buffer.byteLength(text);
    expect(faultOf(Buffer.from(text), { bytes: size })).toBeUndefined();
    expect(faultOf(Buffer.from(text), { bytes: size - 1 })).toBe('too-large');
    expect(faultOf(Buffer.from('<!DOCTYPE not even XML'), { bytes: 5 })).toBe('too-large');
  });

  it.each([
    ['nothing', ''],
    ['white space alone', ' \n '],
    ['text alone', 'hello'],
    ['two roots', '<a/><b/>'],
    ['text after the root', '<a/>b'],
    ['text before the root', 'b<a/>'],
    ['white space before the declaration', ' <?xml version="1.0"?><a/>'],
    ['an element never closed', '<a><b></a>'],
    ['crossed elements', '<a><b></a></b>'],
    ['a cut document', '<a><b>text</b>'],
    ['the same attribute twice', '<a b="1" b="2"/>'],
    ['the same attribute twice under two prefixes', '<a xmlns:p="urn:u" xmlns:q="urn:u" p:b="1" q:b="2"/>'],
    ['a prefix never declared', '<p:a/>'],
    ['an attribute prefix never declared', '<a p:b="1"/>'],
    ['a prefix that stands for nothing', '<a xmlns:p=""/>'],
    ['a prefix bound to the namespace of xmlns', '<a xmlns:p="http://www.w3.org/2000/xmlns/"/>'],
    ['a name with two colons', '<a xmlns:p="urn:p"><p:b:c/></a>'],
    ['an attribute without quotes', '<a b=1/>'],
    ['a bare ampersand', '<a>x & y</a>'],
    ['a character XML does not have', '<a>\u0001</a>'],
    ['a zero character', '<a>\u0000</a>'],
    ['a zero character by number', '<a>&#0;</a>'],
    ['HTML', '<!-- x --><html><br></html>'],
    ['an end of CDATA in text', '<a>]]></a>'],
  ])('refuses what is not well-formed: %s', (_, text) => {
    expect(fault(text)).toBe('malformed');
  });

  it('refuses fifty thousand elements inside each other without running out of stack', () => {
    expect(fault('<a>'.repeat(50_000) + '</a>'.repeat(50_000))).toBe('too-large');
    expect(fault('<a>'.repeat(15_000) + '</a>'.repeat(15_000))).toBe('malformed');
    expect(fault('<a>'.repeat(30_000))).toBe('malformed');
  });

  it('reads 256 elements inside each other, and not one more', () => {
    const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
    using document = parse(nested(256));
    expect(document.root.descendants('', 'a')).toHaveLength(255);
    expect(fault(nested(257))).toBe('malformed');
  });

  it('reads one tag in 64 bytes of the limit and one attribute in 256, and no more', () => {
    const limit = { bytes: 256 * 1024 };
    const tags = (count: number) => Buffer.from(`<a>${'<b/>'.repeat(count - 2)}</a>`);
    const attributes = (count: number) =>
      Buffer.from(`<a ${Array.from({ length: count }, (_, at) => `b${at} = '${at}'`).join(' ')}/>`);
    expect([faultOf(tags(4096), limit), faultOf(tags(4097), limit)]).toEqual([undefined, 'too-large']);
    expect([faultOf(attributes(1024), limit), faultOf(attributes(1025), limit)]).toEqual([
      undefined,
      'too-large',
    ]);
  });

  it('reads a thousand tags and attributes whatever the limit', () => {
    expect(
      faultOf(Buffer.from('<b a=""/>'.repeat(998).replace(/^/, '<a>') + '</a>'), { bytes: 10_000 }),
    ).toBe(undefined);
  });

  it('goes on reading after refusing', () => {
    for (let round = 0; round < 200; round++) expect(fault('<a><!-- c --></a>')).toBe('comment');
    expect(fault('<a/>')).toBeUndefined();
  });
});

describe('elements behind the gate', () => {
  it('are found by namespace and name, whatever the prefix', () => {
    using document = parse(
      '<p:a xmlns:p="u" xmlns="v"><b n="1"/><p:b n="2"/><q:b xmlns:q="u" n="3"/><b xmlns="" n="4"/><c><p:b n="5"/></c></p:a>',
    );
    const { root } = document;
    expect([root.name, root.namespace, root.parent]).toEqual(['a', 'u', undefined]);
    const numbers = (namespace: string) => root.children(namespace, 'b').map((found) => found.attribute('n'));
    expect(numbers('u')).toEqual(['2', '3']);
    expect(numbers('v')).toEqual(['1']);
    expect(numbers('')).toEqual(['4']);
    expect(root.child('u', 'b')?.attribute('n')).toBe('2');
    expect(root.child('u', 'a')).toBeUndefined();
    expect(root.descendants('u', 'b').map((found) => found.attribute('n'))).toEqual(['2', '3', '5']);
    expect(root.child('v', 'c')?.parent).toBe(root);
  });

  it('tell an attribute in a namespace from one in none', () => {
    using document = parse('<a xmlns:p="u" p:b="1" b="2"/>');
    expect(document.root.attribute('b')).toBe('2');
    expect(document.root.attributeNS('u', 'b')).toBe('1');
    expect(document.root.attribute('c')).toBeUndefined();
    expect(document.root.attributeNS('v', 'b')).toBeUndefined();
  });

  it('keep attribute values as they stand', () => {
    using document = parse('<a b="  x&#10;y  " c=""/>');
    expect(document.root.attribute('b')).toBe('  x\ny  ');
    expect(document.root.attribute('c')).toBe('');
  });

  it('give their own text, XML white space cut at both ends and no other', () => {
    using document = parse('<a>\r\n\t \u00a0x <b>inner</b> y\u2003\n</a>');
    expect(document.root.text).toBe('\u00a0x  y\u2003');
  });

  it('take no byte order mark for content', () => {
    using document = parse('\ufeff<a b = "1" ></a>');
    expect(document.canonical(document.root).toString()).toBe('<a b="1"></a>');
  });

  it('are not read any more once the document is disposed of', () => {
    const document = parse('<a b="1"><c/></a>');
    document[Symbol.dispose]();
    expect(() => document.root.elements).toThrowError(/disposed/);
    expect(() => document.root.attribute('b')).toThrowError(/disposed/);
  });
});

describe('duplicate identifiers (the root of signature wrapping)', () => {
  it.each<[string, string, readonly string[]]>([
    ['two of the same name', '<a ID="_1"><b ID="_1"/></a>', ['_1']],
    ['different spellings of the name', '<a ID="_1"><b Id="_1"/></a>', ['_1']],
    ['a small one', '<a ID="_1"><b id="_1"/></a>', ['_1']],
    ['a mixed one', '<a ID="_1"><b iD="_1"/></a>', ['_1']],
    ['xml:id', '<a ID="_1"><b xml:id="_1"/></a>', ['_1']],
    ['one in another namespace', '<a ID="_1" xmlns:x="u"><b x:ID="_1"/></a>', ['_1']],
    ['far apart', '<a><b><c ID="_1"/></b><d><e><f ID="_1"/></e></d></a>', ['_1']],
    ['three times, named once', '<a ID="_1"><b ID="_1"/><b ID="_1"/></a>', ['_1']],
    ['two of them', '<a ID="_1"><b ID="_2"/><b ID="_1"/><b ID="_2"/></a>', ['_1', '_2']],
    ['two on one element', '<a xmlns:x="u" ID="_1" x:ID="_2"/>', ['_1', '_2']],
    ['the same on one element', '<a ID="_1" Id="_1"/>', ['_1']],
  ])('finds %s', (_, text, expected) => {
    using document = parse(text);
    expect([...document.duplicateIds()].sort()).toEqual(expected);
  });

  it('finds none where each is there once', () => {
    using document = parse('<a ID="_1"><b Id="_2" Other="_1"/><c id="_3"/><d>_1</d></a>');
    expect(document.duplicateIds()).toEqual([]);
  });

  it('compares values by case', () => {
    using document = parse('<a ID="_a"><b ID="_A"/></a>');
    expect(document.duplicateIds()).toEqual([]);
  });
});

const INSTANT = '2026-03-05T18:04:00Z';

const response = (content: string, attributes = `ID="_1" Version="2.0" IssueInstant="${INSTANT}"`) =>
  `<samlp:Response xmlns:samlp="${NS.samlp}" xmlns:saml="${NS.saml}" ${attributes}>${content}</samlp:Response>`;

const STATUS =
  '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>';

const entity = (content: string, attributes = 'entityID="https://idp.example.it"') =>
  `<md:EntityDescriptor xmlns:md="${NS.md}" xmlns:ds="${NS.ds}" ${attributes}>${content}</md:EntityDescriptor>`;

const ROLE = `<md:IDPSSODescriptor protocolSupportEnumeration="${NS.samlp}"><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.it/sso"/></md:IDPSSODescriptor>`;

describe('the schemas (SPID response, T6)', () => {
  const violations = (text: string, schema: 'protocol' | 'metadata') => {
    using document = parse(text);
    return document.violations(schema);
  };

  it('find nothing wrong with correct documents', () => {
    expect(violations(response(STATUS), 'protocol')).toEqual([]);
    expect(
      violations(
        response(
          `<saml:Issuer>https://idp.example.it</saml:Issuer>${STATUS}<saml:Assertion ID="_2" Version="2.0" IssueInstant="${INSTANT}"><saml:Issuer>x</saml:Issuer><saml:Subject><saml:NameID>x</saml:NameID></saml:Subject></saml:Assertion>`,
        ),
        'protocol',
      ),
    ).toEqual([]);
    expect(violations(entity(ROLE), 'metadata')).toEqual([]);
  });

  it.each([
    ['a missing attribute', response(STATUS, 'ID="_1" Version="2.0"')],
    ['an unknown attribute', response(STATUS, `ID="_1" Version="2.0" IssueInstant="${INSTANT}" Extra="1"`)],
    ['a missing element', response('')],
    ['the wrong order', response(`${STATUS}<saml:Issuer>x</saml:Issuer>`)],
    ['a foreign element', response(`${STATUS}<x xmlns="urn:x"/>`)],
    ['an element twice', response(`${STATUS}${STATUS}`)],
    ['metadata inside a response', response(`${STATUS}${entity(ROLE)}`)],
    ['an ID that is no NCName', response(STATUS, `ID="1 2" Version="2.0" IssueInstant="${INSTANT}"`)],
    ['an instant that is none', response(STATUS, 'ID="_1" Version="2.0" IssueInstant="yesterday"')],
    ['text where none belongs', response(`x${STATUS}`)],
    ['a root that is no message', '<a/>'],
    ['metadata where a message belongs', entity(ROLE)],
  ])('find %s in a message', (_, text) => {
    expect(violations(text, 'protocol')).not.toEqual([]);
  });

  it.each([
    ['a missing entityID', entity(ROLE, '')],
    ['no role', entity('')],
    ['a role without protocol', entity(ROLE.replace(/protocolSupportEnumeration="[^"]*"/, ''))],
    ['a role without single sign-on', entity(ROLE.replace(/<md:Single.*?\/>/, ''))],
    ['an endpoint without location', entity(ROLE.replace(/Location="[^"]*"/, ''))],
    ['an unknown element', entity(`${ROLE}<md:Unknown/>`)],
    ['a message where metadata belongs', response(STATUS)],
  ])('find %s in metadata', (_, text) => {
    expect(violations(text, 'metadata')).not.toEqual([]);
  });

  it('say what is wrong, one message each', () => {
    const messages = violations(response(STATUS, 'ID="_1" Version="2.0"'), 'protocol');
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain('IssueInstant');
  });

  it('do not follow a schema location that the document brings along', () => {
    const text = response(
      STATUS,
      `ID="_1" Version="2.0" IssueInstant="${INSTANT}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="${NS.samlp} http://127.0.0.1:9/evil.xsd"`,
    );
    expect(violations(text, 'protocol')).toEqual([]);
  });
});

describe('the canonical form', () => {
  it('is exclusive: only the namespaces in use, attributes in order, no empty-element tags', () => {
    using document = parse('<a xmlns:p="urn:u" xmlns:q="urn:v"><p:b z="1" a="2"/></a>');
    const b = document.root.child('urn:u', 'b');
    expect(b && document.canonical(b).toString()).toBe('<p:b xmlns:p="urn:u" a="2" z="1"></p:b>');
    expect(b && document.canonical(b, { inclusivePrefixes: ['q'] }).toString()).toBe(
      '<p:b xmlns:p="urn:u" xmlns:q="urn:v" a="2" z="1"></p:b>',
    );
  });

  it('does not exist where a namespace is a relative address: refused, never empty', () => {
    using document = parse('<a xmlns="u" ID="_1"/>');
    expect(() => document.canonical(document.root)).toThrow(InvalidXml);
  });

  it('leaves out the one element it is told to, and leaves the document as it was', () => {
    using document = parse('<a><b n="1"/><b n="2"/> <c/></a>');
    const second = document.root.children('', 'b')[1];
    expect(second && document.canonical(document.root, { omit: second }).toString()).toBe(
      '<a><b n="1"></b> <c></c></a>',
    );
    expect(document.canonical(document.root).toString()).toBe('<a><b n="1"></b><b n="2"></b> <c></c></a>');
  });

  it('leaves out one thing here and another there, in any order', () => {
    using document = parse('<a><b n="1"><s/>x</b><s/><b n="2"><s/></b></a>');
    const [first, second] = document.root.children('', 'b');
    const form = (element = document.root) => {
      const omit = element.child('', 's');
      return omit && document.canonical(element, { omit }).toString();
    };
    for (let time = 0; time < 2; time++) {
      expect(form()).toBe('<a><b n="1"><s></s>x</b><b n="2"><s></s></b></a>');
      expect(form(second)).toBe('<b n="2"></b>');
      expect(form(first)).toBe('<b n="1">x</b>');
    }
  });

  it('keeps letters whole wherever they stand in a long document', () => {
    const letters = 'àèìòù𝔖'.repeat(4000);
    using document = parse(`<a><b>x${letters}</b></a>`);
    const b = document.root.child('', 'b');
    expect(document.canonical(document.root).toString()).toBe(`<a><b>x${letters}</b></a>`);
    expect(b && document.canonical(b).toString()).toBe(`<b>x${letters}</b>`);
  });
});
