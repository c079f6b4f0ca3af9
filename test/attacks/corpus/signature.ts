import { createHash, createHmac, createPublicKey, type KeyObject } from 'node:crypto';
import type { Case } from '../../../src/selfcheck/cases/case.ts';
import { responseXml, signed, type Kit, type Signing } from '../../../src/selfcheck/model.ts';
import { URI } from '../../../src/selfcheck/signer.ts';
import { attack, forge, pieces, tampered, written } from './attack.ts';

/** The signature of the Assertion, changed after it was made; that of the Response is right, or there is none. */
const edited =
  (edit: (signature: string) => string, response: Signing | false = {}) =>
  (kit: Kit) =>
    signed(responseXml(kit.facts), kit, { assertion: { edit }, response });

const SIGNED_INFO = /<ds:SignedInfo>.*?<\/ds:SignedInfo>/s;
const forgedInfo = (info: string) => info.replace(/(<ds:DigestValue>)[^<]*/, `$1${sha256('forged')}`);
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');

/** xml-crypto CVE-2025-29774: of two SignedInfo one is verified, the other read. */
const SEVERAL: readonly Case[] = [
  attack(
    'S05 CVE-2025-29774 two SignedInfo, the genuine one last',
    'S4',
    edited((s) => s.replace(SIGNED_INFO, (info) => forgedInfo(info) + info)),
  ),
  attack(
    'S05 CVE-2025-29774 two SignedInfo, the genuine one first',
    'S4',
    edited((s) => s.replace(SIGNED_INFO, (info) => info + forgedInfo(info))),
  ),
  attack(
    'S05 CVE-2025-29774 a SignedInfo nested in ds:Object',
    'S10',
    edited((s) =>
      s.replace(
        '</ds:Signature>',
        (end) => `<ds:Object>${forgedInfo(SIGNED_INFO.exec(s)?.[0] ?? '')}</ds:Object>${end}`,
      ),
    ),
  ),
  attack(
    'S05 CVE-2025-29774 a SignedInfo nested in SignedInfo',
    'S8',
    edited(
      (s) => s.replace('</ds:SignedInfo>', (end) => forgedInfo(SIGNED_INFO.exec(s)?.[0] ?? '') + end),
      false,
    ),
  ),
  attack(
    'S05 CVE-2025-29774 a SignedInfo in another namespace as well',
    'S10',
    edited((s) =>
      s.replace(
        SIGNED_INFO,
        (info) =>
          info
            .replace('<ds:SignedInfo>', '<x:SignedInfo xmlns:x="urn:x">')
            .replace('</ds:SignedInfo>', '</x:SignedInfo>') + info,
      ),
    ),
  ),
  attack(
    'S05 two SignatureValue',
    'S4',
    edited((s) => s.replace(/<ds:SignatureValue>.*?<\/ds:SignatureValue>/s, '$&$&')),
  ),
  attack('S05 two Signatures in the Assertion', 'S3', (kit) => {
    const { assertionSignature } = pieces(kit);
    return tampered((xml) => xml.replace(assertionSignature, '$&$&'))(kit);
  }),
  attack(
    'S05 two DigestValue, the genuine one last',
    'S8',
    edited((s) => s.replace(/<ds:DigestValue>/, `<ds:DigestValue>${sha256('x')}</ds:DigestValue>$&`), false),
  ),
];

/** xml-crypto CVE-2025-29775 and its kin: what one reader sees in the digest, another does not. */
const IN_VALUES = (['DigestValue', 'SignatureValue'] as const).flatMap((name) => {
  const inside = (content: string) =>
    edited((s) => s.replace(`<ds:${name}>`, (start) => start + content), false);
  const child = name === 'DigestValue' ? 'S7' : 'S10';
  return [
    attack(`S06 CVE-2025-29775 a comment in ${name}`, 'T4', inside(`<!--${sha256('forged')}-->`)),
    attack(`S06 CVE-2025-29775 an instruction in ${name}`, 'T4', inside(`<?x ${sha256('forged')}?>`)),
    attack(`S06 CVE-2025-29775 CDATA in ${name}`, 'S8', inside(`<![CDATA[${sha256('forged')}]]>`)),
    attack(`S06 CVE-2025-29775 an element in ${name}`, child, inside('<x xmlns="urn:x"/>')),
    attack(`S06 CVE-2025-29775 an entity in ${name}`, 'T4', inside('&forged;')),
  ];
});

