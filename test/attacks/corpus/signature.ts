import type { Case } from '../../../src/selfcheck/cases/case.ts';
import { responseXml, signed } from '../../../src/selfcheck/model.ts';
import { URI } from '../../../src/selfcheck/signer.ts';
import { attack, edited, pieces, sha256, SIGNED_INFO, tampered } from './attack.ts';

const forgedInfo = (info: string) => info.replace(/(<ds:DigestValue>)[^<]*/, `$1${sha256('forged')}`);

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

export const SIGNATURE_ATTACKS: readonly Case[] = [...SEVERAL, ...IN_VALUES, ...ALGORITHMS, ...TRANSFORMS];
