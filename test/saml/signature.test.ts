import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { NS } from '../../src/saml/names.ts';
import {
  formFault,
  isAllowedDigest,
  isAllowedSignature,
  isStrongKey,
  signatureParts,
  signEnveloped,
  verifyBytes,
  verifyEnveloped,
} from '../../src/saml/signature.ts';
import { InvalidXml, parseXml, type XmlDocument, type XmlElement } from '../../src/saml/xml.ts';
import {
  certificateInfo,
  signElement,
  testKey,
  URI,
  type SignOptions,
  type TestKey,
} from '../support/saml-signer.ts';

const LIMIT = { bytes: 1_000_000 };

const ASSERTION = `<saml:Assertion ID="_a1" Version="2.0" IssueInstant="2026-03-05T18:04:00Z"><saml:Issuer>https://idp.example.it</saml:Issuer><saml:Subject><saml:NameID>_n1</saml:NameID></saml:Subject><saml:AttributeStatement><saml:Attribute Name="fiscalNumber"><saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">TINIT-RSSMRA80A01H501U</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>`;

const RESPONSE = `<samlp:Response xmlns:samlp="${NS.samlp}" xmlns:saml="${NS.saml}" ID="_r1" Version="2.0" IssueInstant="2026-03-05T18:04:00Z"><saml:Issuer>https://idp.example.it</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>${ASSERTION}</samlp:Response>`;

const OTHER_ASSERTION = ASSERTION.replace('_a1', '_evil').replace('RSSMRA80A01H501U', 'VRDLGI70B02F205X');

let provider: TestKey;
let attacker: TestKey;
let signedAssertion: string;

beforeAll(async () => {
  [provider, attacker] = await Promise.all([testKey(), testKey(2048, 'attacker')]);
  signedAssertion = signElement(RESPONSE, '_a1', provider);
});

function withDocument<T>(text: string, use: (document: XmlDocument) => T): T {
  using document = parseXml(Buffer.from(text), LIMIT);
  return use(document);
}

/** The first assertion, wherever it stands. */
const assertionOf = (document: XmlDocument): XmlElement => {
  const [assertion] = document.root.descendants(NS.saml, 'Assertion');
  if (!assertion) throw new Error('no assertion');
  return assertion;
};

/** What the signature of the assertion covers, read with the provider's key. */
const verified = (text: string, keys: readonly KeyObject[] = [provider.publicKey]): string | undefined =>
  withDocument(text, (document) => verifyEnveloped(document, assertionOf(document), keys)?.signed.toString());

const formOf = (text: string): string | undefined =>
  withDocument(text, (document) => {
    const assertion = assertionOf(document);
    const signature = assertion.child(NS.ds, 'Signature');
    return signature ? formFault(signatureParts(signature), assertion) : 'no signature';
  });

const signWith = (options: SignOptions, text = RESPONSE) => signElement(text, '_a1', provider, options);

