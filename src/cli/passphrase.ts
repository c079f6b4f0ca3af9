import { Misconfigured } from '../operations/errors.ts';

/** Whoever gets hold of the key files tries passphrases at leisure, in characters. */
const SHORTEST_PASSPHRASE = 16;

/** @throws Misconfigured `passphrase_weak`; the passphrase is not repeated */
export function refuseShortPassphrase(passphrase: string): void {
  if (passphrase.length >= SHORTEST_PASSPHRASE) return;
  throw new Misconfigured(
    'passphrase_weak',
    `keys.passphrase: found ${passphrase.length} characters; allowed: ${SHORTEST_PASSPHRASE} or more, random ones`,
  );
}
