import { Misconfigured } from '../operations/errors.ts';

/** What opens the files of a key directory. */
export interface Passphrases {
  readonly passphrase: string;
  /** Opens what has not been written again yet since the passphrase was changed. */
  readonly previousPassphrase?: string | undefined;
}

/**
 * Opens something with the passphrase or, while that is being changed, with the previous one.
 * @param file for the message
 * @throws Misconfigured `keys_locked` when neither opens it
 */
export function withEither<T>(
  file: string,
  { passphrase, previousPassphrase }: Passphrases,
  open: (passphrase: string) => T,
): T {
  try {
    return open(passphrase);
  } catch (cause) {
    if (previousPassphrase !== undefined) {
      return withEither(file, { passphrase: previousPassphrase }, open);
    }
    throw new Misconfigured(
      'keys_locked',
      `${file}: cannot be opened with the passphrase given in keys.passphrase; if that was changed, the old one belongs in keys.previousPassphrase`,
      { cause },
    );
  }
}