describe('verifying what another implementation signed', () => {
  it('gives the signed bytes: the assertion in canonical form, without its signature', () => {
    const signed = verified(signedAssertion);
    expect(signed).toMatch(/^<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a1"/);
    expect(signed).toContain('TINIT-RSSMRA80A01H501U');
    expect(signed).not.toContain('Signature');
  });

  it('gives the key that verifies, out of all that are trusted', () => {
    withDocument(signedAssertion, (document) => {
      const keys = [attacker.publicKey, provider.publicKey];
      expect(verifyEnveloped(document, assertionOf(document), keys)?.key).toBe(provider.publicKey);
    });
  });

  it('verifies with no key when none is trusted', () => {
    expect(verified(signedAssertion, [])).toBeUndefined();
    expect(verified(signedAssertion, [attacker.publicKey])).toBeUndefined();
  });

  it('verifies both signatures where assertion and response are signed', () => {
    const both = signElement(signedAssertion, '_r1', provider);
    expect(verified(both)).toBe(verified(signedAssertion));
    withDocument(both, (document) => {
      const response = verifyEnveloped(document, document.root, [provider.publicKey]);
      expect(response?.signed.toString()).toMatch(/^<samlp:Response /);
    });
  });

  it('leaves the document as it was', () => {
    withDocument(signedAssertion, (document) => {
      const before = document.canonical(document.root).toString();
      verifyEnveloped(document, assertionOf(document), [provider.publicKey]);
      expect(document.canonical(document.root).toString()).toBe(before);
    });
  });

  it.each([
    ['rsa-sha256', URI.rsaSha256, URI.sha256],
    ['rsa-sha384', URI.rsaSha384, URI.sha384],
    ['rsa-sha512', URI.rsaSha512, URI.sha512],
    ['different hashes for signature and digest', URI.rsaSha256, URI.sha512],
  ])('accepts %s', (_, signatureMethod, digestMethod) => {
    expect(verified(signWith({ signatureMethod, digestMethod }))).toContain('TINIT-');
  });

  it('accepts an exclusive canonicalisation that keeps named prefixes', () => {
    const signed = verified(signWith({ inclusivePrefixes: ['xs', 'samlp'] }));
    expect(signed).toContain('<saml:Assertion xmlns:saml=');
    expect(signed).toContain(`xmlns:samlp="${NS.samlp}"`);
  });

  it.each([
    ['line breaks and indentation', RESPONSE.replaceAll('><', '>\n  <')],
    ['carriage returns', RESPONSE.replaceAll('><', '>\r\n<')],
    ['letters beyond ASCII', RESPONSE.replace('TINIT-', 'Nicolò Dalì 𝔖 ')],
    ['escaped characters', RESPONSE.replace('TINIT-', '&lt;b&gt; &amp; &quot;&#13;&#9;')],
    ['CDATA', RESPONSE.replace('TINIT-RSSMRA80A01H501U', '<![CDATA[a < b & c]]>')],
    ['line breaks in attributes', RESPONSE.replace('Name="fiscalNumber"', 'Name=" fiscal&#10;Number\n"')],
    ['a default namespace', RESPONSE.replaceAll('saml:', '').replace('xmlns:saml=', 'xmlns=')],
  ])('agrees on the canonical form of %s', (_, text) => {
    expect(verified(signWith({}, text))).toBeDefined();
  });

  it('verifies without KeyInfo, which it never needs', () => {
    expect(verified(signWith({ keyInfo: '' }))).toContain('TINIT-');
  });

  it('does not look at KeyInfo: a foreign certificate or an unreadable one changes nothing', () => {
    const foreign = signElement(RESPONSE, '_a1', provider, {
      keyInfo: certificateInfo(attacker.certificate),
    });
    expect(verified(foreign)).toContain('TINIT-');
    expect(verified(signWith({ keyInfo: certificateInfo('bm90IGEgY2VydGlmaWNhdGU=') }))).toContain('TINIT-');
  });
});

describe('keys (SPID response, S7–S9)', () => {
  it('refuses a signature made with the key that its own KeyInfo brings along', () => {
    const forged = signElement(RESPONSE, '_a1', attacker);
    expect(verified(forged)).toBeUndefined();
    const jwkLike = signElement(RESPONSE, '_a1', attacker, {
      keyInfo: `<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>`,
    });
    expect(verified(jwkLike)).toBeUndefined();
  });

  it('refuses the attacker who names the certificate of the provider', () => {
    const forged = signElement(RESPONSE, '_a1', attacker, { keyInfo: certificateInfo(provider.certificate) });
    expect(verified(forged)).toBeUndefined();
  });

  it('refuses a valid signature by an RSA key of 1024 bits', async () => {
    const weak = await testKey(1024);
    expect(isStrongKey(weak.publicKey)).toBe(false);
    const signed = signElement(RESPONSE, '_a1', weak);
    expect(formOf(signed)).toBeUndefined();
    expect(verified(signed, [weak.publicKey])).toBeUndefined();
    expect(verifyBytes(URI.rsaSha256, Buffer.from('x'), weak.publicKey, Buffer.alloc(128))).toBe(false);
  });

  it.each([
    ['P-256', 'ecdsa-sha256', URI.ecdsaSha256],
    ['P-384', 'ecdsa-sha384', URI.ecdsaSha384],
    ['P-521', 'ecdsa-sha512', URI.ecdsaSha512],
  ])('accepts a key on %s with %s', (namedCurve, _, signatureMethod) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
    const signed = signElement(
      RESPONSE,
      '_a1',
      { privateKey, certificate: '' },
      { signatureMethod, keyInfo: '' },
    );
    expect(verified(signed, [provider.publicKey, publicKey])).toContain('TINIT-');
  });

  it('accepts no EC key under the name of an RSA algorithm, nor the other way round', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const options = { signatureMethod: URI.rsaSha256, keyInfo: '' };
    const asRsa = signElement(RESPONSE, '_a1', { privateKey, certificate: '' }, options);
    expect(verified(asRsa, [publicKey])).toBeUndefined();
    expect(verified(asRsa, [publicKey, provider.publicKey])).toBeUndefined();
    const asEc = signWith({ signatureMethod: URI.ecdsaSha256 });
    expect(verified(asEc, [provider.publicKey])).toBeUndefined();
    expect(isAllowedSignature(URI.rsaSha256, publicKey)).toBe(false);
    expect(isAllowedSignature(URI.ecdsaSha256, provider.publicKey)).toBe(false);
  });

  it('trusts no kind of key but RSA and EC', () => {
    expect(isStrongKey(generateKeyPairSync('ed25519').publicKey)).toBe(false);
    for (const namedCurve of ['secp160r1', 'prime192v1', 'secp224r1', 'secp256k1', 'brainpoolP256r1'])
      expect(isStrongKey(generateKeyPairSync('ec', { namedCurve }).publicKey), namedCurve).toBe(false);
    expect(isStrongKey(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey)).toBe(false);
    expect(isStrongKey(provider.publicKey)).toBe(true);
  });
});

