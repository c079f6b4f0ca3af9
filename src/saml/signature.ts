import { createHash, timingSafeEqual, verify, type KeyObject } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import { Refused } from '../operations/errors.ts';
import { decodeBase64 } from './base64.ts';
import { ALGORITHM, NS } from './names.ts';
import type { XmlDocument, XmlElement } from './xml.ts';

export interface SigningKey {
  /** RSA. */
  readonly privateKey: KeyObject;
  /** The certificate published with the key: DER, base64 on one line. */
  readonly certificate: string;
}

/** Smallest RSA modulus that is trusted, in bits (spid-response-validation, S9). */
export const SMALLEST_RSA = 2048;

/** Longest PrefixList accepted: each prefix costs a look-up per element. */
const MOST_PREFIXES = 20;

const SIGNATURES: Readonly<Record<string, { readonly hash: string; readonly keyType: 'rsa' | 'ec' }>> = {
  [ALGORITHM.rsaSha256]: { hash: 'sha256', keyType: 'rsa' },
  [ALGORITHM.rsaSha384]: { hash: 'sha384', keyType: 'rsa' },
  [ALGORITHM.rsaSha512]: { hash: 'sha512', keyType: 'rsa' },
  [ALGORITHM.ecdsaSha256]: { hash: 'sha256', keyType: 'ec' },
  [ALGORITHM.ecdsaSha384]: { hash: 'sha384', keyType: 'ec' },
  [ALGORITHM.ecdsaSha512]: { hash: 'sha512', keyType: 'ec' },
};

const DIGESTS: Readonly<Record<string, string>> = {
  [ALGORITHM.sha256]: 'sha256',
  [ALGORITHM.sha384]: 'sha384',
  [ALGORITHM.sha512]: 'sha512',
};

/** Whether a signature algorithm may be used at all, and with this kind of key. */
export function isAllowedSignature(algorithm: string | undefined, key?: KeyObject): boolean {
  if (algorithm === undefined || !Object.hasOwn(SIGNATURES, algorithm)) return false;
  const known = SIGNATURES[algorithm];
  return known !== undefined && (key === undefined || known.keyType === key.asymmetricKeyType);
}

export function isAllowedDigest(algorithm: string | undefined): boolean {
  return algorithm !== undefined && Object.hasOwn(DIGESTS, algorithm);
}

/** P-256, P-384 and P-521, as the library names them: others are weak, or unknown to AgID's checkers. */
const CURVES: readonly (string | undefined)[] = ['prime256v1', 'secp384r1', 'secp521r1'];

/** Whether a key is strong enough to be trusted. */
export function isStrongKey(key: KeyObject): boolean {
  if (key.asymmetricKeyType === 'ec') return CURVES.includes(key.asymmetricKeyDetails?.namedCurve);
  return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= SMALLEST_RSA;
}

/**
 * Verifies bytes against a signature value, the algorithm named by its URI. False for anything not allowed, and for
 * whatever the library says that is not true: others took -1 for yes (CVE-2019-3465).
 */
export function verifyBytes(
  algorithm: string,
  bytes: Uint8Array,
  key: KeyObject,
  value: Uint8Array,
): boolean {
  const known = SIGNATURES[algorithm];
  if (!known || !isAllowedSignature(algorithm, key) || !isStrongKey(key)) return false;
  try {
    // Only elliptic curves have an encoding to choose; with options node takes twice as long to find the key.
    const given = known.keyType === 'ec' ? { key, dsaEncoding: 'ieee-p1363' as const } : key;
    const verdict: unknown = verify(known.hash, bytes, given, value);
    return verdict === true;
  } catch {
    return false;
  }
}

/** One ds:Reference as it stands. */
export interface ReferenceParts {
  readonly uri: string | undefined;
  readonly digestMethod: string | undefined;
  readonly digestIsPlain: boolean;
  /** Base64, as it stands. */
  readonly digestValue: string;
  readonly transforms: readonly string[];
  /** Whether the transforms hold nothing but prefixes for the exclusive canonicalisation. */
  readonly transformsArePlain: boolean;
  /** PrefixList of the exclusive canonicalisation. */
  readonly inclusivePrefixes: readonly string[];
}

