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
   * The newest version of an entity's metadata; seals a new one first when its content differs from the newest.
   * @param content what the metadata says, without what changes at each signing (its ID)
   * @param seal makes the signed bytes
   */
  async current(entityId: string, content: string, seal: () => Uint8Array): Promise<Uint8Array> {
    const hash = createHash('sha256').update(content).digest('hex');
    const newest = await this.#newest(entityId);
    if (newest?.content_hash === hash) return newest.bytes;
    await this.#store.db
      .insertInto('metadata_versions')
      .values({
        entity_id: entityId,
        version: (newest?.version ?? 0) + 1,
        content_hash: hash,
        bytes: seal(),
        created_at: this.#clock.now().getTime(),
      })
      // Another process sealed the same version a moment ago: serve that one.
      .onConflict((conflict) => conflict.columns(['entity_id', 'version']).doNothing())
      .execute();
    const sealed = await this.#newest(entityId);
    if (!sealed) throw new Error('sealed metadata vanished');
    return sealed.bytes;
  }

  #newest(entityId: string) {
    return this.#store.db
      .selectFrom('metadata_versions')
      .selectAll()
      .where('entity_id', '=', entityId)
      .orderBy('version', 'desc')
      .executeTakeFirst();
  }
}