describe('algorithms (SPID response, S5–S7)', () => {
  it.each([
    ['RSA with SHA-1', { signatureMethod: URI.rsaSha1 }],
    ['ECDSA with SHA-1', { signatureMethod: URI.ecdsaSha1 }],
    ['an HMAC keyed with the public key', { signatureMethod: URI.hmacSha256 }],
    ['an HMAC with SHA-1', { signatureMethod: URI.hmacSha1 }],
    ['no known algorithm', { signatureMethod: 'urn:none' }],
    ['an empty algorithm', { signatureMethod: '' }],
    ['the name of something every object has', { signatureMethod: 'toString' }],
    ['a constructor', { signatureMethod: 'constructor' }],
    ['a prototype', { signatureMethod: '__proto__' }],
    ['the algorithm in capitals', { signatureMethod: URI.rsaSha256.toUpperCase() }],
    ['a blank after the algorithm', { signatureMethod: `${URI.rsaSha256} ` }],
  ])('refuses a signature with %s', (_, options) => {
    const signed = signWith(options);
    expect(formOf(signed)).toBe('signature algorithm not allowed');
    expect(verified(signed)).toBeUndefined();
  });

  it('refuses an HMAC also when the key given to it is one for HMAC', () => {
    expect(isAllowedSignature(URI.hmacSha256)).toBe(false);
    expect(verifyBytes(URI.hmacSha256, Buffer.from('x'), provider.publicKey, Buffer.from('x'))).toBe(false);
    expect(verifyBytes('constructor', Buffer.from('x'), provider.publicKey, Buffer.from('x'))).toBe(false);
  });

  it.each([
    ['SHA-1', URI.sha1],
    ['MD5', 'http://www.w3.org/2001/04/xmldsig-more#md5'],
    ['none', ''],
    ['one that every object has', 'constructor'],
    ['one that every object has too', 'toString'],
  ])('refuses the digest method %s', (_, digestMethod) => {
    expect(isAllowedDigest(digestMethod)).toBe(false);
    const signed = signWith({ digestMethod });
    expect(formOf(signed)).toBe('digest not allowed');
    expect(verified(signed)).toBeUndefined();
  });

  it.each([
    ['inclusive', URI.c14n],
    ['inclusive 1.1', URI.c14n11],
    ['exclusive with comments', URI.excC14nWithComments],
    ['unknown', 'urn:unknown'],
    ['none', ''],
  ])('refuses a canonicalisation of SignedInfo that is %s', (_, canonicalization) => {
    const signed = signWith({ canonicalization });
    expect(formOf(signed)).toBe('canonicalisation not allowed');
    expect(verified(signed)).toBeUndefined();
  });

  it.each<[string, readonly string[]]>([
    ['XSLT', [URI.enveloped, URI.xslt, URI.excC14n]],
    ['XSLT in place of canonicalisation', [URI.enveloped, URI.xslt]],
    ['XPath', [URI.enveloped, URI.xpath]],
    ['XPath before', [URI.xpath, URI.enveloped, URI.excC14n]],
    ['base64', [URI.enveloped, URI.excC14n, URI.base64]],
    ['inclusive canonicalisation', [URI.enveloped, URI.c14n]],
    ['inclusive canonicalisation as well', [URI.enveloped, URI.c14n, URI.excC14n]],
    ['canonicalisation with comments', [URI.enveloped, URI.excC14nWithComments]],
    ['no canonicalisation', [URI.enveloped]],
    ['nothing enveloped', [URI.excC14n]],
    ['nothing at all', []],
    ['the right two in the wrong order', [URI.excC14n, URI.enveloped]],
    ['one of them twice', [URI.enveloped, URI.excC14n, URI.excC14n]],
  ])('refuses transforms with %s', (_, transforms) => {
    const signed = signWith({ transforms });
    expect(formOf(signed)).toBe('transforms not allowed');
    expect(verified(signed)).toBeUndefined();
  });

  it('refuses a list of prefixes long enough to be a burden', () => {
    const prefixes = (count: number) => Array.from({ length: count }, (_, at) => `p${at}`);
    expect(verified(signWith({ inclusivePrefixes: prefixes(20) }))).toContain('TINIT-');
    expect(formOf(signWith({ inclusivePrefixes: prefixes(21) }))).toBe('transforms not allowed');
  });

  it.each([
    [
      'an XSLT stylesheet',
      '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"/>',
    ],
    ['an XPath', '<ds:XPath>self::node()</ds:XPath>'],
    ['a list of prefixes', `<ec:InclusiveNamespaces xmlns:ec="${URI.excC14n}" PrefixList="xs"/>`],
  ])('refuses %s inside the transform that takes the signature away', (_, envelopedContent) => {
    const signed = signWith({ envelopedContent });
    expect(formOf(signed)).toBe('transforms not allowed');
    expect(verified(signed)).toBeUndefined();
  });
});