/** What a ds:Signature consists of, read from the gated tree. Nothing here is verified. */
export interface SignatureParts {
  readonly element: XmlElement;
  readonly signedInfo: XmlElement | undefined;
  readonly signedInfos: number;
  /** Base64, as it stands. */
  readonly signatureValue: string;
  readonly signatureValues: number;
  readonly hasObject: boolean;
  /** Children that XML Signature does not put where they stand. */
  readonly hasForeignContent: boolean;
  readonly canonicalization: string | undefined;
  readonly signatureMethod: string | undefined;
  readonly references: readonly ReferenceParts[];
}

export function signatureParts(signature: XmlElement): SignatureParts {
  const signedInfos = signature.children(NS.ds, 'SignedInfo');
  const info = signedInfos[0];
  const canonicalization = info?.child(NS.ds, 'CanonicalizationMethod');
  const method = info?.child(NS.ds, 'SignatureMethod');
  return {
    element: signature,
    signedInfo: info,
    signedInfos: signedInfos.length,
    signatureValue: signature.child(NS.ds, 'SignatureValue')?.text ?? '',
    signatureValues: signature.children(NS.ds, 'SignatureValue').length,
    hasObject:
      signature.descendants(NS.ds, 'Object').length > 0 ||
      signature.descendants(NS.ds, 'Manifest').length > 0,
    hasForeignContent: hasForeignContent(signature, info),
    canonicalization: canonicalization?.attribute('Algorithm'),
    signatureMethod: method?.attribute('Algorithm'),
    references: info?.children(NS.ds, 'Reference').map(referenceParts) ?? [],
  };
}

function hasForeignContent(signature: XmlElement, info: XmlElement | undefined): boolean {
  const allowed = ['SignedInfo', 'SignatureValue', 'KeyInfo', 'Object'];
  const misplaced = signature.elements.some(
    (child) => child.namespace !== NS.ds || !allowed.includes(child.name),
  );
  // What stands inside these leaves would be signed by nobody, or change what was signed.
  const leaves = [
    signature.child(NS.ds, 'SignatureValue'),
    info?.child(NS.ds, 'CanonicalizationMethod'),
    info?.child(NS.ds, 'SignatureMethod'),
  ];
  return misplaced || leaves.some((leaf) => leaf !== undefined && leaf.elements.length > 0);
}

function referenceParts(reference: XmlElement): ReferenceParts {
  const transforms = reference.child(NS.ds, 'Transforms')?.children(NS.ds, 'Transform') ?? [];
  const digest = reference.child(NS.ds, 'DigestValue');
  const prefixes = transforms
    .flatMap((transform) => transform.children(NS.ec, 'InclusiveNamespaces'))
    .flatMap((list) => (list.attribute('PrefixList') ?? '').split(/\s+/).filter(Boolean));
  return {
    uri: reference.attribute('URI'),
    digestMethod: reference.child(NS.ds, 'DigestMethod')?.attribute('Algorithm'),
    digestIsPlain: digest !== undefined && digest.elements.length === 0,
    digestValue: digest?.text ?? '',
    transforms: transforms.map((transform) => transform.attribute('Algorithm') ?? ''),
    transformsArePlain: transforms.every(isPlainTransform),
    inclusivePrefixes: prefixes,
  };
}

function isPlainTransform(transform: XmlElement): boolean {
  const takesPrefixes = transform.attribute('Algorithm') === ALGORITHM.excC14n;
  return transform.elements.every(
    (child) => takesPrefixes && child.namespace === NS.ec && child.name === 'InclusiveNamespaces',
  );
}

/** Why the form of a signature is not acceptable for `element`; undefined when it is. Verifies nothing. */
export function formFault(parts: SignatureParts, element: XmlElement): string | undefined {
  if (parts.signedInfos !== 1 || parts.signatureValues !== 1)
    return 'not exactly one SignedInfo and SignatureValue';
  if (parts.hasObject || parts.hasForeignContent) return 'content that does not belong in a signature';
  if (parts.canonicalization !== ALGORITHM.excC14n) return 'canonicalisation not allowed';
  if (!isAllowedSignature(parts.signatureMethod)) return 'signature algorithm not allowed';
  const [reference, ...more] = parts.references;
  if (!reference || more.length > 0) return 'not exactly one reference';
  const id = element.attribute('ID');
  if (!id || reference.uri !== `#${id}`) return 'the reference is not to the signed element';
  if (!isAllowedDigest(reference.digestMethod) || !reference.digestIsPlain) return 'digest not allowed';
  const expected = [ALGORITHM.enveloped, ALGORITHM.excC14n];
  const exact =
    reference.transforms.length === 2 && expected.every((uri, at) => reference.transforms[at] === uri);
  if (!exact || !reference.transformsArePlain || reference.inclusivePrefixes.length > MOST_PREFIXES)
    return 'transforms not allowed';
  return undefined;
}

