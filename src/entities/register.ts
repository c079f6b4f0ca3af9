import type { Clock } from '../operations/clock.ts';
import { Refused } from '../operations/errors.ts';
import type { Store, Transaction } from '../store/store.ts';
import { declarationViolations, type EntityOrigin, type KeptEntity } from './declarations.ts';
import type { Entity, EntityDeclaration } from './entity.ts';
import { MetadataVersions } from './metadata-versions.ts';
import type { Publication } from './publication.ts';
import { currentRevision, noteChange } from './revision.ts';
import type { Violation } from './rules.ts';

/** What else has to be written if and only if a change is. */
type Note = (transaction: Transaction) => Promise<void>;

interface Snapshot {
  readonly revision: number;
  readonly kept: ReadonlyMap<string, KeptEntity>;
  /** Those that take part. */
  readonly entities: ReadonlyMap<string, Entity>;
  readonly inForce: ReadonlyMap<string, ReadonlyMap<string | undefined, Publication>>;
}

/**
 * The bodies of this gateway and what is in force of each. Read from memory; `fresh` sees to it that the memory is
 * that of the store, for the cost of one small query.
 */
export class EntityRegister {
  readonly versions: MetadataVersions;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #publicUrl: string;
  #snapshot: Snapshot = { revision: -1, kept: new Map(), entities: new Map(), inForce: new Map() };

  constructor(store: Store, clock: Clock, publicUrl: string) {
    this.#store = store;
    this.#clock = clock;
    this.#publicUrl = publicUrl;
    this.versions = new MetadataVersions(store, clock);
  }