describe('references (SPID response, S4)', () => {
  it.each([
    ['the whole document', ''],
    ['another element', '#_r1'],
    ['an element that is not there', '#_x'],
    ['the ID without #', '_a1'],
    ['an XPointer', "#xpointer(id('_a1'))"],
    ['an address', 'https://attacker.example/assertion.xml'],
    ['a file', 'file:///etc/passwd'],
  ])('refuses one to %s', (_, uri) => {
    const good = signedAssertion.replace('URI="#_a1"', () => `URI="${uri}"`);
    expect(good).not.toBe(signedAssertion);
    expect(formOf(good)).toBe('the reference is not to the signed element');
    expect(verified(good)).toBeUndefined();
  });

  it.each([
    ['the whole document', ''],
    ['the response', '#_r1'],
  ])('refuses a signature inside the assertion that is valid, but over %s', (_, uri) => {
    const signed = signWith({ uri });
    expect(formOf(signed)).toBe('the reference is not to the signed element');
    expect(verified(signed)).toBeUndefined();
  });

  it('refuses one without URI', () => {
    expect(formOf(signedAssertion.replace(' URI="#_a1"', ''))).toBe(
      'the reference is not to the signed element',
    );
  });

  it('refuses a second one, before or after, and none', () => {
    const reference = /<ds:Reference .*?<\/ds:Reference>/.exec(signedAssertion)?.[0] ?? '';
    const other = reference.replace('#_a1', '#_r1');
    for (const references of [reference + other, other + reference, reference + reference, '']) {
      const changed = signedAssertion.replace(reference, references);
      expect(formOf(changed)).toBe('not exactly one reference');
      expect(verified(changed)).toBeUndefined();
    }
  });

  it('refuses an element that has no ID, whatever the signature refers to', () => {
    const signed = signedAssertion.replace('<saml:Assertion ID="_a1"', '<saml:Assertion Id="_a1"');
    expect(formOf(signed)).toBe('the reference is not to the signed element');
    expect(verified(signed)).toBeUndefined();
    const empty = signedAssertion
      .replace('<saml:Assertion ID="_a1"', '<saml:Assertion ID=""')
      .replace('#_a1', '#');
    expect(verified(empty)).toBeUndefined();
  });
});

