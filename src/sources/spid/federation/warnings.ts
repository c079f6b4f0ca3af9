/** A list that the registry has not confirmed for this long may be wrong by now (spid-registry-and-idps, 1.3, point 7). */
const STALE_MS = 48 * 60 * 60 * 1000;

/** Something that will keep citizens out if nobody sees to it. */
export interface Warning {
  readonly kind: 'stale' | 'unknown-signer' | 'pins-altered';
  /** The same for as long as it need not be said again. */
  readonly stage: string;
  /** For the log. */
  readonly problem: string;
  /** Of a stale list: when the registry last confirmed it, if it ever did. */
  readonly confirmedAt?: Date | undefined;
  /** Of an unknown signer: SHA-256 of its certificate, as it is printed. */
  readonly fingerprint?: string;
}

/** @param confirmedAt when the registry last gave or confirmed the list in use */
export function stalenessWarnings(confirmedAt: Date | undefined, now: Date): Warning[] {
  if (confirmedAt && now.getTime() - confirmedAt.getTime() <= STALE_MS) return [];
  return [
    {
      kind: 'stale',
      stage: `registry ${confirmedAt?.toISOString() ?? 'never'}`,
      problem: confirmedAt
        ? `the registry has not confirmed the list of identity providers since ${confirmedAt.toISOString()}`
        : 'the registry has never confirmed a list of identity providers',
      confirmedAt,
    },
  ];
}
