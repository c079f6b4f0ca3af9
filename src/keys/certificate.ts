import { createHash, createPublicKey, randomBytes, type KeyObject, type X509Certificate } from 'node:crypto';
import type * as X509 from '@peculiar/x509';

/** The body a certificate stands for: the subject of a public service provider (spid-sp-metadata, 5). */
export interface CertificateSubject {
  /** As in OrganizationDisplayName. */
  readonly commonName: string;
  /** As in OrganizationName. */
  readonly organizationName: string;
  /** The SPID entityID. */
  readonly entityId: string;
  /** Code in the index of public bodies (IPA). */
  readonly ipaCode: string;
  /** City of the legal seat. */
  readonly locality: string;
  /** Whether it also seals for bodies that the union aggregates: a policy more (spid-aggregator, 4). */
  readonly aggregator?: boolean;
}

/** Object identifiers of what AgID asks for beyond the usual (spid-sp-metadata, 5). */
export const OID = {
  uri: '2.5.4.83',
  organizationIdentifier: '2.5.4.97',
  agidCertificate: '1.3.76.16.6',
  publicServiceProvider: '1.3.76.16.4.2.1',
  publicAggregator: '1.3.76.16.4.2.2',
} as const;

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

/**
 * Makes the self-signed seal certificate of a public service provider, exactly as AgID wants it (spid-sp-metadata, 5).
 * @param key RSA private key of 2048, 3072 or 4096 bits
 * @returns PEM
 */
export async function selfSignedCertificate(
  subject: CertificateSubject,
  key: KeyObject,
  from: Date,
  years: number,
): Promise<string> {
  const { x509, keys, extensions } = await materials(subject, key);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: positiveSerial(),
    name: nameOf(x509, subject),
    notBefore: from,
    notAfter: new Date(from.getTime() + years * YEAR_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      ...extensions,
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return certificate.toString('pem');
}

/**
 * Asks AgID for a certificate: a PKCS#10 request with the same subject and extensions (spid-aggregator, 4).
 * @returns PEM
 */
export async function certificateRequest(subject: CertificateSubject, key: KeyObject): Promise<string> {
  const { x509, keys, extensions } = await materials(subject, key);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: nameOf(x509, subject),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions,
  });
  return request.toString('pem');
}

const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const;

/** Libraries, keys in their form, and what certificate and request have in common. */
async function materials(subject: CertificateSubject, key: KeyObject) {
  // Loaded here: only making a certificate needs these libraries, running the gateway does not.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const { AsnConvert } = await import('@peculiar/asn1-schema');
  const asn1 = await import('@peculiar/asn1-x509');

  const extractable = true;
  const privateKey = await crypto.subtle.importKey('pkcs8', der(key), ALGORITHM, extractable, ['sign']);
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const publicKey = await crypto.subtle.importKey('spki', new Uint8Array(spki), ALGORITHM, extractable, [
    'verify',
  ]);
  const policy = (oid: string, text: string) =>
    new asn1.PolicyInformation({
      policyIdentifier: oid,
      policyQualifiers: [
        new asn1.PolicyQualifierInfo({
          policyQualifierId: asn1.id_qt_unotice,
          qualifier: AsnConvert.serialize(
            new asn1.UserNotice({ explicitText: new asn1.DisplayText({ utf8String: text }) }),
          ),
        }),
      ],
    });
  const policies = new asn1.CertificatePolicies([
    policy(OID.agidCertificate, 'agIDcert'),
    policy(OID.publicServiceProvider, 'cert_SP_Pub'),
    ...(subject.aggregator ? [policy(OID.publicAggregator, 'cert_AggFull_Pub')] : []),
  ]);
  const usage = x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.nonRepudiation;
  return {
    x509,
    keys: { privateKey, publicKey },
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, false),
      new x509.KeyUsagesExtension(usage, true),
      new x509.Extension(asn1.id_ce_certificatePolicies, false, AsnConvert.serialize(policies)),
    ],
  };
}

/** One attribute per relative distinguished name, in the order AgID's own generator uses. */
function nameOf(x509: typeof X509, subject: CertificateSubject): X509.Name {
  return new x509.Name([
    { O: [{ utf8String: subject.organizationName }] },
    { CN: [{ utf8String: subject.commonName }] },
    { [OID.uri]: [{ utf8String: subject.entityId }] },
    { [OID.organizationIdentifier]: [{ utf8String: `PA:IT-${subject.ipaCode}` }] },
    { C: [{ printableString: 'IT' }] },
    { L: [{ utf8String: subject.locality }] },
  ]);
}

/** A certificate as the expiry calendar and the lists show it. */
export interface CertificateFacts {
  /** SHA-256 of the DER, hexadecimal. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export function certificateFacts(certificate: X509Certificate): CertificateFacts {
  return {
    fingerprint: createHash('sha256').update(certificate.raw).digest('hex'),
    subject: certificate.subject.replaceAll('\n', ', '),
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
  };
}

function der(key: KeyObject): Uint8Array<ArrayBuffer> {
  return new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }));
}

/** 126 random bits: never negative, never zero, never seen before. */
function positiveSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}
