import { createHash, verify, type KeyObject } from 'node:crypto';
import type { XmlElement } from 'libxml2-wasm';
import { XmlC14NMode } from 'libxml2-wasm';
import type { Dom } from './dom.ts';
import { URI } from './signer.ts';

/** Signature algorithms of a service provider that AgID's checkers take, with their hashes. */
const SIGNATURES: ReadonlyMap<string, string> = new Map([
  [URI.rsaSha256, 'sha256'],
  [URI.rsaSha384, 'sha384'],
  [URI.rsaSha512, 'sha512'],
  [URI.ecdsaSha256, 'sha256'],
  [URI.ecdsaSha384, 'sha384'],
  [URI.ecdsaSha512, 'sha512'],
]);

const DIGESTS: ReadonlyMap<string, string> = new Map([
  [URI.sha256, 'sha256'],
  [URI.sha384, 'sha384'],
  [URI.sha512, 'sha512'],
]);

/**
 * Why the enveloped signature of an element, the root if none is named, does not verify with any of these keys;
 * undefined when it does. Leaves the document without that signature.
 */
export function envelopedFault(dom: Dom, keys: readonly KeyObject[], signed = dom.root): string | undefined {
  const [signature, ...more] = dom.all('ds:Signature', signed);
  if (!signature || more.length > 0) return `${more.length + (signature ? 1 : 0)} ds:Signature`;
  const [signedInfo] = dom.all('ds:SignedInfo', signature);
  const method = dom.attribute('ds:SignedInfo/ds:SignatureMethod/@Algorithm', signature);
  const digestMethod = dom.attribute('ds:SignedInfo/ds:Reference/ds:DigestMethod/@Algorithm', signature);
  const digest = dom.text('ds:SignedInfo/ds:Reference/ds:DigestValue', signature)?.trim();
  const uri = dom.attribute('ds:SignedInfo/ds:Reference/@URI', signature);
  const hash = SIGNATURES.get(method ?? '');
  const digestHash = DIGESTS.get(digestMethod ?? '');
  if (!signedInfo || !hash) return `SignatureMethod ${method}`;
  if (!digestHash) return `DigestMethod ${digestMethod}`;
  if (uri !== `#${dom.attribute('@ID', signed)}`) return `Reference ${uri}`;
  const value = Buffer.from(dom.text('ds:SignatureValue', signature) ?? '', 'base64');
  const info = Buffer.from(canonical(signedInfo));
  signature.remove();
  if (createHash(digestHash).update(canonical(signed)).digest('base64') !== digest) return 'DigestValue';
  const verified = keys.some((key) => verify(hash, info, { key, dsaEncoding: 'ieee-p1363' }, value));
  return verified ? undefined : 'SignatureValue';
}

function canonical(element: XmlElement): string {
  return element.canonicalizeToString({ mode: XmlC14NMode.XML_C14N_EXCLUSIVE_1_0 });
}

/** Why the signature of a Redirect's query string does not verify; undefined when it does (spid-authn-request, 5). */
export function queryFault(query: string, keys: readonly KeyObject[]): string | undefined {
  const signature = new URLSearchParams(query).get('Signature');
  const method = new URLSearchParams(query).get('SigAlg') ?? undefined;
  const hash = SIGNATURES.get(method ?? '');
  if (!hash) return `SigAlg ${method}`;
  if (signature === null) return 'Signature';
  const signed = query
    .split('&')
    .filter((pair) => !pair.startsWith('Signature='))
    .join('&');
  const names = signed.split('&').map((pair) => pair.split('=')[0]);
  if (names.join() !== 'SAMLRequest,RelayState,SigAlg') return names.join();
  const value = Buffer.from(signature, 'base64');
  const verified = keys.some((key) =>
    verify(hash, Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }, value),
  );
  return verified ? undefined : 'Signature';
}
