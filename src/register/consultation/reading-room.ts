import { Readable } from 'node:stream';
import type { By } from '../../audit/entry.ts';
import { Refused } from '../../operations/errors.ts';
import type { Clock } from '../../operations/clock.ts';
import type { Store } from '../../store/store.ts';
import type { EntrySummary } from '../entry.ts';
import { packageOf, sealStories, type PackageParts } from '../package/package.ts';
import type { OpenedEntry, Register } from '../register.ts';
import { searchEntries, type EntryPlace } from '../search.ts';
import { filterOf, type Consultation } from './consultation.ts';
import type { Consultations } from './consultations.ts';

/** Entries on one page of what was found. */
export const ON_A_PAGE = 100;

/** Most entries in one package: more is several periods. */
const MOST_EXPORTED = 10_000;

export interface ReadingParts extends PackageParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly register: Register;
  readonly consultations: Consultations;
}

/**
 * The only way to look into the register: under a consultation, with every look in the audit trail before anything is
 * shown. What was looked at is named by its references, never by what it says.
 */
export class ReadingRoom {
  readonly consultations: Consultations;
  readonly #parts: ReadingParts;

  constructor(parts: ReadingParts) {
    this.#parts = parts;
    this.consultations = parts.consultations;
  }

  /** What the consultation covers, newest first, unopened. @param after where the page before ended */
  async search(
    id: string,
    by: By,
    after?: EntryPlace,
  ): Promise<{ consultation: Consultation; entries: EntrySummary[]; more: EntryPlace | undefined }> {
    const { db } = this.#parts.store;
    const consultation = await this.consultations.usable(id, by);
    const found = await searchEntries(db, { ...filterOf(consultation.scope), after }, ON_A_PAGE + 1);
    const entries = found.slice(0, ON_A_PAGE);
    await this.#note('register.search', consultation, by, { found: entries.length });
    const last = found.length > ON_A_PAGE ? entries.at(-1) : undefined;
    return { consultation, entries, more: last && { at: last.at, entityId: last.entityId, seq: last.seq } };
  }

  /** @throws Refused `register_transaction` (404) when the consultation does not cover it */
  async show(
    id: string,
    transactionId: string,
    by: By,
  ): Promise<{ consultation: Consultation; entries: OpenedEntry[] }> {
    const consultation = await this.consultations.usable(id, by);
    await this.#refuseUncovered(consultation, transactionId);
    const entries = await this.#parts.register.opened(this.#parts.store.db, transactionId);
    await this.#note('register.show', consultation, by, {
      transaction: transactionId,
      entries: entries.length,
    });
    return { consultation, entries };
  }

  /**
   * Takes out a signed package of everything the consultation covers, or of one of its transactions: as bytes that are made
   * while they are read.
   * @throws Refused `register_transaction` (404), `export_empty` (404), `export_large` (413)
   */
  async export(
    id: string,
    by: By,
    transactionId?: string,
  ): Promise<{ consultation: Consultation; zip: Readable }> {
    const consultation = await this.consultations.usable(id, by);
    if (transactionId !== undefined) await this.#refuseUncovered(consultation, transactionId);
    const transactions =
      transactionId === undefined ? await this.#transactionsOf(consultation) : [transactionId];
    const stories = await this.#parts.register.stories(this.#parts.store.db, transactions);
    const entries = stories.reduce((sum, { length }) => sum + length, 0);
    if (entries === 0) throw new Refused('export_empty', 'there is nothing to export', { status: 404 });
    if (entries > MOST_EXPORTED) throw tooLarge();
    await sealStories(this.#parts, stories);
    await this.#note('register.export', consultation, by, { transactions, entries });
    const zip = Readable.from(packageOf(this.#parts, consultation, stories), { objectMode: false });
    return { consultation, zip };
  }

  async #transactionsOf({ scope }: Consultation): Promise<string[]> {
    const transactions = new Set<string>();
    let [after, seen]: [EntryPlace | undefined, number] = [undefined, 0];
    do {
      const found: EntrySummary[] = await searchEntries(this.#parts.store.db, { ...filterOf(scope), after });
      for (const { transactionId } of found) transactions.add(transactionId);
      seen += found.length;
      if (seen > MOST_EXPORTED) throw tooLarge();
      after = found.at(-1);
    } while (after);
    return [...transactions];
  }

  async #refuseUncovered({ scope }: Consultation, transactionId: string): Promise<void> {
    const covered = await searchEntries(this.#parts.store.db, { ...filterOf(scope), transactionId }, 1);
    if (covered.length === 0)
      throw new Refused('register_transaction', 'the consultation covers no such transaction', {
        status: 404,
      });
  }

  #note(action: string, consultation: Consultation, by: By, facts: Record<string, unknown>): Promise<void> {
    return this.#parts.store.transaction((transaction) =>
      this.consultations.note(transaction, action, consultation, by, facts),
    );
  }
}

function tooLarge(): Refused {
  return new Refused(
    'export_large',
    `more than ${MOST_EXPORTED} entries: take several shorter periods, or name a service`,
    { status: 413 },
  );
}
