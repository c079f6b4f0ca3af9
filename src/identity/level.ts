/** Level of assurance: SPID levels 1–3 and their equals in other sources. */
export type Level = 1 | 2 | 3;

export const LEVELS: readonly Level[] = [1, 2, 3];

/** How a level is written in `acr` and `acr_values` (and in SPID's AuthnContextClassRef). */
const ACR: Record<Level, string> = {
  1: 'https://www.spid.gov.it/SpidL1',
  2: 'https://www.spid.gov.it/SpidL2',
  3: 'https://www.spid.gov.it/SpidL3',
};

export function acrOf(level: Level): string {
  return ACR[level];
}

/** The level an `acr` value names, or undefined if it names none. Exact, case-sensitive. */
export function levelOf(acr: string): Level | undefined {
  return LEVELS.find((level) => ACR[level] === acr);
}
