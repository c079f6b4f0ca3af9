import { X509Certificate } from 'node:crypto';
import type * as Schema from '@peculiar/asn1-schema';
import type * as Asn1 from '@peculiar/asn1-x509';
import { OID, type CertificateSubject } from './certificate.ts';

/** What a rule demands of a field; stable. */
export type CertificateDemand =
  | 'der'
  | 'key'
  | 'hash'
  | 'serial'
  | 'value'
  | 'identifier'
  | 'absent'
  | 'one-per-name'
  | 'present'
  | 'not-critical'
  | 'no-authority'
  | 'critical'
  | 'usage'
  | 'policy'
  | 'period';

/** A rule that a certificate breaks: the field, what was found, what is allowed. */
export interface CertificateViolation {
  readonly rule: string;
  readonly key: string;
  readonly demand: CertificateDemand;
  readonly found: string;
  readonly allowed: string;
}

/**
 * The body a certificate has to stand for. What is left out only has to be there; an aggregator's own certificate has
 * another policy, and which one AgID wants is not certain, so `policies` names those of which one is enough.
 */
export type ExpectedCertificate = {
  readonly [K in keyof CertificateSubject]?: CertificateSubject[K] | undefined;
} & {
  /** Object identifiers; default: the public service provider's, and the aggregator's if it is to be one. */
  readonly policies?: readonly string[];
};

/** What a rule looks at. */
interface Examined {
  readonly certificate: X509Certificate;
  readonly asn1: Asn1.Certificate;
  readonly library: typeof Asn1;
  readonly schema: typeof Schema;
  readonly expected: ExpectedCertificate;
  readonly now: Date;
}

type Fault = readonly [key: string, demand: CertificateDemand, found: string, allowed: string];

const RSA_BITS = [2048, 3072, 4096];

/** sha256WithRSAEncryption and sha512WithRSAEncryption. */
const SIGNATURES = ['1.2.840.113549.1.1.11', '1.2.840.113549.1.1.13'];

/** Subject attributes that name a person, or that older checkers refuse. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  '2.5.4.41': 'name',
  '2.5.4.4': 'surname',
  '2.5.4.42': 'givenName',
  '2.5.4.43': 'initials',
  '2.5.4.65': 'pseudonym',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  certificatePolicies: '2.5.29.32',
} as const;

/** digitalSignature (bit 0) and nonRepudiation (bit 1), as the library numbers them. */
const SEAL_USAGE = 0b11;

/**
 * Compares a certificate with what AgID asks of a public service provider's (spid-sp-metadata, 5).
 * @param der the certificate
 * @param expected the body it has to stand for
 * @returns every rule broken; empty when all is well
 */
export async function checkCertificate(
  der: Uint8Array,
  expected: ExpectedCertificate,
  now: Date,
): Promise<CertificateViolation[]> {
  const library = await import('@peculiar/asn1-x509');
  const schema = await import('@peculiar/asn1-schema');
  try {
    const asn1 = schema.AsnConvert.parse(der, library.Certificate);
    const certificate = new X509Certificate(der);
    const rules = [keyFaults, subjectFaults, usageFaults, policyFaults, validityFaults];
    return rules
      .flatMap((rule) => rule({ certificate, asn1, library, schema, expected, now }))
      .map(violation);
  } catch {
    return [violation(['certificate', 'der', 'bytes that cannot be read', 'X.509 in DER'])];
  }
}

function violation([key, demand, found, allowed]: Fault): CertificateViolation {
  return { rule: 'spid-sp-metadata 5', key, demand, found, allowed };
}

function keyFaults({ certificate: { publicKey }, asn1 }: Examined): Fault[] {
  const faults: Fault[] = [];
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (publicKey.asymmetricKeyType !== 'rsa' || !RSA_BITS.includes(bits)) {
    const found = `${publicKey.asymmetricKeyType ?? 'unknown'} ${bits || ''}`.trim();
    faults.push(['key', 'key', found, `rsa of ${RSA_BITS.join(', ')} bits`]);
  }
  const { algorithm } = asn1.signatureAlgorithm;
  if (!SIGNATURES.includes(algorithm))
    faults.push(['signature', 'hash', algorithm, 'RSA with SHA-256 or SHA-512']);
  const serial = Buffer.from(asn1.tbsCertificate.serialNumber);
  if (((serial[0] ?? 0x80) & 0x80) !== 0 || serial.every((byte) => byte === 0)) {
    faults.push(['serialNumber', 'serial', serial.toString('hex'), 'a positive number']);
  }
  return faults;
}