describe('the shape of a signature (SPID response, S3 and S10)', () => {
  const part = (name: string) =>
    new RegExp(`<ds:${name}[ >].*?</ds:${name}>`, 's').exec(signedAssertion)?.[0] ?? '';

  it('refuses two SignedInfo, in either order, and none', () => {
    const info = part('SignedInfo');
    const forged = info.replace(/<ds:DigestValue>.*?</, '<ds:DigestValue>AAAA<');
    for (const infos of [info + forged, forged + info, info + info, '']) {
      const changed = signedAssertion.replace(info, infos);
      expect(formOf(changed)).toBe('not exactly one SignedInfo and SignatureValue');
      expect(verified(changed)).toBeUndefined();
    }
  });

  it('refuses a SignedInfo that stands deeper, where a search for the name would find it', () => {
    const info = part('SignedInfo');
    const moved = signedAssertion.replace(info, '').replace('<ds:KeyInfo>', `<ds:KeyInfo>${info}`);
    expect(formOf(moved)).toBe('not exactly one SignedInfo and SignatureValue');
    expect(verified(moved)).toBeUndefined();
    const second = signWith({ keyInfo: info.replace('#_a1', '#_r1') });
    expect([undefined, verified(signedAssertion)]).toContain(verified(second));
  });

  it('refuses two SignatureValue and none', () => {
    const value = part('SignatureValue');
    for (const values of [value + value, value + value.replace(/>[^<]{4}/, '>AAAA'), '']) {
      const changed = signedAssertion.replace(value, values);
      expect(formOf(changed)).toBe('not exactly one SignedInfo and SignatureValue');
      expect(verified(changed)).toBeUndefined();
    }
  });

  it.each([
    ['an Object', '<ds:Object>anything</ds:Object>'],
    ['an Object that holds the original', `<ds:Object>${ASSERTION.replace('_a1', '_a2')}</ds:Object>`],
    ['an empty Object', '<ds:Object/>'],
    ['a Manifest', '<ds:Object><ds:Manifest><ds:Reference URI="#_r1"/></ds:Manifest></ds:Object>'],
    ['a foreign element', '<x xmlns="urn:x"/>'],
    ['an element of XML Signature that does not belong there', '<ds:X509Data/>'],
    ['another signature', '<ds:Signature/>'],
  ])('refuses %s, which the signature does not cover', (_, object) => {
    const signed = signWith({ object });
    expect(formOf(signed)).toBe('content that does not belong in a signature');
    expect(verified(signed)).toBeUndefined();
  });

  it('refuses an Object inside KeyInfo', () => {
    const signed = signWith({ keyInfo: '<ds:Object>x</ds:Object>' });
    expect(formOf(signed)).toBe('content that does not belong in a signature');
    expect(verified(signed)).toBeUndefined();
  });

  it.each([
    ['SignatureValue', '<ds:SignatureValue>', '<ds:SignatureValue><x xmlns="urn:x"/>'],
    ['DigestValue', '<ds:DigestValue>', '<ds:DigestValue><x xmlns="urn:x">AAAA</x>'],
  ])('refuses elements inside %s', (_, from, to) => {
    const changed = signedAssertion.replace(from, to);
    expect(formOf(changed)).toBeDefined();
    expect(verified(changed)).toBeUndefined();
  });

  it('never meets a comment in DigestValue, which two parsers read differently: the gate keeps it out', () => {
    const changed = signedAssertion.replace('<ds:DigestValue>', '<ds:DigestValue><!-- AAAA -->');
    expect(() => verified(changed)).toThrow(InvalidXml);
  });

  it('refuses a second signature on the same element', () => {
    const signature = part('Signature');
    const twice = signedAssertion.replace(signature, signature + signature);
    expect(verified(twice)).toBeUndefined();
    for (const key of [attacker, provider]) {
      expect(verified(signElement(signedAssertion, '_a1', key))).toBeUndefined();
    }
  });

  it('refuses an element without signature, whatever is signed around it or inside it', () => {
    expect(verified(RESPONSE)).toBeUndefined();
    expect(verified(signElement(RESPONSE, '_r1', provider))).toBeUndefined();
    withDocument(signedAssertion, (document) => {
      expect(verifyEnveloped(document, document.root, [provider.publicKey])).toBeUndefined();
    });
  });

  it('refuses a signature that only looks like one, in another namespace', () => {
    expect(verified(signedAssertion.replaceAll(NS.ds, 'urn:other'))).toBeUndefined();
  });
});

