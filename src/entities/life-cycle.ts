import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../operations/clock.ts';
import { Refused } from '../operations/errors.ts';
import type { Store } from '../store/store.ts';
import type { Entity } from './entity.ts';
import { checkMetadata, type MetadataReport } from './metadata-check/check.ts';
import { metadataDifferences, type MetadataDifference } from './metadata-diff.ts';
import { contentHash } from './metadata-versions.ts';
import { TEST_IPA_CODE } from './names.ts';
import type { EntityRegister } from './register.ts';

/** Writes and signs metadata: the protocol's own business, given from above. */
export interface MetadataPublisher {
  /** What the metadata of an entity would say now, without what changes at each signing. */
  content(entity: Entity): string;
  seal(entity: Entity): Uint8Array;
}

/** Metadata that may still be made anew. */
export interface MetadataDraft {
  readonly bytes: Uint8Array;
  readonly createdAt: Date;
  /** Whether it still says what is declared: only then can it be sealed. */
  readonly current: boolean;
  readonly hasPreview: boolean;
}

/**
 * The way of an entity's metadata: draft, checked, sealed, submitted to AgID, in force, withdrawn (spid-sp-metadata, 7).
 * What follows the sealing is in MetadataVersions.
 */
export class MetadataLifeCycle {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #entities: EntityRegister;
  readonly #publisher: MetadataPublisher;
  readonly #production: boolean;

  /** @param options.production whether real providers are meant, see checkMetadata */
  constructor(
    entities: EntityRegister,
    publisher: MetadataPublisher,
    options: { readonly store: Store; readonly clock: Clock; readonly production: boolean },
  ) {
    this.#entities = entities;
    this.#publisher = publisher;
    this.#store = options.store;
    this.#clock = options.clock;
    this.#production = options.production;
  }

  /**
   * Writes and signs what the metadata would say now, in the place of the draft there was; its preview ends.
   * @throws Refused `entity_unknown`
   */
  async draft(id: string): Promise<MetadataDraft> {
    const entity = await this.#entity(id);
    const row = {
      content_hash: contentHash(this.#publisher.content(entity)),
      bytes: this.#publisher.seal(entity),
      created_at: this.#clock.now().getTime(),
      preview_hash: null,
    };
    await this.#store.db
      .insertInto('metadata_drafts')
      .values({ entity_id: id, ...row })
      .onConflict((conflict) => conflict.column('entity_id').doUpdateSet(row))
      .execute();
    return { bytes: row.bytes, createdAt: new Date(row.created_at), current: true, hasPreview: false };
  }

  /** @throws Refused `entity_unknown`, `draft_missing` */
  async openDraft(id: string): Promise<MetadataDraft> {
    const entity = await this.#entity(id);
    const row = await this.#store.db
      .selectFrom('metadata_drafts')
      .selectAll()
      .where('entity_id', '=', id)
      .executeTakeFirst();
    if (!row)
      throw new Refused('draft_missing', `entity ${id} has no draft; make one with: metadata draft ${id}`, {
        status: 404,
      });
    return {
      bytes: row.bytes,
      createdAt: new Date(row.created_at),
      current: row.content_hash === contentHash(this.#publisher.content(entity)),
      hasPreview: row.preview_hash !== null,
    };
  }

  /** The draft against AgID's rules. @throws Refused `entity_unknown`, `draft_missing` */
  async check(id: string): Promise<MetadataReport> {
    return this.#report(id, (await this.openDraft(id)).bytes);
  }

  /** A sealed version against AgID's rules as they are today. @throws Refused `entity_unknown`, `version_unknown` */
  async checkVersion(id: string, version: number): Promise<MetadataReport> {
    return this.#report(id, await this.#entities.versions.bytes(id, version));
  }

  /** What the draft changes of the version in force. @throws Refused `entity_unknown`, `draft_missing` */
  async differences(id: string): Promise<MetadataDifference[]> {
    const { bytes } = await this.openDraft(id);
    const served = await this.#entities.versions.served(id);
    return metadataDifferences(served, bytes);
  }

  /**
   * Makes the draft a version, for ever as it is.
   * @returns its number; the known one when a version says the same already
   * @throws Refused `draft_missing`, `draft_outdated`, `metadata_invalid` naming every rule broken
   */
  async seal(id: string): Promise<number> {
    const draft = await this.openDraft(id);
    if (!draft.current) {
      throw new Refused(
        'draft_outdated',
        `the draft of ${id} no longer says what is declared: make it anew`,
        {
          status: 409,
        },
      );
    }
    const report = await this.#report(id, draft.bytes);
    if (!report.acceptable) throw invalid(id, report);
    const entity = await this.#entity(id);
    const version = await this.#entities.versions.sealed(
      id,
      this.#publisher.content(entity),
      () => draft.bytes,
    );
    await this.#store.db.deleteFrom('metadata_drafts').where('entity_id', '=', id).execute();
    return version;
  }

  /**
   * Draft, seal and force in one: for trials, where no provider has to be asked. Nothing happens when the version in
   * force says what is declared.
   */
  async enforceDeclared(id: string): Promise<void> {
    const entity = await this.#entity(id);
    const { versions } = this.#entities;
    const version = await versions.sealed(id, this.#publisher.content(entity), () =>
      this.#publisher.seal(entity),
    );
    await versions.putInForce(id, version);
  }

  /**
   * A secret path at which the draft can be read, for instance by AgID's validator, until it is sealed, made anew or
   * the preview revoked.
   * @returns the path below the gateway's address
   */
  async preview(id: string): Promise<string> {
    await this.openDraft(id);
    const secret = randomBytes(24).toString('base64url');
    await this.#setPreview(id, sha256(secret));
    return `${PREVIEW_PATH}/${secret}`;
  }

  async revokePreview(id: string): Promise<void> {
    await this.openDraft(id);
    await this.#setPreview(id, null);
  }

  async #setPreview(id: string, hash: string | null): Promise<void> {
    await this.#store.db
      .updateTable('metadata_drafts')
      .set({ preview_hash: hash })
      .where('entity_id', '=', id)
      .execute();
  }

  async #entity(id: string): Promise<Entity> {
    const entity = (await this.#entities.fresh()).get(id);
    if (entity) return entity;
    throw new Refused('entity_unknown', `no entity ${id} takes part`, { status: 404 });
  }

  async #report(id: string, bytes: Uint8Array): Promise<MetadataReport> {
    const { contact } = await this.#entity(id);
    // What exists for AgID's acceptance tests is judged as such (Avviso 22).
    const production = this.#production && contact.ipaCode !== TEST_IPA_CODE;
    return checkMetadata(bytes, { now: this.#clock.now(), production });
  }
}

/** Where previews are served. */
export const PREVIEW_PATH = '/spid/preview';

/** The draft behind the secret of a preview's path. */
export async function previewed(store: Store, secret: string): Promise<Uint8Array | undefined> {
  const row = await store.db
    .selectFrom('metadata_drafts')
    .select('bytes')
    .where('preview_hash', '=', sha256(secret))
    .executeTakeFirst();
  return row?.bytes;
}

function invalid(id: string, { findings }: MetadataReport): Refused {
  const lines = findings
    .filter(({ severity }) => severity === 'error')
    .map(({ id: rule, rule: source, at }) => `  ${rule} ${at} (${source})`);
  return new Refused(
    'metadata_invalid',
    `the draft of ${id} breaks rules of AgID's; "metadata check ${id}" says what is allowed:\n${lines.join('\n')}`,
    { status: 422 },
  );
}

function sha256(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
