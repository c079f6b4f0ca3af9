import { X509Certificate } from 'node:crypto';
import { certificateFacts } from '../../../keys/certificate.ts';
import { Refused } from '../../../operations/errors.ts';
import { isStrongKey } from '../../../saml/signature.ts';

/** @param der base64 */
export function certificateOf(der: string): X509Certificate {
  return new X509Certificate(Buffer.from(der, 'base64'));
}

/** Base64. Two certificates are the same when this is. */
export function derOf({ raw }: X509Certificate): string {
  return raw.toString('base64');
}

/**
 * A certificate as somebody pasted it, fit to be pinned.
 * @throws Refused `certificate_unreadable`, and those of refuseUnfit
 */
export function readPin(pem: string, now: Date): X509Certificate {
  const [block, ...more] = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const certificate = block !== undefined && more.length === 0 ? parsed(block) : undefined;
  if (!certificate)
    throw new Refused('certificate_unreadable', 'allowed: one certificate in PEM', { status: 422 });
  refuseUnfit(certificate, now);
  return certificate;
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(pem);
    // Read here: of an algorithm that nobody knows there is no key.
    return certificate.publicKey.type === 'public' ? certificate : undefined;
  } catch {
    return undefined;
  }
}

/** @throws Refused `certificate_weak`, `certificate_expired` (422) */
export function refuseUnfit(certificate: X509Certificate, now: Date): void {
  if (!isStrongKey(certificate.publicKey))
    throw new Refused('certificate_weak', 'allowed: RSA of 2048 bits or more, or EC P-256, P-384 or P-521', {
      status: 422,
    });
  if (certificateFacts(certificate).notAfter <= now)
    throw new Refused('certificate_expired', 'the certificate has expired', { status: 422 });
}

export function isValidOn(certificate: X509Certificate, now: Date): boolean {
  const { notBefore, notAfter } = certificateFacts(certificate);
  return notBefore <= now && now < notAfter;
}

/** @param given SHA-256, hexadecimal: with or without colons and blanks, in capitals or not */
export function hasFingerprint(certificate: X509Certificate, given: string): boolean {
  return given.replace(/[\s:]/g, '').toLowerCase() === certificateFacts(certificate).fingerprint;
}

/** Kind and size of its key: `RSA 4096`. */
export function keyOf({ publicKey }: X509Certificate): string {
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  return `${(publicKey.asymmetricKeyType ?? '').toUpperCase()} ${modulusLength ?? namedCurve ?? ''}`.trim();
}
