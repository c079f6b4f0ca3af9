import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';

/** Encrypts what is personal before it reaches a table. */
export interface Cipher {
  /** @param context what the value is and where it belongs; the same must be given to open it */
  seal(plain: Uint8Array, context: string): Uint8Array;
  /** @throws CannotOpen when the value was altered, moved to another place, or sealed under an unknown key */
  open(sealed: Uint8Array, context: string): Buffer;
}

/** A symmetric key with a name that stays with what it sealed. */
export interface SecretKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** Says which place, never what was there. */
export class CannotOpen extends Error {
  override readonly name = 'CannotOpen';
  readonly code = 'cannot_open';
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM. A sealed value is: length of the key id, key id, nonce, ciphertext, tag. The context is authenticated
 * but not stored, so that a row's content copied into another row does not open there.
 * @param keys newest first: the first seals, all open
 */
export function cipherOf(keys: readonly [SecretKey, ...SecretKey[]]): Cipher {
  // As key objects: to make one of the bytes costs more than to seal with it.
  const byId = new Map(keys.map(({ id, key }) => [id, createSecretKey(key)]));
  const [newest] = keys;
  const sealing = createSecretKey(newest.key);

  return {
    seal(plain, context) {
      const id = Buffer.from(newest.id);
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([Buffer.of(id.length), id, nonce, body, cipher.getAuthTag()]);
    },

    open(sealed, context) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      const idEnd = 1 + (bytes[0] ?? 0);
      const id = bytes.subarray(1, idEnd).toString();
      const key = byId.get(id);
      // The id is not quoted: where something else than a sealed value stands, it would be a part of that.
      if (!key) throw new CannotOpen(`no key in the directory opens ${context}`);
      if (bytes.length < idEnd + NONCE_BYTES + TAG_BYTES) throw new CannotOpen(`${context} is cut short`);
      const nonce = bytes.subarray(idEnd, idEnd + NONCE_BYTES);
      const body = bytes.subarray(idEnd + NONCE_BYTES, -TAG_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return Buffer.concat([decipher.update(body), decipher.final()]);
      } catch (cause) {
        throw new CannotOpen(`${context} was altered or belongs elsewhere`, { cause });
      }
    },
  };
}