function subjectFaults({ asn1, expected }: Examined): Fault[] {
  const names = [...asn1.tbsCertificate.subject];
  const attributes = names.flatMap((name) => [...name]);
  const identifier = expected.ipaCode === undefined ? undefined : `PA:IT-${expected.ipaCode}`;
  const wanted: readonly [name: string, oid: string, value: string | undefined][] = [
    ['commonName', '2.5.4.3', expected.commonName],
    ['organizationName', '2.5.4.10', expected.organizationName],
    ['uri', OID.uri, expected.entityId],
    ['organizationIdentifier', OID.organizationIdentifier, identifier],
    ['countryName', '2.5.4.6', 'IT'],
    ['localityName', '2.5.4.7', expected.locality],
  ];
  const faults = wanted.flatMap(([name, oid, value]): Fault[] => {
    const found = attributes
      .filter(({ type }) => type === oid)
      .map((attribute) => attribute.value.toString());
    return found.length === 1 && (value === undefined ? found[0] !== '' : found[0] === value)
      ? []
      : [[`subject.${name}`, 'value', found.join(' and ') || 'nothing', value ?? 'one value']];
  });
  const stated = attributes.find(({ type }) => type === OID.organizationIdentifier)?.value.toString();
  const wantedIdentifier = identifier ?? stated ?? '';
  if (!/^PA:IT-\S{1,16}$/.test(wantedIdentifier)) {
    faults.push([
      'subject.organizationIdentifier',
      'identifier',
      wantedIdentifier,
      'PA:IT- and 1 to 16 characters without blanks',
    ]);
  }
  for (const { type } of attributes) {
    const name = FORBIDDEN[type];
    if (name) faults.push([`subject.${name}`, 'absent', 'present', 'absent']);
  }
  if (names.some((name) => [...name].length !== 1)) {
    faults.push([
      'subject',
      'one-per-name',
      'several attributes in one name',
      'one attribute in each relative distinguished name',
    ]);
  }
  return faults;
}

function usageFaults(examined: Examined): Fault[] {
  const { library, schema } = examined;
  const faults: Fault[] = [];
  const constraints = extension(examined, EXTENSION.basicConstraints);
  const ca = constraints && schema.AsnConvert.parse(constraints.extnValue, library.BasicConstraints);
  if (!ca) faults.push(['basicConstraints', 'present', 'absent', 'present']);
  if (constraints?.critical) faults.push(['basicConstraints', 'not-critical', 'critical', 'not critical']);
  if (ca?.cA) faults.push(['basicConstraints.cA', 'no-authority', 'true', 'false']);
  if (ca?.pathLenConstraint !== undefined) {
    faults.push(['basicConstraints.pathLen', 'absent', String(ca.pathLenConstraint), 'absent']);
  }
  const keyUsage = extension(examined, EXTENSION.keyUsage);
  const usage = keyUsage && schema.AsnConvert.parse(keyUsage.extnValue, library.KeyUsage);
  if (!keyUsage?.critical)
    faults.push(['keyUsage', 'critical', keyUsage ? 'not critical' : 'absent', 'present and critical']);
  if (usage && usage.toNumber() !== SEAL_USAGE) {
    faults.push([
      'keyUsage',
      'usage',
      usage.toJSON().join(', ') || 'nothing',
      'digitalSignature, nonRepudiation',
    ]);
  }
  if (!extension(examined, EXTENSION.subjectKeyIdentifier)) {
    faults.push(['subjectKeyIdentifier', 'present', 'absent', 'present']);
  }
  return faults;
}

function policyFaults(examined: Examined): Fault[] {
  const { library, schema } = examined;
  const policies = extension(examined, EXTENSION.certificatePolicies);
  const listed = policies
    ? [...schema.AsnConvert.parse(policies.extnValue, library.CertificatePolicies)].map(
        ({ policyIdentifier }) => policyIdentifier,
      )
    : [];
  const { expected } = examined;
  const wanted = [
    OID.agidCertificate,
    ...(expected.policies ? [] : [OID.publicServiceProvider]),
    ...(expected.aggregator ? [OID.publicAggregator] : []),
  ];
  const missing = wanted.filter((oid) => !listed.includes(oid));
  const none = expected.policies?.some((oid) => listed.includes(oid)) === false;
  return [
    ...(policies?.critical
      ? [['certificatePolicies', 'not-critical', 'critical', 'not critical'] as const]
      : []),
    ...missing.map(
      (oid) =>
        ['certificatePolicies', 'policy', listed.join(', ') || 'nothing', `a list with ${oid}`] as const,
    ),
    ...(none
      ? [
          [
            'certificatePolicies',
            'policy',
            listed.join(', ') || 'nothing',
            `a list with ${expected.policies?.join(' or ')}`,
          ] as const,
        ]
      : []),
  ];
}

function validityFaults({ certificate, now }: Examined): Fault[] {
  const [from, to] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  const allowed = `a period around ${now.toISOString()}`;
  if (now < from && from.getTime() - now.getTime() >= 1000)
    return [['validity', 'period', `from ${from.toISOString()}`, allowed]];
  return to <= now ? [['validity', 'period', `until ${to.toISOString()}`, allowed]] : [];
}

function extension({ asn1 }: Examined, oid: string) {
  return asn1.tbsCertificate.extensions?.find(({ extnID }) => extnID === oid);
}
