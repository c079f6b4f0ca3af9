import type { IdentityProvider, ReadMetadata } from '../provider-metadata.ts';

/** As many providers may leave the federation between two looks at it; more is a fault of the file. */
const MAY_LEAVE = 2;

/** A file may have been made so much later than it is here, in milliseconds: our clock may be wrong, too. */
const AHEAD_MS = 24 * 60 * 60 * 1000;

/** Why a correctly signed aggregate is not used. */
export type Objection =
  | { readonly why: 'empty' | 'older' | 'ahead' | 'ended' }
  | { readonly why: 'missing'; readonly missing: readonly string[]; readonly of: number }
  | { readonly why: 'keyless'; readonly provider: string };

/** For the log. */
export function objectionText(objection: Objection): string {
  switch (objection.why) {
    case 'empty':
      return 'it lists no identity provider that can be used';
    case 'missing':
      return `${objection.missing.length} of ${objection.of} identity providers are missing`;
    case 'keyless':
      return `${objection.provider} has lost all its signing keys`;
    case 'older':
      return 'it was made before the one in use';
    case 'ahead':
      return 'it says it was made in the future';
    case 'ended':
      return 'it is no longer valid';
  }
}

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
export function objections(
  inUse: InUse = { providers: [] },
  candidate: ReadMetadata,
  now: Date,
): Objection[] {
  const listed = new Set([
    ...candidate.providers.map(({ entityId }) => entityId),
    ...candidate.leftOut.map(({ entityId }) => entityId),
  ]);
  const gone = inUse.providers.filter(({ entityId }) => !listed.has(entityId));
  const keyless = candidate.leftOut.filter(
    ({ entityId, withoutKeys }) => withoutKeys && inUse.providers.some((one) => one.entityId === entityId),
  );
  return [
    ...(candidate.providers.length === 0 ? [{ why: 'empty' } as const] : []),
    ...(gone.length > MAY_LEAVE
      ? [
          {
            why: 'missing' as const,
            of: inUse.providers.length,
            missing: gone.map(({ entityId }) => entityId),
          },
        ]
      : []),
    ...keyless.map(({ entityId }) => ({ why: 'keyless', provider: entityId }) as const),
    ...instantObjections(inUse, candidate, now),
  ];
}

function instantObjections(inUse: InUse, candidate: ReadMetadata, now: Date): Objection[] {
  const { creationInstant, validUntil } = candidate;
  const older =
    inUse.creationInstant !== undefined &&
    (creationInstant === undefined || creationInstant < inUse.creationInstant);
  // One from the future would keep out every file of AgID's until then.
  const ahead = creationInstant !== undefined && creationInstant.getTime() > now.getTime() + AHEAD_MS;
  return [
    ...(older ? [{ why: 'older' } as const] : []),
    ...(ahead ? [{ why: 'ahead' } as const] : []),
    ...(validUntil !== undefined && validUntil <= now ? [{ why: 'ended' } as const] : []),
  ];
}

/** Bad entities keep what was known of them: one that cannot be read harms neither itself nor the others. */
export function withPrevious(
  candidate: ReadMetadata,
  previous: (entityId: string) => IdentityProvider | undefined,
): IdentityProvider[] {
  return [...candidate.providers, ...candidate.leftOut.flatMap(({ entityId }) => previous(entityId) ?? [])];
}
