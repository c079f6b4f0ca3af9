import { deflateRawSync, gzipSync } from 'node:zlib';
import type { Case, Delivery } from '../../../src/selfcheck/cases/case.ts';
import { responseXml, signed, type Kit } from '../../../src/selfcheck/model.ts';
import { attack, FORGED, tampered } from './attack.ts';

const good = (kit: Kit) => signed(responseXml(kit.facts), kit);

/** Text of each element that means something, with `content` in the middle. */
const PLACES: readonly (readonly [
  name: string,
  split: (xml: string, content: string, kit: Kit) => string,
])[] = [
  [
    'NameID',
    (xml, content, { facts }) =>
      xml.replace(`>${facts.nameId}<`, `>${facts.nameId.slice(0, 3)}${content}${facts.nameId.slice(3)}<`),
  ],
  ['fiscalNumber', (xml, content, { facts }) => cut(xml, facts.attributes['fiscalNumber'] ?? '', content)],
  ['Audience', (xml, content, { facts }) => cut(xml, `${facts.audience}</saml:Audience>`, content)],
  [
    'the Issuer of the Response',
    (xml, content, { facts }) => cut(xml, `${facts.provider}</saml:Issuer>`, content),
  ],
  ['the level', (xml, content) => cut(xml, 'SpidL', content)],
];

function cut(xml: string, text: string, content: string): string {
  return xml.replace(text, () => text.slice(0, 5) + content + text.slice(5));
}

/** Duo's CVE-2017-11427 and its siblings; OneUptime#2988 for instructions. */
const SPLIT = PLACES.flatMap(([name, split]) => [
  attack(
    `S12 CVE-2017-11427 CVE-2018-0489 a comment in ${name}`,
    'T4',
    tampered((xml, kit) => split(xml, '<!---->', kit)),
  ),
  attack(
    `S12 CVE-2017-11427 a comment that was signed, in ${name}`,
    'T4',
    tampered((xml, kit) => split(xml, '<!-- x -->', kit), { response: false }),
  ),
  attack(
    `S13 OneUptime#2988 an instruction in ${name}`,
    'T4',
    tampered((xml, kit) => split(xml, '<?x y?>', kit)),
  ),
]);

const BETWEEN: readonly Case[] = [
  attack(
    'S12 a comment between elements',
    'T4',
    tampered((xml) => xml.replace('<samlp:Status>', '<!-- x --><samlp:Status>')),
  ),
  attack(
    'S12 a comment before the root',
    'T4',
    tampered((xml) => `<!-- x -->${xml}`),
  ),
  attack(
    'S12 a comment after the root',
    'T4',
    tampered((xml) => `${xml}<!-- x -->`),
  ),
  attack(
    'S13 OneUptime#2988 an instruction that reads like a forged value',
    'T4',
    tampered((xml, { facts }) => xml.replace(`>${facts.attributes['fiscalNumber']}<`, `><?${FORGED}?><`)),
  ),
  attack(
    'S13 an instruction before the root',
    'T4',
    tampered((xml) => `<?xml-stylesheet href="http://127.0.0.1:9/"?>${xml}`),
  ),
  attack(
    'S12 CVE-2026-34601 a value in two pieces of CDATA is one value, and not the one signed',
    'S2',
    tampered((xml, { facts }) =>
      xml.replace(
        `>${facts.attributes['fiscalNumber']}<`,
        '><![CDATA[TINIT-FRG]]><![CDATA[LSS90A41H501C]]><',
      ),
    ),
  ),
];

/** passport-saml CVE-2022-39299, xmldom CVE-2022-39353, ruby-saml CVE-2025-25291 and -25292. */
const MALFORMED = (
  [
    ['two roots, the genuine one first', (xml, forged) => xml + forged],
    ['two roots, the genuine one last', (xml, forged) => forged + xml],
    ['text after the root', (xml) => `${xml}x`],
    ['text before the root', (xml) => `x${xml}`],
    ['a bare ampersand', (xml) => xml.replace('</saml:NameID>', ' & b$&')],
    ['an attribute without quotes', (xml) => xml.replace('Version="2.0"', 'Version=2.0')],
    ['an attribute twice', (xml) => xml.replace('Version="2.0"', 'Version="2.0" Version="2.0"')],
    [
      'an attribute twice under two prefixes of one namespace',
      (xml) =>
        xml.replace('<samlp:Status>', '<samlp:Status xmlns:p="urn:x" xmlns:q="urn:x" p:a="1" q:a="2">'),
    ],
    ['a prefix that is not bound', (xml) => xml.replace('<samlp:Status>', '<samlp:Status y:a="1">')],
    ['a control character', (xml) => xml.replace('<samlp:Status>', '<samlp:Status>\u0001')],
    ['a control character by number', (xml) => xml.replace('<samlp:Status>', '<samlp:Status>&#1;')],
    ['a surrogate by number', (xml) => xml.replace('<samlp:Status>', '<samlp:Status>&#xD800;')],
    ['a NUL', (xml) => xml.replace('<samlp:Status>', '<samlp:Status>\u0000')],
    ['an end tag of another name', (xml) => xml.replace('</samlp:Status>', '</samlp:Statu>')],
    ['an end tag missing', (xml) => xml.replace('</samlp:Response>', '')],
    ['a less-than in an attribute', (xml) => xml.replace('Version="2.0"', 'Version="<2.0"')],
    [
      'the declaration in the middle',
      (xml) => xml.replace('<samlp:Status>', '<?xml version="1.0"?><samlp:Status>'),
    ],
    ['a declaration of UTF-7', (xml) => `<?xml version="1.0" encoding="UTF-7"?>${xml}`],
    ['a declaration of UTF-16', (xml) => `<?xml version="1.0" encoding="UTF-16"?>${xml}`],
    ['a declaration of EBCDIC', (xml) => `<?xml version="1.0" encoding="IBM037"?>${xml}`],
  ] satisfies readonly (readonly [what: string, change: (xml: string, forged: string) => string])[]
).map(([what, change]) =>
  attack(
    `S10 S16 CVE-2022-39299 CVE-2025-25291 not XML: ${what}`,
    'T4',
    tampered((xml, kit) => change(xml, xml.replace(kit.facts.attributes['fiscalNumber'] ?? '', FORGED))),
  ),
);

