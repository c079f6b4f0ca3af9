import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { cipherOf, CannotOpen, type Cipher } from '../keys/cipher.ts';
import { readKeyFile, refuseIfShared, replaceFile, writeNew } from '../keys/files.ts';
import type { Wrapping } from '../keys/rewrap.ts';
import { Misconfigured, Unavailable } from '../operations/errors.ts';
import { addMonths, type Month } from './month.ts';

/** The keys of one entity's register. */
export interface EntityKeys {
  /** Tells this entity's keys from any others; no secret. */
  readonly id: string;
  /** The month before which everything is forgotten. */
  readonly oldest: Month;
  /** Seals under the data key of the month. The context must be given again to open it. */
  seal(month: Month, plain: Uint8Array, context: string): Uint8Array;
  /** @throws CannotOpen when the month's key is destroyed, or the value was altered or moved */
  open(sealed: Uint8Array, context: string): Buffer;
  /** The month whose key sealed a value. */
  monthOf(sealed: Uint8Array): Month;
  /** Keyed hash that only the holder of the keys can make: for what the database must not be able to forge. */
  mac(text: string): string;
  /**
   * Destroys the keys of a month and of all before it, for good. To be called by one process at a time (lockChain).
   * @throws Misconfigured `keys_locked` when the master key was changed and this process still has the old one
   */
  destroyThrough(month: Month): void;
}

/** Earlier than anything registered, so that a clock that was wrong on the first day harms nothing. */
const FIRST_MONTH = '2020-01';

const schema = z.strictObject({
  month: z.string().regex(/^\d{4}-\d{2}$/),
  /** Sealed under the master key, as `proof`. */
  state: z.base64(),
  proof: z.base64(),
});
type KeyFile = z.infer<typeof schema>;

/**
 * The data keys of the register, one for each entity and month, wrapped by a master key and kept in files: never in the
 * database, so that no backup of the database brings a destroyed key back. Every month's state follows from the state
 * of the month before by a one-way function. To destroy a month is to replace the file by the state of the next month:
 * later keys still follow from it, earlier ones no longer do (docs/adr/0035).
 */
export class RegisterKeys {
  readonly #directory: string;
  readonly #master: Cipher;
  readonly #previous: Cipher | undefined;
  readonly #entities = new Map<string, EntityKeys>();

  /**
   * @param master wraps what the files hold
   * @param previous opens files that were not wrapped again yet since the master key was changed
   */
  constructor(directory: string, master: Cipher, previous?: Cipher) {
    this.#directory = directory;
    this.#master = master;
    this.#previous = previous;
  }

