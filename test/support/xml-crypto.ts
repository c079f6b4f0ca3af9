import { createHash, type KeyObject } from 'node:crypto';
import { SignedXml, type HashAlgorithm, type SignatureAlgorithm } from 'xml-crypto';
import { ALGORITHM } from '../../src/saml/names.ts';
import { isAllowedDigest, isAllowedSignature, verifyBytes } from '../../src/saml/signature.ts';

/**
 * xml-crypto's opinion of a signature: a second implementation, with a parser and a canonicalisation of its own, that
 * the gateway must never be more lenient than.
 * @param signature the ds:Signature, canonical
 * @returns what it digested; undefined when the signature does not verify with the key
 */
export function xmlCryptoVerifies(xml: string, signature: string, key: KeyObject): string | undefined {
  const verifier = new SignedXml({ publicCert: key, getCertFromKeyInfo: () => null });
  verifier.idAttributes = ['ID'];
  verifier.SignatureAlgorithms = SIGNATURES;
  verifier.HashAlgorithms = HASHES;
  verifier.CanonicalizationAlgorithms = Object.fromEntries(
    Object.entries(verifier.CanonicalizationAlgorithms).filter(
      ([uri]) => uri === ALGORITHM.excC14n || uri === ALGORITHM.enveloped,
    ),
  );
  try {
    verifier.loadSignature(signature);
    if (verifier.checkSignature(xml) !== true) return undefined;
  } catch {
    // It throws for "does not verify" as well as for "cannot be read": both mean no.
    return undefined;
  }
  const references = verifier.getSignedReferences();
  return references.length === 1 ? references[0] : undefined;
}

const uris = Object.values<string>(ALGORITHM);

const SIGNATURES = Object.fromEntries(
  uris.filter((uri) => isAllowedSignature(uri)).map((uri) => [uri, signatureClass(uri)]),
) as SignedXml['SignatureAlgorithms'];

const HASHES = Object.fromEntries(
  uris.filter(isAllowedDigest).map((uri) => [uri, hashClass(uri)]),
) as SignedXml['HashAlgorithms'];

function signatureClass(uri: string): new () => SignatureAlgorithm {
  return class {
    getAlgorithmName = (): string => uri;
    verifySignature = (material: string, key: KeyObject, value: string): boolean =>
      verifyBytes(uri, Buffer.from(material), key, Buffer.from(value, 'base64'));
  } as unknown as new () => SignatureAlgorithm;
}

function hashClass(uri: string): new () => HashAlgorithm {
  const hash = /sha(256|384|512)$/.exec(uri)?.[0] ?? '';
  return class implements HashAlgorithm {
    getAlgorithmName = (): string => uri;
    getHash = (text: string): string => createHash(hash).update(text, 'utf8').digest('base64');
  };
}