const ENTITY_BOMB = Array.from(
  { length: 30 },
  (_, at) => `<!ENTITY a${at + 1} "${`&a${at};`.repeat(10)}">`,
).join('');

/** pysaml2 CVE-2016-10127, xmlsec1 CVE-2017-1000061, samlify #613; the canary answers on `port`. */
export const doctypes = (port: number): readonly Case[] =>
  (
    [
      ['an empty one', ''],
      ['a billion laughs', `[<!ENTITY a0 "ha">${ENTITY_BOMB}]`],
      ['quadratic blow-up', `[<!ENTITY e "${'x'.repeat(50_000)}">]`],
      ['a file', '[<!ENTITY e SYSTEM "file:///etc/hostname">]'],
      ['an address', `[<!ENTITY e SYSTEM "http://127.0.0.1:${port}/entity">]`],
      ['a public identifier', `PUBLIC "-//x//EN" "http://127.0.0.1:${port}/public.dtd"`],
      ['an external subset', `SYSTEM "http://127.0.0.1:${port}/external.dtd"`],
      ['a parameter entity', `[<!ENTITY % p SYSTEM "http://127.0.0.1:${port}/parameter"> %p;]`],
      ['a default attribute', '[<!ATTLIST samlp:Response ID CDATA "_default">]'],
      ['an ID of our choosing', '[<!ATTLIST saml:Assertion ID ID #IMPLIED>]'],
    ] as const
  )
    .flatMap(([what, content]) => [
      attack(
        `S18 CVE-2016-10127 CVE-2017-1000061 a DOCTYPE: ${what}`,
        'T4',
        tampered(
          (xml) =>
            `<!DOCTYPE samlp:Response ${content}>${what.startsWith('a') ? xml.replace('</saml:NameID>', '&e;$&') : xml}`,
        ),
      ),
      attack(
        `S18 a DOCTYPE behind a declaration: ${what}`,
        'T4',
        tampered(
          (xml) => `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE samlp:Response ${content}>${xml}`,
        ),
      ),
    ])
    .concat(
      attack(
        'S18 XInclude',
        'S2',
        tampered((xml) =>
          xml.replace(
            '</saml:NameID>',
            `<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="http://127.0.0.1:${port}/include"/>$&`,
          ),
        ),
      ),
      attack(
        'S18 a schema location',
        'S2',
        tampered((xml) =>
          xml.replace(
            '<samlp:Status>',
            `<samlp:Status xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:oasis:names:tc:SAML:2.0:protocol http://127.0.0.1:${port}/schema">`,
          ),
        ),
      ),
    );

/** xmldom CVE-2026-41673 and what merely is too much. */
const TOO_MUCH: readonly Case[] = [
  attack(
    'S22 CVE-2026-41673 nested deeper than any stack',
    'T4',
    () => '<a>'.repeat(37_000) + '</a>'.repeat(37_000),
  ),
  attack(
    'S22 nested deep inside a genuine answer',
    'T4',
    tampered((xml) => xml.replace('</saml:NameID>', (end) => '<a>'.repeat(5000) + '</a>'.repeat(5000) + end)),
  ),
  attack(
    'S22 fifteen thousand attributes',
    'T4',
    tampered((xml) =>
      xml.replace(
        '<samlp:Status>',
        () => `<samlp:Status ${Array.from({ length: 15_000 }, (_, at) => `a${at}=""`).join(' ')}>`,
      ),
    ),
  ),
  attack(
    'S22 two thousand namespaces',
    'T4',
    tampered((xml) =>
      xml.replace(
        '<samlp:Status>',
        () =>
          `<samlp:Status ${Array.from({ length: 2000 }, (_, at) => `xmlns:n${at}="urn:${at}"`).join(' ')}>`,
      ),
    ),
  ),
  attack(
    'S22 five thousand elements',
    'T4',
    tampered((xml) => xml.replace('</saml:NameID>', (end) => '<a/>'.repeat(5000) + end)),
  ),
  attack('S22 signed, but far larger in canonical form', 'S2', (kit) => {
    const many = '<x:a/>'.repeat(3000);
    const inside = responseXml(kit.facts)
      .replace('<samlp:Response ', '<samlp:Response xmlns:x="urn:x" ')
      .replace('</saml:AttributeStatement>', (end) => many + end);
    return signed(inside, kit);
  }),
];

