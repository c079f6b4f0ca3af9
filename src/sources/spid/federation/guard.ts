import type { IdentityProvider, ReadMetadata } from '../provider-metadata.ts';

/** As many providers may leave the federation between two looks at it; more is a fault of the file. */
const MAY_LEAVE = 2;

/** What is in use. */
export interface InUse {
  readonly providers: readonly Pick<IdentityProvider, 'entityId'>[];
  readonly creationInstant?: Date | undefined;
}

/**
 * Why a correctly signed aggregate is not to be used all the same (spid-registry-and-idps, 1.3, point 5): publishers
 * make mistakes too, and old files are signed as well as new ones.
 * @returns nothing when it may be used
 */
export function objections(inUse: InUse = { providers: [] }, candidate: ReadMetadata, now: Date): string[] {
  const listed = new Set([
    ...candidate.providers.map(({ entityId }) => entityId),
    ...candidate.leftOut.map(({ entityId }) => entityId),
  ]);
  const gone = inUse.providers.filter(({ entityId }) => !listed.has(entityId));
  const keyless = candidate.leftOut.filter(
    ({ entityId, withoutKeys }) => withoutKeys && inUse.providers.some((one) => one.entityId === entityId),
  );
  return [
    ...(candidate.providers.length === 0 ? ['it lists no identity provider that can be used'] : []),
    ...(gone.length > MAY_LEAVE
      ? [`${gone.length} of ${inUse.providers.length} identity providers are missing`]
      : []),
    ...keyless.map(({ entityId }) => `${entityId} has lost all its signing keys`),
    ...instantObjections(inUse, candidate, now),
  ];
}

function instantObjections(inUse: InUse, candidate: ReadMetadata, now: Date): string[] {
  const { creationInstant, validUntil } = candidate;
  const older =
    inUse.creationInstant !== undefined &&
    (creationInstant === undefined || creationInstant < inUse.creationInstant);
  return [
    ...(older ? ['it was made before the one in use'] : []),
    ...(validUntil !== undefined && validUntil <= now ? ['it is no longer valid'] : []),
  ];
}

/** Bad entities keep what was known of them: one that cannot be read harms neither itself nor the others. */
export function withPrevious(
  candidate: ReadMetadata,
  previous: (entityId: string) => IdentityProvider | undefined,
): IdentityProvider[] {
  return [...candidate.providers, ...candidate.leftOut.flatMap(({ entityId }) => previous(entityId) ?? [])];
}