describe('signature wrapping (SPID response, cases xsw1 to xsw8)', () => {
  const signature = () => /<ds:Signature .*?<\/ds:Signature>/s.exec(signedAssertion)?.[0] ?? '';
  const signedOne = () => /<saml:Assertion .*<\/saml:Assertion>/s.exec(signedAssertion)?.[0] ?? '';
  const inResponse = (content: string) => signedAssertion.replace(signedOne(), () => content);
  const forgery = (content = '') =>
    OTHER_ASSERTION.replace('</saml:Issuer>', () => `</saml:Issuer>${content}`);

  it('does not verify a forged assertion that stands before the signed one', () => {
    expect(verified(inResponse(forgery() + signedOne()))).toBeUndefined();
  });

  it('does not verify a forged assertion that takes the signature away from the original', () => {
    const original = signedOne().replace(signature(), '');
    expect(verified(inResponse(forgery(signature()) + original))).toBeUndefined();
    expect(verified(inResponse(forgery(signature()).replace('_evil', '_a1') + original))).toBeUndefined();
  });

  it('does not verify a forged assertion around the original', () => {
    expect(verified(inResponse(forgery(signedOne())))).toBeUndefined();
    const original = signedOne().replace(signature(), '');
    expect(verified(inResponse(forgery(signature() + original)))).toBeUndefined();
  });

  it('does not verify a forged assertion whose signature holds the original in an Object', () => {
    const original = signedOne().replace(signature(), '');
    const holding = signature().replace(
      '</ds:Signature>',
      () => `<ds:Object>${original}</ds:Object></ds:Signature>`,
    );
    expect(verified(inResponse(forgery(holding)))).toBeUndefined();
    expect(verified(inResponse(forgery(holding).replace('_evil', '_a1')))).toBeUndefined();
  });

  it('does not verify either of two assertions with the same ID', () => {
    const twin = forgery().replace('_evil', '_a1');
    for (const text of [inResponse(twin + signedOne()), inResponse(signedOne() + twin)]) {
      withDocument(text, (document) => {
        expect(document.duplicateIds()).toEqual(['_a1']);
        for (const assertion of document.root.descendants(NS.saml, 'Assertion')) {
          const result = verifyEnveloped(document, assertion, [provider.publicKey]);
          expect(result?.signed.toString() ?? '').not.toContain('VRDLGI70B02F205X');
        }
      });
    }
  });

  it('does not take an ID under another name for the one referred to', () => {
    const decoy = `<x xmlns="urn:x" Id="_a1"/>`;
    for (const text of [inResponse(decoy + signedOne()), inResponse(signedOne() + decoy)]) {
      withDocument(text, (document) => {
        expect(document.duplicateIds()).toEqual(['_a1']);
        const result = verifyEnveloped(document, assertionOf(document), [provider.publicKey]);
        expect(result?.signed.toString() ?? ASSERTION).toContain('RSSMRA80A01H501U');
      });
    }
  });

  it('covers only what it covers: what stands beside the signed assertion is not in the signed bytes', () => {
    const text = inResponse(signedOne() + forgery());
    expect(verified(text)).toBe(verified(signedAssertion));
  });

  it('verifies the assertion wherever it is moved, which is why its place is checked elsewhere', () => {
    const moved = inResponse(`<x xmlns="urn:x">${signedOne()}</x>`);
    expect(verified(moved)).toBe(verified(signedAssertion));
  });
});

