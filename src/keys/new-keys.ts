import { generateKeyPair, X509Certificate, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from '../operations/clock.ts';
import { Misconfigured } from '../operations/errors.ts';
import { checkCertificate } from './certificate-check.ts';
import { selfSignedCertificate, type CertificateSubject } from './certificate.ts';
import type { Passphrases } from './passphrases.ts';
import { sealPrivateKey } from './private-key.ts';

export interface CertificateCreation extends Passphrases {
  /** RSA modulus of the SAML keys in bits: 2048, 3072 or 4096. */
  readonly rsaBits: 2048 | 3072 | 4096;
  /** Validity of the certificates. */
  readonly years: number;
  readonly clock: Clock;
}

export interface NewFile {
  readonly name: string;
  readonly content: string;
}

export const generate = promisify(generateKeyPair) as (
  type: 'rsa' | 'ec',
  options: { readonly modulusLength: number } | { readonly namedCurve: string },
) => Promise<{ readonly privateKey: KeyObject }>;

/** A new key with a certificate that it signs itself: the files to write. Throws as certificateFor does. */
export async function newSamlKey(
  name: string,
  subject: CertificateSubject,
  options: CertificateCreation,
): Promise<NewFile[]> {
  const { privateKey } = await generate('rsa', { modulusLength: options.rsaBits });
  return [
    { name: `${name}.key.pem`, content: sealPrivateKey(privateKey, options.passphrase) },
    await certificateFor(name, privateKey, subject, options),
  ];
}

/** @throws Misconfigured `certificate_invalid` when the certificate would break a rule of AgID's */
export async function certificateFor(
  name: string,
  privateKey: KeyObject,
  subject: CertificateSubject,
  { years, clock }: CertificateCreation,
): Promise<NewFile> {
  const now = clock.now();
  const certificate = await selfSignedCertificate(subject, privateKey, now, years);
  await refuseUnfit(name, new X509Certificate(certificate).raw, subject, now);
  return { name: `${name}.crt.pem`, content: `${certificate}\n` };
}

/** @throws Misconfigured `certificate_invalid` naming every rule of AgID's that the certificate breaks */
export async function refuseUnfit(
  name: string,
  der: Uint8Array,
  subject: CertificateSubject,
  now: Date,
): Promise<void> {
  const violations = await checkCertificate(der, subject, now);
  if (violations.length === 0) return;
  const lines = violations.map(
    ({ rule, key, found, allowed }) => `  ${key}: found ${found}; allowed: ${allowed} (${rule})`,
  );
  throw new Misconfigured(
    'certificate_invalid',
    `The certificate ${name} would not be accepted:\n${lines.join('\n')}`,
  );
}
