import type { Configuration } from '../config/schema.ts';
import type { KeyRing } from '../keys/directory.ts';
import { masterKeyCommand, masterKeyOf } from '../keys/master-key.ts';
import type { Cipher } from '../keys/cipher.ts';
import type { EntryKind } from '../register/entry.ts';
import { RegisterKeys } from '../register/keys.ts';
import { Register } from '../register/register.ts';

/** The register's keys where the configuration says they are, wrapped by the master key it names. */
export function openRegisterKeys(configuration: Configuration, keys: Pick<KeyRing, 'cipher'>): RegisterKeys {
  return new RegisterKeys(
    configuration.register.keyDirectory ?? configuration.keys.directory,
    masterKey(configuration, keys),
  );
}

export function openRegister(
  configuration: Configuration,
  keys: Pick<KeyRing, 'cipher' | 'personHash'>,
  written?: (kind: EntryKind) => void,
): Register {
  return new Register(openRegisterKeys(configuration, keys), keys.personHash, written);
}

function masterKey({ register }: Configuration, keys: Pick<KeyRing, 'cipher'>): Cipher {
  const given = register.masterKey;
  if (given === undefined) return keys.cipher;
  return 'command' in given ? masterKeyCommand(given.command) : masterKeyOf(given.key, 'register.masterKey');
}
