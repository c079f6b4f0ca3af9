import type { By } from '../audit/entry.ts';
import type { KeptEntity } from '../entities/declarations.ts';
import type { MetadataDraft } from '../entities/life-cycle.ts';
import type { MetadataReport } from '../entities/metadata-check/check.ts';
import { metadataDifferences, type MetadataDifference } from '../entities/metadata-diff.ts';
import { Refused } from '../operations/errors.ts';
import { covers, type Scope } from './roles.ts';
import type { ConsoleRoom } from './room.ts';

type MetadataRoom = Pick<ConsoleRoom, 'entities' | 'lifeCycle' | 'store' | 'trail' | 'clock'> & {
  readonly web: Pick<ConsoleRoom['web'], 'publicUrl'>;
  readonly federation: { readonly providers: Pick<ConsoleRoom['federation']['providers'], 'listed'> };
};

/** Signed metadata and what there is to say about it. */
export interface Examined {
  readonly bytes: Uint8Array;
  /** What AgID's rules say to it today. */
  readonly report: MetadataReport;
  /** Of the draft, against the version that is served; of a version, against the one before it. */
  readonly differences: readonly MetadataDifference[];
}

/** Where console, API and command line deal with the metadata of bodies; every step is in the audit trail. */
export class MetadataDesk {
  readonly #room: MetadataRoom;

  constructor(room: MetadataRoom) {
    this.#room = room;
  }

  /** @throws Refused `entity_unknown` (404): of another body there is nothing to see, not even that it exists */
  async find(scope: Scope, id: string): Promise<KeptEntity> {
    const entities = await this.#room.entities.fresh();
    const kept = entities.kept().find(({ declaration }) => declaration.id === id);
    if (!kept || !covers(scope, id)) throw new Refused('entity_unknown', 'no such entity', { status: 404 });
    return kept;
  }

  /** @throws Refused `draft_missing` (404), `entity_unknown` (404) where the body takes part no more */
  async openDraft(id: string): Promise<MetadataDraft & Examined> {
    const { lifeCycle } = this.#room;
    const draft = await lifeCycle.openDraft(id);
    return { ...draft, report: await lifeCycle.check(id), differences: await lifeCycle.differences(id) };
  }

  /** @throws Refused `version_unknown` (404), `entity_unknown` (404) where the body takes part no more */
  async version(id: string, version: number): Promise<Examined> {
    const { entities, lifeCycle } = this.#room;
    const bytes = await entities.versions.bytes(id, version);
    const before = version > 1 ? await entities.versions.bytes(id, version - 1) : undefined;
    const report = await lifeCycle.checkVersion(id, version);
    return { bytes, report, differences: metadataDifferences(before, bytes) };
  }

  async draft(id: string, by: By): Promise<void> {
    await this.#room.lifeCycle.draft(id);
    await this.#note(id, 'draft', by);
  }

  /** @returns number of the version; see MetadataLifeCycle for what is refused, here and below */
  async seal(id: string, by: By): Promise<number> {
    const version = await this.#room.lifeCycle.seal(id);
    await this.#note(id, 'seal', by, { version });
    return version;
  }

  /** @returns the address at which the draft can be read; whoever has it reads */
  async preview(id: string, by: By): Promise<string> {
    const path = await this.#room.lifeCycle.preview(id);
    await this.#note(id, 'preview', by);
    return `${this.#room.web.publicUrl}${path}`;
  }

  async endPreview(id: string, by: By): Promise<void> {
    await this.#room.lifeCycle.revokePreview(id);
    await this.#note(id, 'end-preview', by);
  }

  async submitted(id: string, version: number, by: By): Promise<void> {
    await this.#room.entities.versions.submitted(id, version);
    await this.#note(id, 'submitted', by, { version });
  }

  /**
   * @param provider entityID of the identity provider that has it now; undefined: all of them have
   * @throws Refused `provider_unknown` (404)
   */
  async putInForce(id: string, version: number, provider: string | undefined, by: By): Promise<void> {
    const { entities, federation } = this.#room;
    if (provider !== undefined && !federation.providers.listed(provider))
      throw new Refused('provider_unknown', `no identity provider ${provider} is listed`, { status: 404 });
    await entities.versions.putInForce(id, version, provider);
    await this.#note(id, 'in-force', by, { version, provider });
  }

  async withdraw(id: string, version: number, by: By): Promise<void> {
    await this.#room.entities.versions.withdraw(id, version);
    await this.#note(id, 'withdraw', by, { version });
  }

  async #note(id: string, action: string, by: By, after?: object): Promise<void> {
    const { store, trail, clock, entities } = this.#room;
    await store.transaction((transaction) =>
      trail.append(transaction, {
        at: clock.now(),
        action: `metadata.${action}`,
        entityId: id,
        target: { kind: 'entity', id },
        ...(after ? { after } : {}),
        ...by,
      }),
    );
    await entities.fresh();
  }
}

/**
 * Number of a version, as a path gives it.
 * @throws Refused `version_unknown` (404)
 */
export function versionNumber(text: string | undefined): number {
  const version = Number(text);
  if (Number.isSafeInteger(version) && version > 0) return version;
  throw new Refused('version_unknown', 'no such version', { status: 404 });
}