const KEY_INFOS = (kit: Kit): readonly (readonly [what: string, content: string])[] => {
  const der = createPublicKey(kit.foreign.privateKey).export({ format: 'jwk' });
  const certificate = `<ds:X509Data><ds:X509Certificate>${kit.foreign.certificate || 'MIIB'}</ds:X509Certificate></ds:X509Data>`;
  return [
    ['X509Data', certificate],
    [
      'KeyValue',
      `<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${Buffer.from(der.n ?? '', 'base64url').toString('base64')}</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>`,
    ],
    [
      'RetrievalMethod',
      '<ds:RetrievalMethod URI="http://127.0.0.1:9/key" Type="http://www.w3.org/2000/09/xmldsig#rawX509Certificate"/>',
    ],
    ['the provider’s own name', `<ds:KeyName>${kit.facts.provider}</ds:KeyName>`],
    ['two certificates', certificate + certificate],
  ];
};

/** xml-crypto CVE-2024-32962, pysaml2 CVE-2021-21239: the message brings the key that it is verified with. */
const FOREIGN_KEYS = [
  'X509Data',
  'KeyValue',
  'RetrievalMethod',
  'the provider’s own name',
  'two certificates',
].flatMap((what, at) => {
  const signing = (kit: Kit): Signing => ({ key: kit.foreign, keyInfo: KEY_INFOS(kit)[at]?.[1] ?? '' });
  const about = (kit: Kit) => forge(responseXml(kit.facts), kit);
  return [
    attack(`S07 CVE-2024-32962 CVE-2021-21239 the key in KeyInfo: ${what}`, 'S2', (kit) =>
      signed(about(kit), kit, { assertion: signing(kit), response: signing(kit) }),
    ),
    attack(`S07 CVE-2024-32962 CVE-2021-21239 the key in KeyInfo of the Assertion: ${what}`, 'S8', (kit) =>
      signed(about(kit), kit, { assertion: signing(kit), response: false }),
    ),
  ];
});

/** xml-crypto GHSA-c27r-x354-4m68, pysaml2 CVE-2021-21239: the public key taken for a shared secret. */
const HMACS = (['hmac-sha1', 'hmac-sha256', 'hmac-sha512'] as const).flatMap((name) =>
  (['PEM', 'SPKI', 'PKCS#1', 'certificate'] as const).map((form) => {
    const method = name === 'hmac-sha1' ? URI.hmacSha1 : `http://www.w3.org/2001/04/xmldsig-more#${name}`;
    return attack(`S08 GHSA-c27r-x354-4m68 ${name} keyed with the public ${form}`, 'S7', (kit) =>
      signed(forge(responseXml(kit.facts), kit), kit, {
        assertion: {
          signatureMethod: method,
          edit: (s) =>
            s.replace(
              /(<ds:SignatureValue>)[^<]*/,
              (_, tag) => `${tag}${mac(name.slice(5), secret(kit, form), s)}`,
            ),
        },
        response: false,
      }),
    );
  }),
);

function secret(kit: Kit, form: 'PEM' | 'SPKI' | 'PKCS#1' | 'certificate'): string | Buffer {
  const key: KeyObject = createPublicKey(kit.key.privateKey);
  if (form === 'PEM') return key.export({ format: 'pem', type: 'spki' });
  if (form === 'SPKI') return key.export({ format: 'der', type: 'spki' });
  return form === 'PKCS#1'
    ? key.export({ format: 'der', type: 'pkcs1' })
    : Buffer.from(kit.key.certificate, 'base64');
}

const mac = (hash: string, key: string | Buffer, signature: string) =>
  createHmac(hash, key)
    .update(
      SIGNED_INFO.exec(signature)?.[0].replace(
        '<ds:SignedInfo>',
        '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">',
      ) ?? '',
    )
    .digest('base64');

/** samlify #613: what is not known counted as SHA-1. */
const ALGORITHMS: readonly Case[] = [
  ...[
    ['RSA with SHA-1', URI.rsaSha1],
    ['an unknown algorithm', 'urn:unknown'],
    ['none', ''],
    ['RSA with MD5', 'http://www.w3.org/2001/04/xmldsig-more#rsa-md5'],
    ['DSA', 'http://www.w3.org/2000/09/xmldsig#dsa-sha1'],
    ['ECDSA of an RSA key', URI.ecdsaSha256],
    ['RSA-SHA256 in capitals', URI.rsaSha256.toUpperCase()],
    ['RSA-SHA256 with a blank', `${URI.rsaSha256} `],
    ['a property of every object', 'constructor'],
    ['its prototype', '__proto__'],
  ].map(([what, signatureMethod = '']) =>
    attack(`S09 samlify#613 signed with ${what}`, 'S7', (kit) =>
      signed(responseXml(kit.facts), kit, { assertion: { signatureMethod } }),
    ),
  ),
  ...[
    ['SHA-1', URI.sha1],
    ['MD5', 'http://www.w3.org/2001/04/xmldsig-more#md5'],
    ['nothing', ''],
  ].map(([what, digestMethod = '']) =>
    attack(`S09 digested with ${what}`, 'S7', (kit) =>
      signed(responseXml(kit.facts), kit, { assertion: { digestMethod } }),
    ),
  ),
  attack(
    'S09 a truncated HMAC length in SignatureMethod',
    'S10',
    edited(
      (s) =>
        s.replace(
          /(<ds:SignatureMethod [^>]*)\/>/,
          '$1><ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>',
        ),
      false,
    ),
  ),
];