  /** Every entity that has keys here, whatever the configuration says. */
  entities(): string[] {
    if (!existsSync(this.#directory)) return [];
    return readdirSync(this.#directory)
      .flatMap((name) => /^register-([a-z][a-z0-9_-]*)\.json$/.exec(name)?.[1] ?? [])
      .sort();
  }

  /** Which master key an entity's file opens with. */
  wrapping(entityId: string): Wrapping {
    try {
      return this.#unlock(entityId).wrapping;
    } catch (error) {
      if (error instanceof Misconfigured && error.code === 'keys_locked') return 'neither';
      throw error;
    }
  }

  /**
   * Wraps an entity's keys again where only the previous master key opens them. To be called by one process at a time
   * (lockChain), for a month that is destroyed meanwhile would come back.
   * @returns whether that was needed
   * @throws Misconfigured as `of` does
   */
  rewrap(entityId: string): boolean {
    const { wrapping, month, state, proof } = this.#unlock(entityId);
    if (wrapping === 'present') return false;
    replaceFile(this.#file(entityId), this.#sealed(entityId, month, state, proof));
    return true;
  }

  /** Whether the entity has keys here. */
  has(entityId: string): boolean {
    return this.#entities.has(entityId) || existsSync(this.#file(entityId));
  }

  /**
   * The keys of an entity, made when there are none: only for a register that has no entry yet.
   * @throws Misconfigured `keys_readable`, `keys_damaged`, `keys_locked`
   */
  begin(entityId: string): EntityKeys {
    if (!this.has(entityId)) this.#create(entityId);
    return this.of(entityId);
  }

  /**
   * The keys of an entity.
   * @throws Unavailable `register_keys_missing`; Misconfigured `keys_readable`, `keys_damaged`, `keys_locked`
   */
  of(entityId: string): EntityKeys {
    const known = this.#entities.get(entityId);
    if (known) return known;
    if (!this.has(entityId))
      throw new Unavailable(
        'register_keys_missing',
        `the keys of the register of ${entityId} are not here; restore register-${entityId}.json from a copy`,
      );
    const keys = this.#open(entityId);
    this.#entities.set(entityId, keys);
    return keys;
  }

  #file(entityId: string): string {
    return join(this.#directory, `register-${entityId}.json`);
  }

  #create(entityId: string): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const content = this.#sealed(entityId, FIRST_MONTH, randomBytes(32), randomBytes(32));
    try {
      writeNew(this.#file(entityId), content);
    } catch (error) {
      // Another process of ours was first: its keys are the ones.
      if (!(error instanceof Misconfigured) || error.code !== 'keys_exist') throw error;
    }
  }

  #sealed(entityId: string, month: Month, state: Uint8Array, proof: Uint8Array): string {
    const seal = (what: string, key: Uint8Array) =>
      Buffer.from(this.#master.seal(key, place(entityId, what))).toString('base64');
    const file: KeyFile = { month, state: seal(`state:${month}`, state), proof: seal('proof', proof) };
    return `${JSON.stringify(file, null, 2)}\n`;
  }

  #open(entityId: string): EntityKeys {
    refuseIfShared(this.#file(entityId));
    const { month, state, proof } = this.#unlock(entityId);
    return new Ratchet(month, state, proof, (next, nextState) => {
      // What the file holds now: another process may have been here first, or have changed the master key.
      if (this.#unlock(entityId).month < next)
        replaceFile(this.#file(entityId), this.#sealed(entityId, next, nextState, proof));
    });
  }

  #unlock(entityId: string): Unlocked {
    const file = this.#file(entityId);
    const { month, ...sealed } = parsed(file, readKeyFile(file));
    const open = (master: Cipher, what: string, value: string) =>
      master.open(Buffer.from(value, 'base64'), place(entityId, what));
    const unlocked = (master: Cipher, wrapping: Unlocked['wrapping']): Unlocked => ({
      month,
      state: open(master, `state:${month}`, sealed.state),
      proof: open(master, 'proof', sealed.proof),
      wrapping,
    });
    try {
      return unlocked(this.#master, 'present');
    } catch (cause) {
      if (!(cause instanceof CannotOpen)) throw cause;
      try {
        if (this.#previous) return unlocked(this.#previous, 'previous');
      } catch (error) {
        if (!(error instanceof CannotOpen)) throw error;
      }
      throw new Misconfigured(
        'keys_locked',
        `${file}: cannot be opened with the master key (register.masterKey); if that was changed, the old one belongs in register.previousMasterKey`,
        { cause },
      );
    }
  }
}

/** What an entity's file holds. */
interface Unlocked {
  readonly month: Month;
  readonly state: Buffer;
  readonly proof: Buffer;
  readonly wrapping: Exclude<Wrapping, 'neither'>;
}

/** Keys that can be worked out forward in time and never backward. */
class Ratchet implements EntityKeys {
  readonly id: string;
  readonly #macKey: KeyObject;
  readonly #save: (month: Month, state: Buffer) => void;
  readonly #states = new Map<Month, Buffer>();
  readonly #ciphers = new Map<Month, Cipher>();
  #oldest: Month;

  constructor(month: Month, state: Buffer, proof: Buffer, save: (month: Month, state: Buffer) => void) {
    this.#oldest = month;
    this.#states.set(month, state);
    this.#save = save;
    this.#macKey = createSecretKey(derive(proof, 'mac'));
    this.id = derive(proof, 'id').toString('hex').slice(0, 16);
  }

  get oldest(): Month {
    return this.#oldest;
  }

  seal(month: Month, plain: Uint8Array, context: string): Uint8Array {
    return this.#cipher(month).seal(plain, context);
  }

  open(sealed: Uint8Array, context: string): Buffer {
    return this.#cipher(this.monthOf(sealed)).open(sealed, context);
  }

  monthOf(sealed: Uint8Array): Month {
    // A sealed value begins with the name of its key (keys/cipher.ts): here, the month.
    return Buffer.from(sealed.subarray(1, 1 + (sealed[0] ?? 0))).toString('latin1');
  }

  mac(text: string): string {
    return createHmac('sha256', this.#macKey).update(text).digest('base64url');
  }

  destroyThrough(month: Month): void {
    if (month < this.#oldest) return;
    const next = addMonths(month, 1);
    const state = this.#state(next);
    this.#save(next, state);
    for (const kept of [...this.#states.keys()]) {
      if (kept > month) continue;
      this.#states.get(kept)?.fill(0);
      this.#states.delete(kept);
      this.#ciphers.delete(kept);
    }
    this.#oldest = next;
  }

  #cipher(month: Month): Cipher {
    const known = this.#ciphers.get(month);
    if (known) return known;
    const cipher = cipherOf([{ id: month, key: derive(this.#state(month), 'data') }]);
    this.#ciphers.set(month, cipher);
    return cipher;
  }

  #state(month: Month): Buffer {
    const known = this.#states.get(month);
    if (known) return known;
    if (!/^\d{4}-\d{2}$/.test(month) || month > FURTHEST_MONTH) {
      throw new CannotOpen('the register names no month as its key');
    }
    if (month < this.#oldest) throw new CannotOpen(`the register's key of ${month} was destroyed`);
    const state = derive(this.#state(addMonths(month, -1)), 'next month');
    this.#states.set(month, state);
    return state;
  }
}

/** No clock of ours gets there; something that was altered might claim to. */
const FURTHEST_MONTH = '2120-01';

function derive(key: Uint8Array, what: string): Buffer {
  return createHmac('sha256', key).update(what).digest();
}

function place(entityId: string, what: string): string {
  return `register-key:${entityId}:${what}`;
}

function parsed(file: string, text: string): KeyFile {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Misconfigured(
      'keys_damaged',
      `${file}: not as it was written; restore it from a copy, nothing can replace it`,
      { cause },
    );
  }
}
