import type { By } from '../audit/entry.ts';
import { differences } from '../audit/difference.ts';
import { hashInput } from '../identity/persons.ts';
import type { KeyedHash } from '../keys/keyed-hash.ts';
import { Refused } from '../operations/errors.ts';
import type { Client } from './client.ts';
import type { RegisteredClient } from './registered.ts';

/** What of a live client one person may change alone: neither citizens nor the protocol see any of it. */
const ALONE: readonly (keyof Client)[] = ['contacts'];

/**
 * Where two pairs of eyes are wanted: what gets live, a client or a change of one, was written by one person and
 * approved by another. Whoever sits at the server stands outside: the configuration is hers too.
 */
export class FourEyes {
  readonly #wanted: boolean;
  readonly #personHash: KeyedHash;

  constructor(wanted: boolean, personHash: KeyedHash) {
    this.#wanted = wanted;
    this.#personHash = personHash;
  }

  /** Whether a change has to wait for somebody else. */
  holdBack({ state, client }: RegisteredClient, after: Client, by: By): boolean {
    if (!this.#looksAt(by) || state !== 'live') return false;
    return differences(guarded(client), guarded(after)).length > 0;
  }

  /**
   * @param authors keyed hashes of those who wrote what is to be approved
   * @throws Refused `person_needed`, `same_person` (403)
   */
  refuseAuthors(by: By, authors: readonly string[]): void {
    if (!this.#looksAt(by)) return;
    // Whoever holds a credential may be the very person who wrote it.
    if (by.actor.kind !== 'person')
      throw new Refused('person_needed', 'a person has to approve this, in the console', { status: 403 });
    if (this.isAuthor(by, authors))
      throw new Refused('same_person', 'somebody else has to approve this', { status: 403 });
  }

  /** Whether somebody may not approve because it is hers. */
  isAuthor(by: By, authors: readonly string[]): boolean {
    if (!this.#looksAt(by) || by.actor.kind !== 'person') return false;
    const mine = this.#personHash.candidates(hashInput(by.actor.person)).map(({ hash }) => hash);
    return authors.some((author) => mine.includes(author));
  }

  /** Who did something, as approvals compare it. */
  authorOf({ actor }: By): string | undefined {
    return actor.kind === 'person' ? this.#personHash.hash(hashInput(actor.person)) : undefined;
  }

  #looksAt({ actor }: By): boolean {
    return this.#wanted && actor.kind !== 'operator';
  }
}

function guarded(client: Client): object {
  return Object.fromEntries(
    Object.entries(client).filter(([name]) => !(ALONE as readonly string[]).includes(name)),
  );
}