  /** Looks whether anything has changed, here or in another process. */
  async fresh(): Promise<this> {
    const revision = await currentRevision(this.#store.db);
    if (revision === this.#snapshot.revision) return this;
    const rows = await this.#store.db
      .selectFrom('entities')
      .selectAll()
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    const kept = new Map(
      rows.map((row): [string, KeptEntity] => [
        row.id,
        {
          declaration: JSON.parse(row.declaration) as EntityDeclaration,
          origin: row.origin as EntityOrigin,
          ceasedAt: row.ceased_at === null ? undefined : new Date(row.ceased_at),
        },
      ]),
    );
    const entities = new Map(
      [...kept.values()]
        .filter(({ ceasedAt }) => ceasedAt === undefined)
        .map(({ declaration }): [string, Entity] => [declaration.id, resolved(declaration, kept)]),
    );
    const inForce = await Promise.all(
      [...entities.keys()].map(async (id) => [id, await this.versions.inForce(id)] as const),
    );
    this.#snapshot = { revision, kept, entities, inForce: new Map(inForce) };
    return this;
  }

  get(id: string): Entity | undefined {
    return this.#snapshot.entities.get(id);
  }

  /** Those that take part, the oldest first. */
  list(): readonly Entity[] {
    return [...this.#snapshot.entities.values()];
  }

  /** Also those that take part no more. */
  kept(): readonly KeptEntity[] {
    return [...this.#snapshot.kept.values()];
  }

  /** The entity whose metadata a path serves. */
  atPath(path: string): Entity | undefined {
    return this.list().find(({ entityId }) => new URL(entityId).pathname === path);
  }

  /** What requests of an entity to an identity provider may be made of. */
  inForce(id: string, provider: string): Publication | undefined {
    const places = this.#snapshot.inForce.get(id);
    return places?.get(provider) ?? places?.get(undefined);
  }

  /** Everything that is in force of an entity anywhere. */
  allInForce(id: string): readonly Publication[] {
    return [...(this.#snapshot.inForce.get(id)?.values() ?? [])];
  }

  /** What would keep these declarations from being kept, beside what is kept already. */
  async violations(
    declarations: readonly EntityDeclaration[],
    origin: EntityOrigin,
  ): Promise<(Violation & { readonly id: string })[]> {
    await this.fresh();
    const histories = await Promise.all(
      declarations.map(async ({ id }) => [id, await this.versions.history(id)] as const),
    );
    // What the file no longer declares is not there to clash with, but its entityID is never free again.
    return declarationViolations(declarations, {
      publicUrl: this.#publicUrl,
      origin,
      kept: this.#snapshot.kept,
      histories: new Map(histories),
    });
  }

  /** Makes the entities that come from the configuration file be exactly those declared there, all checked before. */
  async followConfiguration(declarations: readonly EntityDeclaration[]): Promise<void> {
    await this.fresh();
    const declared = new Set(declarations.map(({ id }) => id));
    const gone = this.kept().filter(
      ({ origin, ceasedAt, declaration }) =>
        origin === 'configuration' && ceasedAt === undefined && !declared.has(declaration.id),
    );
    const changed = declarations.filter((declaration) => !this.#isKept(declaration));
    if (gone.length === 0 && changed.length === 0) return;
    await this.#store.transaction(async (transaction) => {
      for (const { declaration } of gone) {
        await transaction
          .updateTable('entities')
          .set({ ceased_at: this.#clock.now().getTime() })
          .where('id', '=', declaration.id)
          .execute();
      }
      for (const declaration of changed) await this.#write(transaction, declaration, 'configuration');
      await noteChange(transaction);
    });
    await this.fresh();
  }

  /**
   * Adds an entity at run time, or changes one that was added so.
   * @throws Refused `entity_invalid` naming every rule broken; `entity_declared` when the configuration file keeps it
   */
  async save(declaration: EntityDeclaration, note: Note = async () => undefined): Promise<void> {
    const violations = await this.violations([declaration], 'runtime');
    refuseViolations(violations);
    await this.#store.transaction(async (transaction) => {
      await this.#write(transaction, declaration, 'runtime');
      await noteChange(transaction);
      await note(transaction);
    });
    await this.fresh();
  }

  /**
   * Ends a body's part: no login for it any more. Its row, entityID and versions stay, never to be used again.
   * @throws Refused `entity_unknown`, `entity_declared`, `entity_aggregates`
   */
  async cease(id: string, note: Note = async () => undefined): Promise<void> {
    await this.fresh();
    const kept = this.#snapshot.kept.get(id);
    if (!kept || kept.ceasedAt)
      throw new Refused('entity_unknown', `no entity ${id} takes part`, { status: 404 });
    if (kept.origin === 'configuration')
      throw new Refused(
        'entity_declared',
        `entity ${id}: take it out of the configuration file, then apply`,
        {
          status: 409,
        },
      );
    const dependent = this.list().filter(({ aggregator }) => aggregator?.id === id);
    if (dependent.length > 0)
      throw new Refused(
        'entity_aggregates',
        `${dependent.map((e) => e.id).join(', ')} take part through ${id}`,
        {
          status: 409,
        },
      );
    await this.#store.transaction(async (transaction) => {
      await transaction
        .updateTable('entities')
        .set({ ceased_at: this.#clock.now().getTime() })
        .where('id', '=', id)
        .execute();
      await noteChange(transaction);
      await note(transaction);
    });
    await this.fresh();
  }

  #isKept(declaration: EntityDeclaration): boolean {
    const kept = this.#snapshot.kept.get(declaration.id);
    return (
      kept?.ceasedAt === undefined &&
      kept?.origin === 'configuration' &&
      JSON.stringify(kept.declaration) === JSON.stringify(declaration)
    );
  }

  async #write(db: Store['db'], declaration: EntityDeclaration, origin: EntityOrigin): Promise<void> {
    const now = this.#clock.now().getTime();
    const row = {
      entity_id: declaration.entityId,
      origin,
      declaration: JSON.stringify(declaration),
      updated_at: now,
      ceased_at: null,
    };
    await db
      .insertInto('entities')
      .values({ id: declaration.id, created_at: now, ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }
}

/** @throws Refused `entity_invalid` */
function refuseViolations(violations: readonly (Violation & { readonly id: string })[]): void {
  if (violations.length === 0) return;
  const lines = violations.map(
    ({ id, rule, key, found, allowed }) => `  ${id}.${key}: found ${found}; allowed: ${allowed} (${rule})`,
  );
  throw new Refused('entity_invalid', `The entity is not valid:\n${lines.join('\n')}`, { status: 422 });
}

/** The entity with its aggregator's data in place. */
function resolved(declaration: EntityDeclaration, kept: ReadonlyMap<string, KeptEntity>): Entity {
  const { aggregator: id, ...rest } = declaration;
  const aggregator = id === undefined ? undefined : kept.get(id)?.declaration;
  if (!aggregator) return rest;
  const { organization, contact } = aggregator;
  return { ...rest, aggregator: { id: aggregator.id, name: organization.name.it, contact } };
}
