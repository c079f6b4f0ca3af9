import { X509Certificate, type KeyObject } from 'node:crypto';
import { decodeBase64 } from '../../../saml/base64.ts';
import { NS } from '../../../saml/names.ts';
import { verifyEnveloped } from '../../../saml/signature.ts';
import { parseXml } from '../../../saml/xml.ts';
import { LARGEST_AGGREGATE } from './fetch.ts';

/** As many certificates of one signature are tried: whoever sends more is up to something. */
const MOST_CERTIFICATES = 5;

/** Largest certificate read, in bytes of DER. */
const LARGEST_CERTIFICATE = 16 * 1024;

/** That of the keys which signed a metadata file, as a whole. @throws InvalidXml */
export function signerAmong(bytes: Uint8Array, keys: readonly KeyObject[]): KeyObject | undefined {
  using document = parseXml(bytes, { bytes: LARGEST_AGGREGATE });
  return verifyEnveloped(document, document.root, keys)?.key;
}

/**
 * The certificate inside a signature by whose key that signature does verify. It says who signed and nothing of whether
 * she is to be trusted: whoever forges a file puts a certificate of her own beside it.
 * @throws InvalidXml
 */
export function statedSigner(bytes: Uint8Array): X509Certificate | undefined {
  using document = parseXml(bytes, { bytes: LARGEST_AGGREGATE });
  const [signature] = document.root.children(NS.ds, 'Signature');
  return signature
    ?.descendants(NS.ds, 'X509Certificate')
    .slice(0, MOST_CERTIFICATES)
    .flatMap(({ text }) => certificateIn(text))
    .find(({ publicKey }) => verifyEnveloped(document, document.root, [publicKey]) !== undefined);
}

function certificateIn(base64: string): X509Certificate[] {
  try {
    const certificate = new X509Certificate(decodeBase64(base64, LARGEST_CERTIFICATE));
    // Read here: of an algorithm that nobody knows there is no key.
    return certificate.publicKey.type === 'public' ? [certificate] : [];
  } catch {
    return [];
  }
}
