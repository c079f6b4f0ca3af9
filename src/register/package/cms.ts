import { createHash, sign, X509Certificate, type KeyObject } from 'node:crypto';
import {
  Attribute,
  CertificateChoices,
  CertificateSet,
  ContentInfo,
  DigestAlgorithmIdentifiers,
  EncapsulatedContentInfo,
  IssuerAndSerialNumber,
  SignedData,
  SignerIdentifier,
  SignerInfo,
  SignerInfos,
} from '@peculiar/asn1-cms';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier, Certificate, Time } from '@peculiar/asn1-x509';
import { setOf } from '../timestamp.ts';

const DATA = '1.2.840.113549.1.7.1';
/** The same as a DER value. */
const DATA_DER = Buffer.from('06092a864886f70d010701', 'hex');
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const SIGNING_TIME = '1.2.840.113549.1.9.5';
const SHA_256 = new AlgorithmIdentifier({ algorithm: '2.16.840.1.101.3.4.2.1', parameters: null });
const RSA = new AlgorithmIdentifier({ algorithm: '1.2.840.113549.1.1.1', parameters: null });

/**
 * A detached signature (RFC 5652, SignedData without content), as `.p7s` files are: any tool for signed documents
 * verifies it, openssl among them.
 * @param certificate DER, base64: goes with the signature
 */
export function detachedSignature(
  content: Uint8Array,
  { privateKey, certificate }: { readonly privateKey: KeyObject; readonly certificate: string },
  at: Date,
): Uint8Array {
  const der = new X509Certificate(Buffer.from(certificate, 'base64')).raw;
  const parsed = AsnConvert.parse(new Uint8Array(der).buffer, Certificate);
  const digest = createHash('sha256').update(content).digest();
  const attribute = (attrType: string, value: ArrayBuffer) =>
    new Attribute({ attrType, attrValues: [value] });
  const signedAttrs = [
    attribute(CONTENT_TYPE, new Uint8Array(DATA_DER).buffer),
    attribute(MESSAGE_DIGEST, AsnConvert.serialize(new OctetString(digest))),
    attribute(SIGNING_TIME, AsnConvert.serialize(new Time(at))),
  ].sort(byEncoding);
  const { issuer, serialNumber } = parsed.tbsCertificate;
  const signer = new SignerInfo({
    version: 1,
    sid: new SignerIdentifier({
      issuerAndSerialNumber: new IssuerAndSerialNumber({ issuer, serialNumber }),
    }),
    digestAlgorithm: SHA_256,
    signatureAlgorithm: RSA,
    signedAttrs,
    signature: new OctetString(sign('sha256', setOf(signedAttrs), privateKey)),
  });
  const signed = new SignedData({
    version: 1,
    digestAlgorithms: new DigestAlgorithmIdentifiers([SHA_256]),
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: DATA }),
    certificates: new CertificateSet([new CertificateChoices({ certificate: parsed })]),
    signerInfos: new SignerInfos([signer]),
  });
  const info = new ContentInfo({ contentType: SIGNED_DATA, content: AsnConvert.serialize(signed) });
  return Buffer.from(AsnConvert.serialize(info));
}

/** The order of a SET OF in DER. */
function byEncoding(a: Attribute, b: Attribute): number {
  return Buffer.compare(Buffer.from(AsnConvert.serialize(a)), Buffer.from(AsnConvert.serialize(b)));
}
