import { gzipSync } from 'node:zlib';
import { certificateInfo, signElement, URI, type SignOptions } from '../../../src/selfcheck/signer.ts';
import { LARGEST_AGGREGATE } from '../../../src/sources/spid/federation/fetch.ts';
import {
  aggregateXml,
  CREATED,
  endpoint,
  newKey,
  providerXml,
  type TestKey,
} from '../../sources/spid/fixtures.ts';
import type { RegistryAnswer } from '../../support/registry.ts';
import { sha256 } from './attack.ts';

export const [agid, mallory, key] = await Promise.all([newKey('agid'), newKey('mallory'), newKey('idp')]);
const LATER = '2026-03-05T17:00:00Z';
export const GOOD = ['a', 'b', 'c'].map((name) => `https://${name}.example.it`);
export const EVIL = 'https://evil.example';

export const provider = (entityId: string, shape: Partial<Parameters<typeof providerXml>[0]> = {}) =>
  providerXml({ entityId, keys: [{ use: 'signing', certificate: key.certificate }], ...shape });
const evil = () => provider(EVIL, { keys: [{ use: 'signing', certificate: mallory.certificate }] });
export const entities = () => GOOD.map((entityId) => provider(entityId));
const unsigned = (list: readonly string[] = entities()) =>
  aggregateXml(list)
    .replace(/<\?xml.*\?>\s*/, '')
    .replace(CREATED, LATER);
export const signed = (list?: readonly string[], how: SignOptions = {}, by: TestKey = agid) =>
  signElement(unsigned(list), '_aggregate', by, how);
const SIGNATURE = /<ds:Signature .*?<\/ds:Signature>/s;
const signatureOf = (xml: string) => SIGNATURE.exec(xml)?.[0] ?? '';
/** The signed file, changed afterwards. @throws Error when that changes nothing */
const tampered = (from: string | RegExp, to: string) => {
  const genuine = signed();
  const changed = genuine.replace(from, () => to);
  if (changed === genuine) throw new Error('the attack changed nothing');
  return changed;
};
/** Another list around or beside the genuine one. */
const shell = (content: string, id = '_evil') => unsigned([evil(), content]).replace('_aggregate', id);
const withFirst = (xml: string, content: string) =>
  xml.replace(/<md:EntitiesDescriptor[^>]*>/, (tag) => tag + content);
const doctype = (content: string, xml = signed()) => `<!DOCTYPE md:EntitiesDescriptor ${content}>${xml}`;
const BOMB = Array.from({ length: 30 }, (_, at) => `<!ENTITY a${at + 1} "${`&a${at};`.repeat(10)}">`).join(
  '',
);

/** The good file that is in use when the attack comes. */
export const inUse = () => signElement(unsigned().replace(LATER, CREATED), '_aggregate', agid);

/**
 * What an attacker who can answer for the registry sends, and how it is refused.
 * @param port of the canary
 */
