import type { Actor, AuditEvent, By } from '../../../audit/entry.ts';
import type { AuditTrail } from '../../../audit/trail.ts';
import { CannotOpen, type Cipher } from '../../../keys/cipher.ts';
import type { Clock } from '../../../operations/clock.ts';
import { Refused, Unavailable } from '../../../operations/errors.ts';
import type { Store } from '../../../store/store.ts';

/** What was decided on a certificate: it stands over the configuration file, until something else is decided. */
export interface PinDecision {
  /** DER, base64. */
  readonly certificate: string;
  readonly trusted: boolean;
  readonly proposedBy: string;
  readonly approvedBy: string;
  /** Milliseconds. */
  readonly at: number;
}

/** A decision that waits for a second person. */
export interface PinProposal {
  readonly id: string;
  /** DER, base64. */
  readonly certificate: string;
  readonly trusted: boolean;
  readonly author: string;
  readonly authorKind: Actor['kind'];
  /** Keyed hash of the person; undefined where it was none. */
  readonly authorHash?: string | undefined;
  /** Milliseconds. */
  readonly at: number;
}

export interface PinContent {
  readonly decisions: readonly PinDecision[];
  readonly proposals: readonly PinProposal[];
}

export interface PinRecord extends PinContent {
  /** 0 where nothing was ever decided or proposed. */
  readonly version: number;
}

/** What was decided cannot be relied on: nothing new is believed until somebody has seen to it. */
export class PinsAltered extends Unavailable {
  constructor(what: string, options?: ErrorOptions) {
    super(
      'registry_pins_altered',
      `${what}: no new list of identity providers is used. Run: npm run gateway -- audit verify; then: npm run gateway -- providers pins reset`,
      options,
    );
  }
}

export interface PinRecordOptions {
  /** The registry's address: what was decided for one is not decided for another. */
  readonly url: string;
  readonly store: Store;
  readonly cipher: Cipher;
  readonly trail: AuditTrail;
  readonly clock: Clock;
}

/**
 * What administrators decided on the certificates of a registry, as one sealed row. Whoever writes to the database
 * without our keys cannot change it. Nor go back to an earlier one: its version is in the audit trail, too, and entries
 * that are missing there are found by `audit verify`.
 */
export class PinRecords {
  readonly #options: PinRecordOptions;

  constructor(options: PinRecordOptions) {
    this.#options = options;
  }

  /** @throws PinsAltered */
  async read(): Promise<PinRecord> {
    try {
      // The trail first: what is written between the two looks is newer than it, never older.
      const recorded = await this.#recorded();
      const row = await this.#row();
      const record = row ? this.#open(row) : { version: 0, decisions: [], proposals: [] };
      const isNewest =
        record.version === recorded ||
        (record.version > recorded && record.version <= (await this.#recorded()));
      if (isNewest) return record;
      throw new PinsAltered('what was decided on the certificates of the registry was taken back or away');
    } catch (cause) {
      if (!(cause instanceof CannotOpen)) throw cause;
      throw new PinsAltered('what was decided on the certificates of the registry was altered', { cause });
    }
  }

  /**
   * Writes what has become of a record, and who did it into the audit trail.
   * @throws Refused `pins_stale` (409) when it is no more what was read
   */
  write(
    before: PinRecord,
    content: PinContent,
    event: Pick<AuditEvent, 'action'> & { readonly after: object },
    by: By,
  ): Promise<void> {
    return this.#put({ over: before.version, version: before.version + 1 }, content, event, by);
  }

  /** Starts again with nothing decided, whatever became of the row. @param reason for the audit trail */
  async reset(reason: string, by: By): Promise<void> {
    const over = (await this.#row())?.version ?? 0;
    // Nothing that is there can be relied on: the time is higher than any count, and than that of a reset before.
    const version = this.#options.clock.now().getTime();
    const event = { action: 'registry-pin.reset', after: { reason } };
    await this.#put({ over, version }, { decisions: [], proposals: [] }, event, by);
  }

  async #put(
    { over, version }: { readonly over: number; readonly version: number },
    content: PinContent,
    { action, after }: Pick<AuditEvent, 'action'> & { readonly after: object },
    by: By,
  ): Promise<void> {
    const { store, cipher, url, trail, clock } = this.#options;
    const sealed = cipher.seal(Buffer.from(JSON.stringify(content)), this.#place(version));
    await store.transaction(async (transaction) => {
      const row = { url, version, content: sealed };
      const written = await transaction
        .insertInto('registry_pins')
        .values(row)
        .onConflict((conflict) =>
          conflict.column('url').doUpdateSet(row).where('registry_pins.version', '=', over),
        )
        .executeTakeFirst();
      if (written.numInsertedOrUpdatedRows !== 1n)
        throw new Refused('pins_stale', 'somebody else decided something meanwhile', { status: 409 });
      await trail.append(transaction, {
        at: clock.now(),
        action,
        target: this.#target,
        after: { ...after, version },
        ...by,
      });
    });
  }

  /** The version that the audit trail knows of. */
  async #recorded(): Promise<number> {
    const { store, trail } = this.#options;
    const [entry] = await trail.list(store.db, { limit: 1, target: this.#target });
    return (entry?.after as { version: number } | undefined)?.version ?? 0;
  }

  #row() {
    const { store, url } = this.#options;
    return store.db.selectFrom('registry_pins').selectAll().where('url', '=', url).executeTakeFirst();
  }

  #open({ version, content }: { readonly version: number; readonly content: Uint8Array }): PinRecord {
    const text = this.#options.cipher.open(content, this.#place(version)).toString();
    return { ...(JSON.parse(text) as PinContent), version };
  }

  #place(version: number): string {
    return `registry_pins:${this.#options.url}:${version}`;
  }

  get #target() {
    return { kind: 'registry-pins', id: this.#options.url } as const;
  }
}
