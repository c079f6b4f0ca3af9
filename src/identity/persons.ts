import { randomUUID } from 'node:crypto';
import type { KeyedHash } from '../keys/keyed-hash.ts';
import type { Clock } from '../operations/clock.ts';
import type { Transaction } from '../store/store.ts';
import type { PersonKey } from './identity.ts';

/** Who is who: one random identifier per person, found by keyed hashes of what she is known by (one-identity, 1–2). */
export class Persons {
  readonly #hash: KeyedHash;
  readonly #clock: Clock;

  constructor(hash: KeyedHash, clock: Clock) {
    this.#hash = hash;
    this.#clock = clock;
  }

  /**
   * The person behind a key; made at her first login. Of two first logins at once both get the same person. A person
   * found under an older key of ours is rewritten under the newest.
   */
  async findOrCreate(transaction: Transaction, key: PersonKey): Promise<string> {
    const candidates = this.#hash.candidates(hashInput(key));
    const [current, ...older] = candidates;
    if (!current) throw new Error('no key to hash persons with');
    const known = await this.#find(
      transaction,
      candidates.map(({ hash }) => hash),
    );
    if (known?.key_hash === current.hash) return known.person_id;
    if (known && older.some(({ hash }) => hash === known.key_hash)) {
      await this.#rewrite(transaction, known.key_hash, current);
      return known.person_id;
    }
    return this.#create(transaction, key, current);
  }

  /** The person behind a key, if she was ever here. */
  async find(transaction: Transaction, key: PersonKey): Promise<string | undefined> {
    const hashes = this.#hash.candidates(hashInput(key)).map(({ hash }) => hash);
    return (await this.#find(transaction, hashes))?.person_id;
  }

  #find(transaction: Transaction, hashes: readonly string[]) {
    return transaction
      .selectFrom('person_keys')
      .selectAll()
      .where('key_hash', 'in', hashes)
      .executeTakeFirst();
  }

  async #rewrite(transaction: Transaction, from: string, to: { keyId: string; hash: string }): Promise<void> {
    await transaction
      .updateTable('person_keys')
      .set({ key_hash: to.hash, key_id: to.keyId })
      .where('key_hash', '=', from)
      .execute();
  }

  async #create(
    transaction: Transaction,
    key: PersonKey,
    current: { keyId: string; hash: string },
  ): Promise<string> {
    const id = randomUUID();
    const now = this.#clock.now().getTime();
    await transaction.insertInto('persons').values({ id, created_at: now }).execute();
    const inserted = await transaction
      .insertInto('person_keys')
      .values({
        key_hash: current.hash,
        key_id: current.keyId,
        kind: key.kind,
        person_id: id,
        created_at: now,
      })
      .onConflict((conflict) => conflict.column('key_hash').doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 1n) return id;
    // Another first login of the same person won: hers is the person, ours never was one.
    await transaction.deleteFrom('persons').where('id', '=', id).execute();
    const known = await this.#find(transaction, [current.hash]);
    if (!known) throw new Error('a person vanished while she was looked up');
    return known.person_id;
  }
}

/** The kind is part of what is hashed, so that values of different kinds never meet. */
export function hashInput(key: PersonKey): string {
  return `${key.kind}:${key.value}`;
}