export const registryAttacks = (
  port: number,
): readonly (readonly [name: string, code: string, file: () => RegistryAnswer])[] => [
  ['S15 no signature', 'metadata_signature', () => unsigned()],
  [
    'S07 CVE-2024-32962 a signer of its own, with its certificate in KeyInfo',
    'metadata_signature',
    () => signed(undefined, { keyInfo: certificateInfo(mallory.certificate) }, mallory),
  ],
  [
    'S07 CVE-2024-32962 a signer of its own, AgID’s certificate in KeyInfo',
    'metadata_signature',
    () => signed(undefined, { keyInfo: certificateInfo(agid.certificate) }, mallory),
  ],
  [
    'S08 GHSA-c27r-x354-4m68 an HMAC keyed with the public key',
    'metadata_signature',
    () => signed(undefined, { signatureMethod: URI.hmacSha256 }),
  ],
  [
    'S09 SHA-1',
    'metadata_signature',
    () => signed(undefined, { signatureMethod: URI.rsaSha1, digestMethod: URI.sha1 }),
  ],
  ['S09 a digest with SHA-1', 'metadata_signature', () => signed(undefined, { digestMethod: URI.sha1 })],
  [
    'S19 GHSA-6qg6-h5xq-x84c an XSLT transform',
    'metadata_signature',
    () => signed(undefined, { transforms: [URI.enveloped, URI.xslt, URI.excC14n] }),
  ],
  [
    'S19 an XPath transform',
    'metadata_signature',
    () => signed(undefined, { transforms: [URI.enveloped, URI.xpath, URI.excC14n] }),
  ],
  [
    'S20 canonicalised with comments',
    'metadata_signature',
    () => signed(undefined, { transforms: [URI.enveloped, URI.excC14nWithComments] }),
  ],
  ['S14 a reference to the whole document', 'metadata_signature', () => signed(undefined, { uri: '' })],
  [
    'S05 CVE-2025-29774 two SignedInfo',
    'metadata_signature',
    () =>
      tampered(
        '<ds:SignedInfo>',
        '<ds:SignedInfo><ds:Reference URI="#_evil"/></ds:SignedInfo><ds:SignedInfo>',
      ),
  ],
  [
    'S06 CVE-2025-29775 a comment in DigestValue',
    'invalid_xml',
    () => tampered('<ds:DigestValue>', `<ds:DigestValue><!--${sha256('forged')}-->`),
  ],
  [
    'S06 CVE-2025-29775 an element in DigestValue',
    'metadata_signature',
    () => tampered('<ds:DigestValue>', '<ds:DigestValue><x xmlns="urn:x"/>'),
  ],
  [
    'S03 an Object in the signature',
    'metadata_signature',
    () => tampered('</ds:Signature>', `<ds:Object>${evil()}</ds:Object></ds:Signature>`),
  ],
  [
    'S03 two signatures on the list',
    'metadata_signature',
    () => tampered('</ds:Signature>', `</ds:Signature>${signatureOf(signed(undefined, {}, mallory))}`),
  ],
  ['S04 another endpoint', 'metadata_signature', () => tampered(`${GOOD[0]}/sso/post`, `${EVIL}/sso/post`)],
  [
    'S04 another key',
    'metadata_signature',
    () =>
      tampered(
        /<md:KeyDescriptor.*?<\/md:KeyDescriptor>/s,
        `<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${mallory.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
      ),
  ],
  [
    'S04 one provider more',
    'metadata_signature',
    () => tampered('</md:EntitiesDescriptor>', `${evil()}</md:EntitiesDescriptor>`),
  ],
  [
    'S01 XSW1 the genuine list in an Object of its own signature, another around it',
    'metadata_signature',
    () =>
      withFirst(
        shell(''),
        signatureOf(signed()).replace(
          '</ds:Signature>',
          (end) => `<ds:Object>${unsigned()}</ds:Object>${end}`,
        ),
      ),
  ],
  [
    'S01 XSW2 the genuine list beside its detached signature',
    'metadata_signature',
    () => withFirst(shell(unsigned()), signatureOf(signed())),
  ],
  [
    'S01 XSW3 the genuine list in another list, signature and all',
    'metadata_signature',
    () => shell(signed()),
  ],
  [
    'S01 XSW4 the genuine list in another list of the same ID',
    'metadata_signature',
    () => shell(signed(), '_aggregate'),
  ],
  [
    'S01 XSW5 the genuine signature on another list of the same ID, the genuine list inside',
    'metadata_signature',
    () => withFirst(shell(unsigned(), '_aggregate'), signatureOf(signed())),
  ],
  [
    'S01 XSW7 the genuine list in Extensions',
    'metadata_signature',
    () => withFirst(shell(''), `<md:Extensions>${signed()}</md:Extensions>`),
  ],
  [
    'S02 a signed provider as the only signed thing in a list',
    'metadata_signature',
    () =>
      shell(
        signElement(
          provider(EVIL).replace('<md:EntityDescriptor ', '<md:EntityDescriptor ID="_one" '),
          '_one',
          agid,
        ),
      ),
  ],
  [
    'S11 CVE-2025-66568 the digest of nothing',
    'metadata_signature',
    () => tampered(/<ds:DigestValue>[^<]*/, `<ds:DigestValue>${sha256('')}`),
  ],
  [
    'S11 attribute pollution: ID and xml:id on the list',
    'metadata_signature',
    () =>
      signElement(
        unsigned().replace('ID="_aggregate"', 'ID="_aggregate" xml:id="_other"'),
        '_aggregate',
        agid,
      ),
  ],
  [
    'S14 cpansa-2026-9487 the ID of the list again on an entity',
    'metadata_signature',
    () =>
      signElement(
        unsigned().replace('<md:EntityDescriptor ', '<md:EntityDescriptor Id="_aggregate" '),
        '_aggregate',
        agid,
      ),
  ],
  [
    'S34 a signed Assertion',
    'registry_doubtful',
    () =>
      signElement(
        '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a" Version="2.0"><saml:Issuer>x</saml:Issuer></saml:Assertion>',
        '_a',
        agid,
      ),
  ],
  [
    'S34 the signed metadata of one provider instead of the list',
    'registry_doubtful',
    () =>
      signElement(
        provider(EVIL).replace('<md:EntityDescriptor ', '<md:EntityDescriptor ID="_one" '),
        '_one',
        agid,
      ),
  ],
  [
    'S12 CVE-2017-11427 a comment in a name',
    'invalid_xml',
    () => tampered('entityID', 'x="1" entityID').replace('<md:Extensions>', '<!-- x --><md:Extensions>'),
  ],
  [
    'S13 OneUptime#2988 an instruction',
    'invalid_xml',
    () => tampered('<md:Extensions>', '<?x y?><md:Extensions>'),
  ],
  ['S16 CVE-2022-39299 two roots', 'invalid_xml', () => signed() + shell('')],
  ['S16 a declaration of UTF-16', 'invalid_xml', () => `<?xml version="1.0" encoding="UTF-16"?>${signed()}`],
  [
    'S18 CVE-2016-10127 a billion laughs',
    'invalid_xml',
    () =>
      doctype(`[<!ENTITY a0 "ha">${BOMB}]`, signed().replace('</md:Extensions>', '&a30;</md:Extensions>')),
  ],
  ['S18 quadratic blow-up', 'invalid_xml', () => doctype(`[<!ENTITY e "${'x'.repeat(100_000)}">]`)],
  ['S18 a file', 'invalid_xml', () => doctype('[<!ENTITY e SYSTEM "file:///etc/hostname">]')],
  [
    'S18 CVE-2017-1000061 an external subset',
    'invalid_xml',
    () => doctype(`SYSTEM "http://127.0.0.1:${port}/x.dtd"`),
  ],
  [
    'S18 an external entity',
    'invalid_xml',
    () => doctype(`[<!ENTITY e SYSTEM "http://127.0.0.1:${port}/">]`),
  ],
  [
    'S18 a parameter entity',
    'invalid_xml',
    () => doctype(`[<!ENTITY % p SYSTEM "http://127.0.0.1:${port}/"> %p;]`),
  ],
  [
    'S18 an ID of our choosing',
    'invalid_xml',
    () => doctype('[<!ATTLIST md:EntityDescriptor entityID ID #IMPLIED>]'),
  ],
  [
    'S21 a bomb of 50 MB in gzip, which nobody asked for',
    'invalid_xml',
    () => ({ body: gzipSync(Buffer.alloc(50_000_000, 32)), headers: { 'content-encoding': 'gzip' } }),
  ],
  ['S21 far too much', 'registry_too_large', () => Buffer.alloc(LARGEST_AGGREGATE + 1, 32)],
  ['S22 CVE-2026-41673 nested deep', 'invalid_xml', () => '<a>'.repeat(100_000) + '</a>'.repeat(100_000)],
  [
    'S22 a hundred thousand attributes',
    'invalid_xml',
    () => `<a ${Array.from({ length: 100_000 }, (_, at) => `a${at}="1"`).join(' ')}/>`,
  ],
  [
    'a file that was in use before, signed as ever',
    'registry_doubtful',
    () => signElement(unsigned().replace(LATER, '2026-02-01T10:00:00Z'), '_aggregate', agid),
  ],
  ['most providers missing', 'registry_doubtful', () => signed([evil()])],
];

/** What AgID might sign by mistake, or because one provider tricked it. */
export const MISTAKES: readonly (readonly [
  name: string,
  entity: () => string,
  problem: string | undefined,
])[] = [
  [
    'an entity without a role of ours',
    () => evil().replaceAll('IDPSSODescriptor', 'SPSSODescriptor'),
    undefined,
  ],
  [
    'an entity that does not speak SAML 2.0',
    () => provider(EVIL, { protocols: 'urn:oasis:names:tc:SAML:1.1:protocol' }),
    undefined,
  ],
  [
    'an entity inside the extensions of another',
    () => provider('https://d.example.it', { extensions: `<md:Extensions>${evil()}</md:Extensions>` }),
    undefined,
  ],
  [
    'S23 a script for an address',
    () => provider(EVIL, { endpoints: endpoint('SingleSignOnService', 'HTTP-POST', 'javascript:alert(1)') }),
    `${EVIL}: left out: no usable SingleSignOnService by POST or Redirect`,
  ],
  [
    'an address without TLS',
    () =>
      provider(EVIL, { endpoints: endpoint('SingleSignOnService', 'HTTP-POST', 'http://evil.example/sso') }),
    `${EVIL}: left out: no usable SingleSignOnService by POST or Redirect`,
  ],
  [
    'S15 a provider without a key',
    () => provider(EVIL, { keys: [] }),
    `${EVIL}: left out: no usable signing key`,
  ],
  [
    'a key that is for encryption only',
    () => provider(EVIL, { keys: [{ use: 'encryption', certificate: key.certificate }] }),
    `${EVIL}: left out: no usable signing key`,
  ],
  [
    'an entity without a name',
    () => evil().replace(/ entityID="[^"]*"/, ''),
    'an identity provider without entityID',
  ],
];