/** What a verified signature covers. */
export interface Verified {
  /** The canonical bytes. Everything used later is read from these. */
  readonly signed: Buffer;
  readonly key: KeyObject;
}

/**
 * Verifies the one ds:Signature that is a direct child of `element`, with the keys given and no other: KeyInfo is
 * never looked at. libxml2 canonicalises, node:crypto verifies (docs/adr/0015). Nothing is digested before the
 * SignedInfo that names the digest has verified.
 * @returns undefined when the form is not acceptable or no key verifies it
 */
export function verifyEnveloped(
  document: XmlDocument,
  element: XmlElement,
  keys: readonly KeyObject[],
): Verified | undefined {
  const [signature, ...more] = element.children(NS.ds, 'Signature');
  if (!signature || more.length > 0) return undefined;
  const parts = signatureParts(signature);
  const [reference] = parts.references;
  if (!reference || formFault(parts, element)) return undefined;
  if (!isUnambiguous(document, element)) return undefined;
  try {
    const key = keyOf(document, parts, keys);
    if (!key) return undefined;
    const signed = document.canonical(element, {
      omit: signature,
      inclusivePrefixes: reference.inclusivePrefixes,
    });
    return hasDigest(signed, reference) ? { signed, key } : undefined;
  } catch (error) {
    // Something that has no canonical form, or is not base64, has not been signed by anybody.
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

/** The ID names one element to every reader of the document, and one signature alone refers to it. */
function isUnambiguous(document: XmlDocument, element: XmlElement): boolean {
  const id = element.attribute('ID') ?? '';
  const references = document.root
    .descendants(NS.ds, 'Reference')
    .filter((reference) => reference.attribute('URI') === `#${id}`);
  return references.length === 1 && !document.duplicateIds().includes(id);
}

/** Longest signature value, in bytes: that of an RSA key of 8192 bits. */
const LONGEST_SIGNATURE = 1024;

/** The key that verifies SignedInfo. */
function keyOf(
  document: XmlDocument,
  { signedInfo, signatureMethod = '', signatureValue }: SignatureParts,
  keys: readonly KeyObject[],
): KeyObject | undefined {
  if (!signedInfo || !keys.some((key) => isAllowedSignature(signatureMethod, key))) return undefined;
  const value = decodeBase64(signatureValue, LONGEST_SIGNATURE);
  const bytes = document.canonical(signedInfo);
  return bytes.length > 0 ? keys.find((key) => verifyBytes(signatureMethod, bytes, key, value)) : undefined;
}

function hasDigest(signed: Buffer, { digestMethod = '', digestValue }: ReferenceParts): boolean {
  const hash = DIGESTS[digestMethod];
  if (!hash || signed.length === 0) return false;
  const digest = createHash(hash).update(signed).digest();
  const expected = decodeBase64(digestValue, digest.length);
  return digest.length === expected.length && timingSafeEqual(digest, expected);
}

/**
 * Signs the root element of a document that carries an `ID`: enveloped, exclusive canonicalisation, RSA-SHA256,
 * KeyInfo with the certificate (spid-authn-request, 6; spid-sp-metadata, 4).
 * @param placement where the signature goes: right after the `Issuer` child (messages) or first (metadata)
 */
export function signEnveloped(xml: string, key: SigningKey, placement: 'after-issuer' | 'first'): string {
  const signer = new SignedXml({
    privateKey: key.privateKey,
    signatureAlgorithm: ALGORITHM.rsaSha256,
    canonicalizationAlgorithm: ALGORITHM.excC14n,
    getKeyInfoContent: () =>
      `<ds:X509Data><ds:X509Certificate>${key.certificate}</ds:X509Certificate></ds:X509Data>`,
  });
  signer.addReference({
    xpath: '/*',
    transforms: [ALGORITHM.enveloped, ALGORITHM.excC14n],
    digestAlgorithm: ALGORITHM.sha256,
  });
  signer.computeSignature(xml, {
    prefix: 'ds',
    location:
      placement === 'first'
        ? { reference: '/*', action: 'prepend' }
        : { reference: `/*/*[local-name()='Issuer' and namespace-uri()='${NS.saml}']`, action: 'after' },
  });
  return signer.getSignedXml();
}
