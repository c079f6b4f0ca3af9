import type { AttributeSet, EntityDeclaration } from './entity.ts';
import type { Publication } from './publication.ts';
import { entityViolations, RESERVED_INDEXES, type Violation } from './rules.ts';

/** Who keeps an entity: the configuration file, or whoever edits it at run time. */
export type EntityOrigin = 'configuration' | 'runtime';

/** A body as it is kept. */
export interface KeptEntity {
  readonly declaration: EntityDeclaration;
  readonly origin: EntityOrigin;
  readonly ceasedAt: Date | undefined;
}

/** What declarations are compared with. */
export interface DeclarationSurroundings {
  readonly publicUrl: string;
  readonly origin: EntityOrigin;
  readonly kept: ReadonlyMap<string, KeptEntity>;
  /** Every version ever sealed of an entity, oldest first. */
  readonly histories: ReadonlyMap<string, readonly Publication[]>;
}

/** What keeps declarations from being kept: their own faults, each other, and what was published before. */
export function declarationViolations(
  declarations: readonly EntityDeclaration[],
  surroundings: DeclarationSurroundings,
): (Violation & { readonly id: string })[] {
  return declarations.flatMap((declaration, at) =>
    [
      ...entityViolations(declaration, surroundings.publicUrl),
      ...clashes(declaration, declarations.slice(0, at), surroundings),
      ...aggregatorViolations(declaration, declarations, surroundings),
      ...historyViolations(declaration, surroundings),
    ].map((violation) => ({ ...violation, id: declaration.id })),
  );
}

/** One id and one entityID for one body, for ever (spid-sp-metadata, 1). */
function clashes(
  { id, entityId }: EntityDeclaration,
  earlier: readonly EntityDeclaration[],
  { kept, origin }: DeclarationSurroundings,
): Violation[] {
  const rule = 'spid-sp-metadata 1';
  if (earlier.some((other) => other.id === id || other.entityId === entityId))
    return [{ rule, key: 'entityId', found: entityId, allowed: 'an id and an entityId of its own' }];
  const before = kept.get(id);
  if (before && before.ceasedAt === undefined && before.origin !== origin) {
    const allowed =
      origin === 'runtime'
        ? 'another id: the configuration file declares this one; change it there'
        : 'another id: one with this id was added at run time';
    return [{ rule: 'architecture', key: 'id', found: id, allowed }];
  }
  const owner = [...kept.values()].find(
    ({ declaration }) => declaration.entityId === entityId && declaration.id !== id,
  );
  return owner
    ? [
        {
          rule,
          key: 'entityId',
          found: entityId,
          allowed: `an entityID never used before: ${owner.declaration.id} has it${owner.ceasedAt ? ', though it takes part no more' : ''}`,
        },
      ]
    : [];
}

/** An aggregator takes part itself, through nobody else (spid-aggregator, 1). */
function aggregatorViolations(
  { id, aggregator }: EntityDeclaration,
  declarations: readonly EntityDeclaration[],
  { kept, origin }: DeclarationSurroundings,
): Violation[] {
  if (aggregator === undefined) return [];
  const before = kept.get(aggregator);
  const stays = before && !before.ceasedAt && before.origin !== origin ? before.declaration : undefined;
  const beside = origin === 'runtime' && !before?.ceasedAt ? before?.declaration : undefined;
  const found = declarations.find((other) => other.id === aggregator) ?? stays ?? beside;
  const rule = 'spid-aggregator 1';
  if (!found || aggregator === id)
    return [{ rule, key: 'aggregator', found: aggregator, allowed: 'the id of another entity' }];
  return found.aggregator === undefined
    ? []
    : [{ rule, key: 'aggregator', found: aggregator, allowed: 'a body that takes part through no other' }];
}

/** What was once sealed binds what may be said later (spid-sp-metadata, 1 and 6). */
function historyViolations(
  { id, entityId, attributeSets }: EntityDeclaration,
  { kept, histories }: DeclarationSurroundings,
): Violation[] {
  const history = histories.get(id) ?? [];
  const before = kept.get(id)?.declaration.attributeSets;
  const published = history.at(-1)?.entityId;
  const moved = published !== undefined && published !== entityId;
  return [
    ...(moved
      ? [
          {
            rule: 'spid-sp-metadata 1',
            key: 'entityId',
            found: entityId,
            allowed: `${published}, as in the metadata sealed before: another entityID is another entity`,
          },
        ]
      : []),
    ...attributeSets.flatMap((set, at) => {
      const retired = retiredSet(set.index, history, before);
      if (!retired || sameAttributes(retired, set)) return [];
      return [
        {
          rule: 'spid-sp-metadata 6',
          key: `attributeSets[${at}].index`,
          found: String(set.index),
          allowed: `an index never used before, such as ${freeIndex(attributeSets, history)}: this one was "${retired.name}" (${retired.attributes.join(', ')})`,
        },
      ];
    }),
  ];
}

/**
 * The set that once had an index, if a later version did without it; or the body does now, which may have gone back to
 * what an earlier version says.
 */
function retiredSet(
  index: number,
  history: readonly Publication[],
  now: readonly AttributeSet[] | undefined,
): AttributeSet | undefined {
  const has = (sets: readonly AttributeSet[]) => sets.some((set) => set.index === index);
  const at = history.findLastIndex(({ attributeSets }) => has(attributeSets));
  if (at === -1 || (at === history.length - 1 && (now === undefined || has(now)))) return undefined;
  return history[at]?.attributeSets.find((set) => set.index === index);
}

function sameAttributes(one: AttributeSet, other: AttributeSet): boolean {
  return (
    one.attributes.length === other.attributes.length &&
    one.attributes.every((name) => other.attributes.includes(name))
  );
}

/** The lowest index that no set has or ever had (spid-sp-metadata, 3: own sets from 0 to 30, 77, 99, 100 being others'). */
export function freeIndex(sets: readonly AttributeSet[], history: readonly Publication[]): number {
  const used = new Set(
    [...sets, ...history.flatMap(({ attributeSets }) => attributeSets)].map((set) => set.index),
  );
  const taken = (index: number) => used.has(index) || RESERVED_INDEXES.includes(index);
  let index = 0;
  while (taken(index)) index++;
  return index;
}