describe('an element that more than one signature refers to', () => {
  it('is verified by none: another reader could take the other one', () => {
    const [signature = ''] = /<ds:Signature .*<\/ds:Signature>/s.exec(signedAssertion) ?? [];
    expect(
      verified(signedAssertion.replace('<samlp:Status>', () => `${signature}<samlp:Status>`)),
    ).toBeUndefined();
  });

  it('is not verified either when its ID stands elsewhere as well', () => {
    expect(verified(signedAssertion.replace('<samlp:Status>', '<samlp:Status ID="_a1">'))).toBeUndefined();
  });
});

describe('any change', () => {
  it.each([
    ['a value', 'RSSMRA80A01H501U', 'VRDLGI70B02F205X'],
    ['an attribute', 'Name="fiscalNumber"', 'Name="spidCode"'],
    ['a namespace', 'XMLSchema-instance', 'XMLSchema-Instance'],
    ['a prefix', /xmlns:xsi(.*?)xsi:type/, 'xmlns:xsj$1xsj:type'],
    ['a blank', '<saml:NameID>_n1', '<saml:NameID> _n1'],
    ['an added attribute', '<saml:NameID>', '<saml:NameID SPProvidedID="x">'],
    ['an added element', '</saml:Subject>', '</saml:Subject><saml:Advice/>'],
    ['a removed element', '<saml:NameID>_n1</saml:NameID>', ''],
    ['the digest', /<ds:DigestValue>./, '<ds:DigestValue>/'],
    ['the signature value', /<ds:SignatureValue>.{4}/, '<ds:SignatureValue>AAAA'],
    ['an empty signature value', /<ds:SignatureValue>[^<]*/, '<ds:SignatureValue>'],
    ['an empty digest', /<ds:DigestValue>[^<]*/, '<ds:DigestValue>'],
    ['the digest method', URI.sha256, URI.sha512],
    ['the signature method', URI.rsaSha256, URI.rsaSha512],
  ])('to %s breaks the signature', (_, from, to) => {
    const at = typeof from === 'string' ? signedAssertion.lastIndexOf(from) : signedAssertion.search(from);
    expect(at).toBeGreaterThan(0);
    const changed = signedAssertion.slice(0, at) + signedAssertion.slice(at).replace(from, to);
    expect(changed).not.toBe(signedAssertion);
    expect(verified(changed)).toBeUndefined();
  });

  it('of one letter, wherever it is, breaks it or leaves the signed bytes as they were', () => {
    const start = signedAssertion.indexOf('<saml:Assertion');
    const positions = Array.from({ length: signedAssertion.length - start }, (_, at) => start + at)
      .filter((at) => /[a-zA-Z0-9]/.test(signedAssertion[at] ?? ''))
      .filter((_, at) => at % 11 === 0);
    const original = verified(signedAssertion);
    const outcome = (at: number): 'broken' | 'as it was' | 'changed' => {
      const letter = signedAssertion[at] === 'x' ? 'y' : 'x';
      const text = signedAssertion.slice(0, at) + letter + signedAssertion.slice(at + 1);
      try {
        const signed = verified(text);
        if (signed === undefined) return 'broken';
        return signed === original ? 'as it was' : 'changed';
      } catch (error) {
        if (error instanceof InvalidXml) return 'broken';
        throw error;
      }
    };
    const outcomes = positions.map(outcome);
    expect(outcomes).toContain('broken');
    // In KeyInfo, which nobody looks at.
    expect(outcomes).toContain('as it was');
    expect(outcomes).not.toContain('changed');
  });
});

