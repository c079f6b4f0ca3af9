import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Configuration } from '../config/schema.ts';
import { Misconfigured } from '../operations/errors.ts';
import type { Pinned } from '../sources/spid/federation/pins.ts';
import { registryCertificate } from '../sources/spid/federation/trust.ts';

/**
 * The certificates that the configuration pins for the registry: AgID's, unless it names others.
 * @throws Misconfigured `trusted_signer`
 */
export function configuredPins({ sources }: Configuration): readonly Pinned[] {
  const { registry } = sources.spid.identityProviders;
  if (!registry) return [];
  if (registry.trustedSigners.length === 0) return [{ name: 'AgID', certificate: registryCertificate() }];
  return registry.trustedSigners.map((name) => ({ name, certificate: certificateIn(name) }));
}

/** @throws Misconfigured `trusted_signer` */
export function certificateIn(file: string): X509Certificate {
  try {
    return new X509Certificate(readFileSync(file));
  } catch (cause) {
    throw new Misconfigured(
      'trusted_signer',
      `sources.spid.identityProviders: trustedSigners: ${file} cannot be read; allowed: a file with one certificate in PEM`,
      { cause },
    );
  }
}