const XSLT =
  '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"><xsl:template match="/"><xsl:copy-of select="document(\'http://127.0.0.1:9/\')"/></xsl:template></xsl:stylesheet>';

/** pysaml2 GHSA-6qg6-h5xq-x84c, passport-saml CVE-2021-39171, xml-crypto #581 and #586. */
const TRANSFORMS: readonly Case[] = [
  ...(
    [
      ['XSLT', [URI.enveloped, URI.xslt, URI.excC14n]],
      ['XPath', [URI.enveloped, URI.xpath, URI.excC14n]],
      ['XPath Filter 2', [URI.enveloped, 'http://www.w3.org/2002/06/xmldsig-filter2', URI.excC14n]],
      ['base64', [URI.enveloped, URI.base64]],
      ['decryption', [URI.enveloped, 'http://www.w3.org/2002/07/decrypt#XML', URI.excC14n]],
      ['an unknown one', [URI.enveloped, 'urn:unknown']],
      ['a third one', [URI.enveloped, URI.excC14n, URI.excC14n]],
      ['five hundred of them', [URI.enveloped, ...Array<string>(500).fill(URI.excC14n)]],
      ['the two in the wrong order', [URI.excC14n, URI.enveloped]],
      ['comments kept', [URI.enveloped, URI.excC14nWithComments]],
      ['inclusive canonicalisation', [URI.enveloped, URI.c14n]],
      ['none at all', []],
    ] as const
  ).map(([what, transforms]) =>
    attack(`S19 S20 GHSA-6qg6-h5xq-x84c CVE-2021-39171 transforms: ${what}`, 'S5', (kit) =>
      signed(responseXml(kit.facts), kit, { assertion: { transforms } }),
    ),
  ),
  attack('S19 GHSA-6qg6-h5xq-x84c a stylesheet inside an allowed transform', 'S8', (kit) =>
    signed(responseXml(kit.facts), kit, { assertion: { envelopedContent: XSLT }, response: false }),
  ),
  attack('S19 an endless list of prefixes', 'S8', (kit) =>
    signed(responseXml(kit.facts), kit, {
      assertion: { inclusivePrefixes: Array.from({ length: 2000 }, (_, at) => `p${at}`) },
      response: false,
    }),
  ),
  attack('S20 SignedInfo canonicalised with comments', 'S6', (kit) =>
    signed(responseXml(kit.facts), kit, { assertion: { canonicalization: URI.excC14nWithComments } }),
  ),
  attack('S20 SignedInfo canonicalised inclusively', 'S6', (kit) =>
    signed(responseXml(kit.facts), kit, { assertion: { canonicalization: URI.c14n } }),
  ),
];

