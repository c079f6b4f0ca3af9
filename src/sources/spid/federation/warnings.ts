import type { IdentityProvider } from '../provider-metadata.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Days before the end of a provider's last certificate at which operators hear of it. */
const STAGES = [3, 7, 14, 15, 30, 60];

/** A list that the registry has not confirmed for this long may be wrong by now (spid-registry-and-idps, 1.3, point 7). */
const STALE_MS = 48 * 60 * 60 * 1000;

/** Something that will keep citizens out if nobody sees to it. */
export interface Warning {
  /** The same for as long as it need not be said again. */
  readonly stage: string;
  /** The provider it is about; undefined for the registry as a whole. */
  readonly provider: string | undefined;
  readonly problem: string;
}

/**
 * Providers whose last certificate ends soon. Trust does not hang on it (1.3, point 9), but a provider about to change
 * its key is one whose logins may break.
 */
export function certificateWarnings(providers: readonly IdentityProvider[], now: Date): Warning[] {
  return providers.flatMap(({ entityId, certificates }): Warning[] => {
    if (certificates.length === 0) return [];
    const last = new Date(Math.max(...certificates.map(({ notAfter }) => notAfter.getTime())));
    const days = Math.floor((last.getTime() - now.getTime()) / DAY_MS);
    const stage = days < 0 ? 'over' : STAGES.find((most) => days <= most);
    if (stage === undefined) return [];
    const day = last.toISOString().slice(0, 10);
    const problem =
      days < 0
        ? `its last certificate ended on ${day}`
        : `its last certificate ends in ${days} days, on ${day}`;
    return [{ stage: `${entityId} ${stage}`, provider: entityId, problem }];
  });
}

/** @param confirmedAt when the registry last gave or confirmed the list in use */
export function stalenessWarnings(confirmedAt: Date | undefined, now: Date): Warning[] {
  if (confirmedAt && now.getTime() - confirmedAt.getTime() <= STALE_MS) return [];
  const since = confirmedAt ? `since ${confirmedAt.toISOString()}` : 'ever';
  return [
    {
      stage: `registry ${confirmedAt?.toISOString() ?? 'never'}`,
      provider: undefined,
      problem: `the registry has not confirmed the list of identity providers ${since}`,
    },
  ];
}
