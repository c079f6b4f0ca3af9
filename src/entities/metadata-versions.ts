import { createHash } from 'node:crypto';
import type { Clock } from '../operations/clock.ts';
import { Refused } from '../operations/errors.ts';
import type { Queryable, Store, Transaction } from '../store/store.ts';
import { readPublication, type Publication } from './publication.ts';
import { noteChange } from './revision.ts';

/** A sealed version with what has become of it. */
export interface SealedVersion {
  readonly version: number;
  readonly sealedAt: Date;
  readonly submittedAt: Date | undefined;
  readonly withdrawnAt: Date | undefined;
  /** Where it is in force now: everywhere (undefined as provider) or at single providers. */
  readonly inForce: readonly { readonly provider: string | undefined; readonly since: Date }[];
}

/** In the column `provider`: every provider of which there is no row. */
const EVERYWHERE = '';

/**
 * Signed metadata per entity and version, immutable: what AgID verified stays byte for byte what is served, and what
 * is in force at the providers is what requests are made from (spid-sp-metadata, 1 and 7).
 */
export class MetadataVersions {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #publications = new Map<string, Publication>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * The version that says `content`; sealed when no version says it yet. Going back to an earlier content finds the
   * earlier version, and two processes with different contents, as during a roll-out, do not seal over each other in
   * turns.
   * @param entityId short id of the entity
   * @param content what the metadata says, without what changes at each signing (its ID)
   * @param seal makes the signed bytes
   */
  async sealed(entityId: string, content: string, seal: () => Uint8Array): Promise<number> {
    const hash = contentHash(content);
    for (;;) {
      const versions = await this.#store.db
        .selectFrom('metadata_versions')
        .select(['version', 'content_hash'])
        .where('entity_id', '=', entityId)
        .orderBy('version', 'desc')
        .execute();
      const known = versions.find(({ content_hash }) => content_hash === hash);
      if (known) return known.version;
      const next = (versions[0]?.version ?? 0) + 1;
      if (await this.#insert(entityId, next, hash, seal())) return next;
      // Another process has taken that number a moment ago, perhaps for this very content: look again.
    }
  }

  /** Newest first. */
  async list(entityId: string): Promise<SealedVersion[]> {
    const rows = await this.#store.db
      .selectFrom('metadata_versions')
      .select(['version', 'created_at', 'submitted_at', 'withdrawn_at'])
      .where('entity_id', '=', entityId)
      .orderBy('version', 'desc')
      .execute();
    const inForce = await this.#inForceRows(this.#store.db, entityId);
    return rows.map((row) => ({
      version: row.version,
      sealedAt: new Date(row.created_at),
      submittedAt: row.submitted_at === null ? undefined : new Date(row.submitted_at),
      withdrawnAt: row.withdrawn_at === null ? undefined : new Date(row.withdrawn_at),
      inForce: inForce
        .filter(({ version }) => version === row.version)
        .map(({ provider, since }) => ({
          provider: provider === EVERYWHERE ? undefined : provider,
          since: new Date(since),
        })),
    }));
  }

  /** @throws Refused `version_unknown` */
  async bytes(entityId: string, version: number): Promise<Uint8Array> {
    const row = await this.#store.db
      .selectFrom('metadata_versions')
      .select('bytes')
      .where('entity_id', '=', entityId)
      .where('version', '=', version)
      .executeTakeFirst();
    if (row) return row.bytes;
    throw new Refused('version_unknown', `entity ${entityId} has no version ${version} of its metadata`, {
      status: 404,
    });
  }

  async publication(entityId: string, version: number): Promise<Publication> {
    const key = `${entityId} ${version}`;
    const known = this.#publications.get(key);
    if (known) return known;
    const publication = readPublication(version, await this.bytes(entityId, version));
    this.#publications.set(key, publication);
    return publication;
  }

  /** Every version there ever was, oldest first. */
  async history(entityId: string): Promise<Publication[]> {
    const versions = await this.list(entityId);
    return Promise.all(versions.reverse().map(({ version }) => this.publication(entityId, version)));
  }

  /** What is in force of an entity: by provider, `undefined` standing for every other. */
  async inForce(entityId: string): Promise<Map<string | undefined, Publication>> {
    const rows = await this.#inForceRows(this.#store.db, entityId);
    const entries = rows.map(
      async ({ provider, version }) =>
        [provider === EVERYWHERE ? undefined : provider, await this.publication(entityId, version)] as const,
    );
    return new Map(await Promise.all(entries));
  }

  /**
   * What the entityID's address serves: the version in force; before there is one, the newest that was not withdrawn,
   * so that AgID can read what it is asked to verify.
   */
  async served(entityId: string): Promise<Uint8Array | undefined> {
    const versions = await this.list(entityId);
    const inForce = versions.find((version) =>
      version.inForce.some(({ provider }) => provider === undefined),
    );
    const served = inForce ?? versions.find(({ withdrawnAt }) => withdrawnAt === undefined);
    return served && this.bytes(entityId, served.version);
  }

  /**
   * Notes that a version was sent to AgID.
   * @throws Refused `version_unknown`, `version_withdrawn`
   */
  async submitted(entityId: string, version: number, on = this.#clock.now()): Promise<void> {
    await this.#change(entityId, version, async (transaction) => {
      await transaction
        .updateTable('metadata_versions')
        .set({ submitted_at: on.getTime() })
        .where('entity_id', '=', entityId)
        .where('version', '=', version)
        .execute();
    });
  }

  /**
   * Notes that providers have a version: from now on requests to them are made from it.
   * @param provider entityID of one identity provider; undefined: all of which nothing else is said, and those too
   * @throws Refused `version_unknown`, `version_withdrawn`
   */
  async putInForce(entityId: string, version: number, provider?: string): Promise<void> {
    const since = this.#clock.now().getTime();
    await this.#change(entityId, version, async (transaction) => {
      const current = await this.#inForceRows(transaction, entityId);
      const everywhere = provider === undefined;
      // What was said of single providers was about earlier versions: all have this one now.
      const places = everywhere ? [EVERYWHERE, ...current.map((row) => row.provider)] : [provider];
      for (const place of new Set(places)) {
        if (current.some((row) => row.provider === place && row.version === version)) continue;
        await transaction
          .insertInto('metadata_in_force')
          .values({ entity_id: entityId, provider: place, since, version })
          .onConflict((conflict) =>
            conflict.columns(['entity_id', 'provider', 'since']).doUpdateSet({ version }),
          )
          .execute();
      }
    });
  }

  /**
   * Takes a version back for ever.
   * @throws Refused `version_unknown`, `version_in_force`
   */
  async withdraw(entityId: string, version: number): Promise<void> {
    await this.#change(entityId, version, async (transaction) => {
      const inForce = await this.#inForceRows(transaction, entityId);
      if (inForce.some((row) => row.version === version)) {
        throw new Refused(
          'version_in_force',
          `version ${version} of ${entityId} is in force; put another in force first, or cease the entity`,
          { status: 409 },
        );
      }
      await transaction
        .updateTable('metadata_versions')
        .set({ withdrawn_at: this.#clock.now().getTime() })
        .where('entity_id', '=', entityId)
        .where('version', '=', version)
        .execute();
    });
  }

  async #change(
    entityId: string,
    version: number,
    write: (transaction: Transaction) => Promise<void>,
  ): Promise<void> {
    await this.#store.transaction(async (transaction) => {
      const row = await transaction
        .selectFrom('metadata_versions')
        .select('withdrawn_at')
        .where('entity_id', '=', entityId)
        .where('version', '=', version)
        .executeTakeFirst();
      if (!row)
        throw new Refused('version_unknown', `entity ${entityId} has no version ${version} of its metadata`, {
          status: 404,
        });
      if (row.withdrawn_at !== null)
        throw new Refused('version_withdrawn', `version ${version} of ${entityId} was withdrawn`, {
          status: 409,
        });
      await write(transaction);
      await noteChange(transaction);
    });
  }

  /** The latest row of each provider. */
  async #inForceRows(db: Queryable, entityId: string) {
    const rows = await db
      .selectFrom('metadata_in_force')
      .select(['provider', 'version', 'since'])
      .where('entity_id', '=', entityId)
      .orderBy('since', 'asc')
      .execute();
    return [...new Map(rows.map((row) => [row.provider, row])).values()];
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
        submitted_at: null,
        withdrawn_at: null,
      })
      .onConflict((conflict) => conflict.columns(['entity_id', 'version']).doNothing())
      .executeTakeFirst();
    return result.numInsertedOrUpdatedRows === 1n;
  }
}

export function contentHash(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