/** XML::Sig cpansa 2026-9487, ruby-saml CVE-2024-45409, samlify ab87376: which element a reference means. */
const REFERENCES: readonly Case[] = [
  ...(
    [
      ['to the whole document', () => ''],
      ['to the Response', ({ facts }) => `#${facts.responseId}`],
      ['to nothing there is', () => '#_missing'],
      ['by XPointer', () => '#xpointer(/)'],
      ['by XPointer to an ID', ({ facts }) => `#xpointer(id('${facts.assertionId}'))`],
      ['to a file', () => 'file:///etc/passwd'],
      ['to an address', () => 'http://127.0.0.1:9/'],
      ['with an XPath in it', ({ facts }) => `#${facts.assertionId}&apos; or &apos;1&apos;=&apos;1`],
      ['with an XPath that selects everything', ({ facts }) => `#${facts.assertionId}&quot;]|//*[&quot;`],
    ] satisfies readonly (readonly [what: string, uri: (kit: Kit) => string])[]
  ).map(([what, uri]) =>
    attack(`S14 S31 a reference ${what}`, 'S4', (kit) =>
      edited((s) => s.replace(/ URI="[^"]*"/, () => ` URI="${uri(kit)}"`), false)(kit),
    ),
  ),
  attack(
    'S14 a reference without URI',
    'S4',
    edited((s) => s.replace(/ URI="[^"]*"/, ''), false),
  ),
  attack(
    'S15 cpansa-2026-18568 a signature with no reference',
    'S4',
    edited((s) => s.replace(/<ds:Reference .*<\/ds:Reference>/s, ''), false),
  ),
  attack(
    'S15 an empty signature',
    'S4',
    edited(() => '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>', false),
  ),
  attack('S15 no signature anywhere', 'S1', (kit) =>
    signed(forge(responseXml(kit.facts), kit), kit, { assertion: false, response: false }),
  ),
  attack('S27 only the Response is signed, an unsigned Assertion in it', 'S1', (kit) =>
    signed(forge(responseXml(kit.facts), kit), kit, { assertion: false }),
  ),
  attack(
    'S03 a manifest instead of a reference',
    'S10',
    edited(
      (s) =>
        s.replace(
          '</ds:Signature>',
          (end) => `<ds:Object><ds:Manifest><ds:Reference URI="#x"/></ds:Manifest></ds:Object>${end}`,
        ),
      false,
    ),
  ),
  ...['Id', 'id', 'xml:id', 'x:ID'].map((name) =>
    attack(
      `S14 cpansa-2026-9487 the ID of the Assertion again, as ${name}`,
      'T7',
      written((xml, { facts }) =>
        xml.replace('<saml:Subject>', `<saml:Subject xmlns:x="urn:x" ${name}="${facts.assertionId}">`),
      ),
    ),
  ),
];

/** PortSwigger's "The Fragile Lock" (2025), ruby-saml CVE-2025-66568. */
const FRAGILE: readonly Case[] = [
  ...['Id', 'id', 'xml:id', 'x:ID'].map((name) =>
    attack(
      `S11 attribute pollution: ID and ${name} on the Assertion`,
      'T7',
      written((xml, { facts }) =>
        xml.replace(` ID="${facts.assertionId}"`, (id) => ` xmlns:x="urn:x" ${name}="_other"${id}`),
      ),
    ),
  ),
  attack(
    'S11 attribute pollution: only x:ID has the value, ID has none',
    'A1',
    tampered(
      (xml, { facts }) =>
        xml.replace(` ID="${facts.assertionId}"`, ` xmlns:x="urn:x" x:ID="${facts.assertionId}"`),
      { response: false },
    ),
  ),
  attack(
    'S11 CVE-2025-66568 the digest of nothing, the namespace of the Assertion relative',
    'T5',
    tampered(
      (xml, kit) =>
        forge(xml, kit)
          .replace(/(<saml:Assertion xmlns:saml=")[^"]*/, '$1relative')
          .replace(/(<ds:DigestValue>)[^<]*/g, `$1${sha256('')}`),
      { response: false },
    ),
  ),
  attack(
    'S11 CVE-2025-66568 the digest of nothing',
    'S8',
    tampered((xml, kit) => forge(xml, kit).replace(/(<ds:DigestValue>)[^<]*/g, `$1${sha256('')}`), {
      response: false,
    }),
  ),
  ...[
    ['relative', '1'],
    ['a relative path', '../x'],
    ['with a fragment only', '#x'],
  ].map(([what, uri = '']) =>
    attack(
      `S11 CVE-2025-66568 void canonicalisation: a namespace that is ${what}`,
      'S8',
      tampered(
        (xml, kit) =>
          forge(xml, kit)
            .replace('<saml:Subject>', `<saml:Subject xmlns:v="${uri}" v:x="1">`)
            .replace(/(<ds:DigestValue>)[^<]*/g, `$1${sha256('')}`),
        { response: false },
      ),
    ),
  ),
  attack(
    'S11 namespace confusion: the signature in a default namespace of another name',
    'S1',
    tampered(
      (xml) =>
        xml.replace(
          '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">',
          '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig">',
        ),
      { response: false },
    ),
  ),
  attack(
    'S11 namespace confusion: the prefix of the Assertion bound to something else',
    'T5',
    tampered((xml) => xml.replace(/(<saml:Assertion xmlns:saml=")[^"]*/, '$1urn:x'), { response: false }),
  ),
  attack(
    'S11 namespace confusion: a prefix bound anew between signer and reader',
    'S8',
    tampered(
      (xml, kit) =>
        forge(xml, kit).replace(
          '<saml:AttributeStatement>',
          '<saml:AttributeStatement xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns="urn:x">',
        ),
      { response: false },
    ),
  ),
];

export const SIGNATURE_ATTACKS: readonly Case[] = [
  ...SEVERAL,
  ...IN_VALUES,
  ...FOREIGN_KEYS,
  ...HMACS,
  ...ALGORITHMS,
  ...TRANSFORMS,
  ...REFERENCES,
  ...FRAGILE,
];