/** Changes what the form says SAMLResponse is. */
function setField(change: (value: string) => string): Delivery {
  return { form: (form) => form.set('SAMLResponse', change(form.get('SAMLResponse') ?? '')) };
}

const base64 = (bytes: string | Uint8Array) => Buffer.from(bytes as Uint8Array).toString('base64');

/** The same message, but not as it has to come. */
const ENCODED: readonly Case[] = (
  [
    ['S16 UTF-16, little endian', 'T4', (xml) => Buffer.from(`\ufeff${xml}`, 'utf16le')],
    ['S16 UTF-16 without a mark', 'T4', (xml) => Buffer.from(xml, 'utf16le')],
    ['S16 UTF-7', 'T4', (xml) => xml.replaceAll('<', '+ADw-').replaceAll('>', '+AD4-')],
    ['S16 an overlong sequence', 'T4', (xml) => Buffer.concat([Buffer.from(xml), Buffer.from([0xc0, 0xbc])])],
    ['S16 Latin-1', 'T4', (xml) => Buffer.from(xml.replace('</saml:NameID>', '\u00f2$&'), 'latin1')],
    ['S21 compressed with gzip', 'T4', (xml) => gzipSync(xml)],
    ['S21 CVE-2025-25293 CVE-2023-28119 compressed as for Redirect', 'T4', (xml) => deflateRawSync(xml)],
  ] satisfies readonly (readonly [string, string, (xml: string) => Uint8Array | string])[]
).map(([name, check, encode]) =>
  attack(
    name,
    check,
    good,
    setField((value) => base64(encode(Buffer.from(value, 'base64').toString()))),
  ),
);

const BASE64: readonly Case[] = (
  [
    [
      'in the alphabet for addresses',
      (value) => value.replaceAll('+', '-').replaceAll('/', '_').replace(/^/, '-_'),
    ],
    ['with something behind the padding', (value) => `${value.replace(/=*$/, '')}==PHg+`],
    [
      'without its padding',
      (value) => `${base64(`${Buffer.from(value, 'base64').toString()} `.padEnd(3001)).replace(/=+$/, '')}A`,
    ],
    ['with characters that are none of it', (value) => `${value.slice(0, 8)}*${value.slice(8)}`],
    ['with a NUL', (value) => `${value.slice(0, 8)}\u0000${value.slice(8)}`],
    ['encoded twice', (value) => base64(value)],
    ['not at all', (value) => Buffer.from(value, 'base64').toString()],
    ['empty', () => ''],
    [
      'with bits beyond the end',
      (value) =>
        `${base64(`${Buffer.from(value, 'base64').toString().replace(/ +$/, '')}`.padEnd(30_001)).replace(/.==$/, 'B==')}`,
    ],
  ] satisfies readonly (readonly [string, (value: string) => string])[]
).map(([what, change]) =>
  attack(`S16 base64 ${what}`, what === 'encoded twice' ? 'T4' : 'T2', good, setField(change)),
);

const PARAMETERS: readonly Case[] = (
  [
    [
      'SAMLResponse twice, the genuine one first',
      'T2',
      (form) => form.append('SAMLResponse', base64('<x/>')),
    ],
    ['RelayState twice', 'T2', (form) => form.append('RelayState', 'x')],
    ['a parameter nobody knows, twice', 'T2', (form) => (form.append('x', '1'), form.append('x', '2'))],
    ['RelayState empty', 'T3', (form) => form.set('RelayState', '')],
    ['RelayState with a blank behind', 'C2', (form) => form.set('RelayState', `${form.get('RelayState')} `)],
    [
      'an answer among SAMLRequest',
      'T2',
      (form) => {
        form.set('SAMLRequest', form.get('SAMLResponse') ?? '');
        form.delete('SAMLResponse');
      },
    ],
  ] satisfies readonly (readonly [string, string, (form: URLSearchParams) => void])[]
).map(([what, check, form]) => attack(`S09 parameters: ${what}`, check, good, { form }));

export const XML_ATTACKS: readonly Case[] = [
  ...SPLIT,
  ...BETWEEN,
  ...MALFORMED,
  ...TOO_MUCH,
  ...ENCODED,
  ...BASE64,
  ...PARAMETERS,
];
