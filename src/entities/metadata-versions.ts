import { createHash } from 'node:crypto';
import type { Clock } from '../operations/clock.ts';
import type { Store } from '../store/store.ts';

/**
 * Signed metadata per entity and version, immutable: what AgID verified stays byte for byte what is served
 * (spid-sp-metadata, 1).
 */
export class MetadataVersions {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * The stored bytes that say `content`; sealed as a new version when no version says it yet. Going back to an earlier
   * content serves the earlier bytes, and two processes with different contents, as during a roll-out, do not seal
   * over each other in turns.
   * @param entityId short id of the entity
   * @param content what the metadata says, without what changes at each signing (its ID)
   * @param seal makes the signed bytes
   */
  async current(entityId: string, content: string, seal: () => Uint8Array): Promise<Uint8Array> {
    const hash = createHash('sha256').update(content).digest('hex');
    for (;;) {
      const versions = await this.#versions(entityId);
      const known = versions.find(({ content_hash }) => content_hash === hash);
      if (known) return this.#bytes(entityId, known.version);
      const next = (versions[0]?.version ?? 0) + 1;
      const bytes = seal();
      if (await this.#insert(entityId, next, hash, bytes)) return bytes;
      // Another process has taken that number a moment ago, perhaps for this very content: look again.
    }
  }

  /** Newest first. */
  #versions(entityId: string) {
    return this.#store.db
      .selectFrom('metadata_versions')
      .select(['version', 'content_hash'])
      .where('entity_id', '=', entityId)
      .orderBy('version', 'desc')
      .execute();
  }

  async #bytes(entityId: string, version: number): Promise<Uint8Array> {
    const row = await this.#store.db
      .selectFrom('metadata_versions')
      .select('bytes')
      .where('entity_id', '=', entityId)
      .where('version', '=', version)
      .executeTakeFirstOrThrow();
    return row.bytes;
  }

  /** @returns false when the version exists already */
  async #insert(entityId: string, version: number, hash: string, bytes: Uint8Array): Promise<boolean> {
    const result = await this.#store.db
      .insertInto('metadata_versions')
      .values({
        entity_id: entityId,
        version,
        content_hash: hash,
        bytes,
        created_at: this.#clock.now().getTime(),
      })
      .onConflict((conflict) => conflict.columns(['entity_id', 'version']).doNothing())
      .executeTakeFirst();
    return result.numInsertedOrUpdatedRows === 1n;
  }
}
