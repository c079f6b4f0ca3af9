import { createHash } from 'node:crypto';
import type { Store } from '../../../store/store.ts';
import type { Validators } from './fetch.ts';

/** So many good files are kept: a bad entity is looked up in older ones, an operator can see what changed. */
const KEPT = 10;

/** Files of the registry that were good, shared by all processes; the newest is in use. */
export class RegistryVersions {
  readonly #store: Store;
  readonly #url: string;

  constructor(store: Store, url: string) {
    this.#store = store;
    this.#url = url;
  }

  /** The number of the newest file; it changes when another process has put a newer one in use. */
  async newest(): Promise<number | undefined> {
    const row = await this.#store.db
      .selectFrom('registry_versions')
      .select(({ fn }) => fn.max('seq').as('seq'))
      .where('url', '=', this.#url)
      .executeTakeFirst();
    return row?.seq ?? undefined;
  }

  /** Newest first. */
  async all(): Promise<{ readonly seq: number; readonly bytes: Uint8Array }[]> {
    return this.#store.db
      .selectFrom('registry_versions')
      .select(['seq', 'bytes'])
      .where('url', '=', this.#url)
      .orderBy('seq', 'desc')
      .execute();
  }

  /** The newest file alone. */
  async newestFile(): Promise<Uint8Array | undefined> {
    const row = await this.#store.db
      .selectFrom('registry_versions')
      .select('bytes')
      .where('url', '=', this.#url)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row?.bytes;
  }

  /** Puts a file in use; older ones beyond the last few are let go. */
  async activate(bytes: Uint8Array, creationInstant: Date | undefined, now: Date): Promise<void> {
    await this.#store.transaction(async (transaction) => {
      await transaction
        .insertInto('registry_versions')
        .values({
          url: this.#url,
          hash: createHash('sha256').update(bytes).digest('base64url'),
          bytes,
          creation_instant: creationInstant?.getTime() ?? null,
          activated_at: now.getTime(),
        })
        .onConflict((conflict) => conflict.columns(['url', 'hash']).doNothing())
        .execute();
      const kept = await transaction
        .selectFrom('registry_versions')
        .select('seq')
        .where('url', '=', this.#url)
        .orderBy('seq', 'desc')
        .limit(KEPT)
        .execute();
      const oldest = kept.at(-1)?.seq;
      if (oldest !== undefined)
        await transaction
          .deleteFrom('registry_versions')
          .where('url', '=', this.#url)
          .where('seq', '<', oldest)
          .execute();
    });
  }

  /** What the registry said when it last gave or confirmed the file in use. */
  async lastCheck(): Promise<Validators & { readonly confirmedAt: Date | undefined }> {
    const row = await this.#store.db
      .selectFrom('registry_checks')
      .selectAll()
      .where('url', '=', this.#url)
      .executeTakeFirst();
    return {
      etag: row?.etag ?? null,
      lastModified: row?.last_modified ?? null,
      confirmedAt: row?.confirmed_at ? new Date(row.confirmed_at) : undefined,
    };
  }

  /** @returns what was noted with the last look, sealed as it was given */
  async unknownSigner(): Promise<Uint8Array | undefined> {
    const row = await this.#store.db
      .selectFrom('registry_checks')
      .select('unknown_signer')
      .where('url', '=', this.#url)
      .executeTakeFirst();
    return row?.unknown_signer ?? undefined;
  }

  /** The registry gave a file that nobody signed whom we know. @param signer sealed; null where there is nothing to tell */
  async noteUnknownSigner(signer: Uint8Array | null, now: Date): Promise<void> {
    await this.#store.db
      .insertInto('registry_checks')
      .values({ url: this.#url, next_at: now.getTime(), unknown_signer: signer })
      .onConflict((conflict) => conflict.column('url').doUpdateSet({ unknown_signer: signer }))
      .execute();
  }

  /** Whether it is this process's turn to look: of any number of processes one gets true. */
  async claimCheck(now: Date, everyMs: number): Promise<boolean> {
    const next = now.getTime() + everyMs;
    const first = await this.#store.db
      .insertInto('registry_checks')
      .values({ url: this.#url, next_at: next, confirmed_at: null, etag: null, last_modified: null })
      .onConflict((conflict) => conflict.column('url').doNothing())
      .executeTakeFirst();
    if (first.numInsertedOrUpdatedRows === 1n) return true;
    const moved = await this.#store.db
      .updateTable('registry_checks')
      .set({ next_at: next })
      .where('url', '=', this.#url)
      .where('next_at', '<=', now.getTime())
      .executeTakeFirst();
    return moved.numUpdatedRows === 1n;
  }

  /** The registry gave, or confirmed, what is in use. */
  async confirm(now: Date, validators?: Validators): Promise<void> {
    const seen = {
      unknown_signer: null,
      ...(validators ? { etag: validators.etag, last_modified: validators.lastModified } : {}),
    };
    await this.#store.db
      .insertInto('registry_checks')
      .values({
        url: this.#url,
        next_at: now.getTime(),
        confirmed_at: now.getTime(),
        etag: null,
        last_modified: null,
        ...seen,
      })
      .onConflict((conflict) => conflict.column('url').doUpdateSet({ confirmed_at: now.getTime(), ...seen }))
      .execute();
  }
}