describe('signing', () => {
  const REQUEST = `<samlp:AuthnRequest xmlns:samlp="${NS.samlp}" xmlns:saml="${NS.saml}" ID="_q1" Version="2.0" IssueInstant="2026-03-05T18:04:00Z"><saml:Issuer>https://accesso.example.it</saml:Issuer><samlp:NameIDPolicy Format="x &amp; y"/></samlp:AuthnRequest>`;

  it('makes what it verifies itself, and covers the whole document', () => {
    withDocument(signEnveloped(REQUEST, provider, 'after-issuer'), (document) => {
      const result = verifyEnveloped(document, document.root, [createPublicKey(provider.privateKey)]);
      withDocument(REQUEST, (unsigned) => {
        expect(result?.signed).toEqual(unsigned.canonical(unsigned.root));
      });
    });
  });

  it('puts the signature right after the issuer, or first', () => {
    const names = (text: string) =>
      withDocument(text, (document) => document.root.elements.map((element) => element.name));
    expect(names(signEnveloped(REQUEST, provider, 'after-issuer'))).toEqual([
      'Issuer',
      'Signature',
      'NameIDPolicy',
    ]);
    expect(names(signEnveloped(REQUEST, provider, 'first'))).toEqual(['Signature', 'Issuer', 'NameIDPolicy']);
  });

  it('finds the place whatever the attributes before it hold', () => {
    const awkward = REQUEST.replace(' ID=', ` Consent='a > b "c"'\n ID=`).replace(
      '<saml:Issuer>',
      '<saml:Issuer NameQualifier="x>y">',
    );
    withDocument(signEnveloped(awkward, provider, 'after-issuer'), (document) => {
      expect(document.root.elements.map(({ name }) => name)).toEqual(['Issuer', 'Signature', 'NameIDPolicy']);
      expect(verifyEnveloped(document, document.root, [provider.publicKey])).toBeDefined();
    });
  });

  it('uses exclusive canonicalisation, RSA-SHA256 and SHA-256, and refers to the ID of the root', () => {
    withDocument(signEnveloped(REQUEST, provider, 'first'), (document) => {
      const signature = document.root.child(NS.ds, 'Signature');
      const parts = signature && signatureParts(signature);
      expect(parts).toMatchObject({
        signedInfos: 1,
        signatureValues: 1,
        hasObject: false,
        hasForeignContent: false,
        canonicalization: URI.excC14n,
        signatureMethod: URI.rsaSha256,
        references: [
          {
            uri: '#_q1',
            digestMethod: URI.sha256,
            digestIsPlain: true,
            transforms: [URI.enveloped, URI.excC14n],
            inclusivePrefixes: [],
          },
        ],
      });
    });
  });

  it('shows the certificate, and nothing else about the key', () => {
    withDocument(signEnveloped(REQUEST, provider, 'first'), (document) => {
      const info = document.root.child(NS.ds, 'Signature')?.child(NS.ds, 'KeyInfo');
      expect(info?.elements.map((element) => element.name)).toEqual(['X509Data']);
      expect(info?.descendants(NS.ds, 'X509Certificate').map((element) => element.text)).toEqual([
        provider.certificate,
      ]);
    });
  });

  it('breaks when anything is changed afterwards', () => {
    const changed = signEnveloped(REQUEST, provider, 'after-issuer').replace('accesso.', 'attacker.');
    withDocument(changed, (document) => {
      expect(verifyEnveloped(document, document.root, [provider.publicKey])).toBeUndefined();
    });
  });
});
