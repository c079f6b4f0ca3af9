import type { KeyObject } from 'node:crypto';
import type { SpidOptions } from './options.ts';
import type { IdentityProvider } from './registry.ts';

/** The key itself, as SubjectPublicKeyInfo: with it the signature can be verified again after the provider's rollover. */
export function publicKeyOf(key: KeyObject): Uint8Array {
  return key.export({ format: 'der', type: 'spki' });
}

/** The version of a provider's metadata that is in use now stays to be looked at, as long as entries name it. */
export function keepMetadata(
  { register, store, clock }: Pick<SpidOptions, 'register' | 'store' | 'clock'>,
  { metadata, metadataHash }: IdentityProvider,
): Promise<void> {
  return register.keep(store.db, metadataHash, metadata, clock.now());
}
