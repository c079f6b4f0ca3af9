import type { Level } from '../identity/level.ts';
import { ASSERTION_CASES } from './cases/assertion.ts';
import type { Case } from './cases/case.ts';
import { OWN_CASES } from './cases/own.ts';
import { LAST_CASES, RESPONSE_CASES } from './cases/response.ts';
import { ANOMALY_CASES, STATEMENT_CASES } from './cases/statements.ts';
import { WRAPPING_CASES } from './cases/wrapping.ts';

export type { Case, Suite } from './cases/case.ts';

/**
 * Every answer that a service provider is tried with: AgID's two suites, and what attackers do besides
 * (spid-response-validation, 7 and 8). What each has to end in, and which check of the gateway is meant to see to it.
 */
export const CASES: readonly Case[] = [
  ...RESPONSE_CASES,
  ...ASSERTION_CASES,
  ...STATEMENT_CASES,
  ...ANOMALY_CASES,
  ...LAST_CASES,
  ...WRAPPING_CASES,
  ...OWN_CASES,
];

export type Comparison = 'exact' | 'minimum' | 'better' | 'maximum';

export interface Asked {
  readonly level: Level;
  readonly comparison: Comparison;
}

/** The level of a correct answer: as asked, or the next higher one where that is not enough. */
export function levelFor({ level, comparison }: Asked): Level {
  return comparison === 'better' && level < 3 ? ((level + 1) as Level) : level;
}

/** What has to become of a case, given what was asked for. `undefined`: either is fine. */
export function expectedOf({ expected, given }: Case, asked: Asked): 'OK' | 'KO' | undefined {
  if (expected === 'free') return undefined;
  if (expected !== 'by level' || given === undefined) return expected === 'OK' ? 'OK' : 'KO';
  return LEVEL_RULE[asked.comparison](asked.level, given) ? 'OK' : 'KO';
}

/** The truth table of AgID's checker: a provider may always go higher (spid-response-validation, 5.3). */
const LEVEL_RULE: Readonly<Record<Comparison, (asked: Level, given: Level) => boolean>> = {
  exact: (asked, given) => given >= asked,
  minimum: (asked, given) => given >= asked,
  better: (asked, given) => given > asked,
  maximum: () => true,
};
