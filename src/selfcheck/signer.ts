import { createHash, createHmac, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { ParseOption, XmlC14NMode, XmlDocument, XmlElement } from 'libxml2-wasm';

/**
 * A second implementation of XML Signature, for playing identity provider: libxml2 canonicalises, node:crypto signs.
 * It shares no code with the gateway's own and signs whatever it is asked to, bad ideas included: what it makes
 * verifies by the standard, so that a refusal is always a matter of policy.
 */

export interface SignerKey {
  readonly privateKey: KeyObject;
  /** DER, base64 on one line; what ds:KeyInfo holds. */
  readonly certificate: string;
}

export interface SignOptions {
  /** RSA-SHA256 by default. An HMAC is keyed with the public key's PEM, as in the classic attack. */
  readonly signatureMethod?: string;
  readonly digestMethod?: string;
  readonly transforms?: readonly string[];
  readonly canonicalization?: string;
  /** PrefixList of the exclusive canonicalisation of the reference. */
  readonly inclusivePrefixes?: readonly string[];
  /** XML inside the enveloped-signature transform, where none belongs. */
  readonly envelopedContent?: string;
  /** Of the reference; `#ID` by default. What it points to is what is digested. */
  readonly uri?: string;
  /** Content of ds:KeyInfo; the certificate by default, no KeyInfo when empty. */
  readonly keyInfo?: string;
  /** XML that follows ds:KeyInfo. */
  readonly object?: string;
  /** XPath of the element that gets the signature; by default the one with the ID. */
  readonly element?: string;
}

/** Signs an element of a document: `signElement`, or another implementation that does the same. */
export type Sign = typeof signElement;

const DS = 'http://www.w3.org/2000/09/xmldsig#';
const NAMESPACES = {
  ds: DS,
  saml: 'urn:oasis:names:tc:SAML:2.0:assertion',
  samlp: 'urn:oasis:names:tc:SAML:2.0:protocol',
};

/** Algorithms by their URI, good and bad. */
export const URI = {
  enveloped: `${DS}enveloped-signature`,
  excC14n: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  excC14nWithComments: 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
  c14n: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
  c14n11: 'http://www.w3.org/2006/12/xml-c14n11',
  xslt: 'http://www.w3.org/TR/1999/REC-xslt-19991116',
  xpath: 'http://www.w3.org/TR/1999/REC-xpath-19991116',
  base64: `${DS}base64`,
  rsaSha1: `${DS}rsa-sha1`,
  rsaSha256: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  rsaSha384: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384',
  rsaSha512: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  ecdsaSha1: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1',
  ecdsaSha256: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256',
  ecdsaSha384: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384',
  ecdsaSha512: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512',
  hmacSha1: `${DS}hmac-sha1`,
  hmacSha256: 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256',
  sha1: `${DS}sha1`,
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha384: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
} as const;

/**
 * Puts an enveloped ds:Signature into the element that carries `id`: after its saml:Issuer, else as its first child.
 * @returns the document
 */
export function signElement(xml: string, id: string, key: SignerKey, options: SignOptions = {}): string {
  const {
    signatureMethod = URI.rsaSha256,
    digestMethod = URI.sha256,
    canonicalization = URI.excC14n,
  } = options;
  const { transforms = [URI.enveloped, URI.excC14n], inclusivePrefixes = [], uri = `#${id}` } = options;
  const { keyInfo = certificateInfo(key.certificate), object = '', envelopedContent = '' } = options;
  const { element = `//*[@ID='${id}']` } = options;

  const content = canonical(
    xml,
    uri === '' ? '/*' : `//*[@ID='${uri.slice(1)}']`,
    transforms,
    inclusivePrefixes,
  );
  const digest = createHash(hashOf(digestMethod)).update(content).digest('base64');
  const prefixList = inclusivePrefixes.length
    ? `<ec:InclusiveNamespaces xmlns:ec="${URI.excC14n}" PrefixList="${inclusivePrefixes.join(' ')}"/>`
    : '';
  const contents = new Map<string, string>([
    [URI.excC14n, prefixList],
    [URI.enveloped, envelopedContent],
  ]);
  const transformList = transforms
    .map((uri) => `<ds:Transform Algorithm="${uri}">${contents.get(uri) ?? ''}</ds:Transform>`)
    .join('');
  const unsigned = insert(
    xml,
    element,
    `<ds:Signature xmlns:ds="${DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${canonicalization}"/>` +
      `<ds:SignatureMethod Algorithm="${signatureMethod}"/><ds:Reference URI="${uri}">` +
      `<ds:Transforms>${transformList}</ds:Transforms><ds:DigestMethod Algorithm="${digestMethod}"/>` +
      `<ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>` +
      `<ds:SignatureValue>${PENDING}</ds:SignatureValue>` +
      `${keyInfo ? `<ds:KeyInfo>${keyInfo}</ds:KeyInfo>` : ''}${object}</ds:Signature>`,
  );
  const signedInfo = canonical(
    unsigned,
    `//ds:Signature[ds:SignatureValue='${PENDING}']/ds:SignedInfo`,
    [canonicalization],
    [],
  );
  return unsigned.replace(PENDING, signatureValue(signatureMethod, signedInfo, key.privateKey));
}

/** KeyInfo with one certificate. */
export function certificateInfo(certificate: string): string {
  return `<ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data>`;
}

const PENDING = 'signature-value-pending';

function parse(xml: string): XmlDocument {
  return XmlDocument.fromString(xml, { option: ParseOption.XML_PARSE_NONET });
}

function canonical(
  xml: string,
  xpath: string,
  algorithms: readonly string[],
  inclusiveNamespacePrefixes: readonly string[],
): string {
  using document = parse(xml);
  const inclusive = algorithms.some((uri) => uri === URI.c14n || uri === URI.c14n11);
  return elementAt(document, xpath).canonicalizeToString({
    mode: inclusive ? XmlC14NMode.XML_C14N_1_0 : XmlC14NMode.XML_C14N_EXCLUSIVE_1_0,
    withComments: algorithms.includes(URI.excC14nWithComments),
    inclusiveNamespacePrefixes: [...inclusiveNamespacePrefixes],
  });
}

function insert(xml: string, xpath: string, signature: string): string {
  using document = parse(xml);
  const parent = elementAt(document, xpath);
  const issuer = parent.get('saml:Issuer', NAMESPACES);
  const place = 'signature-goes-here';
  if (issuer instanceof XmlElement) issuer.appendComment(place);
  else if (parent.firstChild) parent.firstChild.prependComment(place);
  else parent.addComment(place);
  return document.toString({ format: false, noDeclaration: true }).replace(`<!--${place}-->`, signature);
}

function elementAt(document: XmlDocument, xpath: string): XmlElement {
  const found = document.get(xpath, NAMESPACES);
  if (!(found instanceof XmlElement)) throw new Error(`no element at ${xpath}`);
  return found;
}

function hashOf(uri: string): string {
  return /sha(1|256|384|512)$/.exec(uri)?.[0] ?? 'sha256';
}

function signatureValue(method: string, signedInfo: string, key: KeyObject): string {
  const hash = hashOf(method);
  if (method.includes('hmac')) {
    const secret = createPublicKey(key).export({ format: 'pem', type: 'spki' });
    return createHmac(hash, secret).update(signedInfo).digest('base64');
  }
  return sign(hash, Buffer.from(signedInfo), { key, dsaEncoding: 'ieee-p1363' }).toString('base64');
}
