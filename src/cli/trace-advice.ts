import type { EntrySummary } from '../register/entry.ts';
import { anomalyOf } from '../sources/spid/anomalies.ts';
import { CHECKS } from '../sources/spid/checks.ts';
import type { FailureReason } from '../sources/source.ts';

const AGAINST_THE_RULES = 'The provider answered against the rules: tell it, with the IDs above.';

/** What an operator can do about an answer that a check refused, by the family of the check. */
const BY_FAMILY: Readonly<Record<string, string>> = {
  T: 'The message was not what a provider sends. Once: the citizen tries again. Often: somebody is trying things.',
  C: 'The answer did not fit a request of ours: late, twice, or of another browser. The citizen starts again.',
  S: 'The signature did not verify: run "providers refresh", the provider may have changed its key; else tell it.',
  R: AGAINST_THE_RULES,
  A: AGAINST_THE_RULES,
};

/** Checks of dates: then our own clock is the first to be looked at. */
const CLOCK_CHECKS: readonly string[] = ['R3', 'A3', 'A13', 'A14', 'A16'];

/** What an operator can do where the provider reports an error; nothing is wrong here where there is no row. */
const BY_REASON: Readonly<Partial<Record<FailureReason, string>>> = {
  unreachable: 'The provider is out of order: wait, or "providers disable" with a notice.',
  'provider-fault': 'The provider had a fault: wait, or "providers disable" with a notice.',
  'our-fault': 'The provider did not accept our request: it may have an old version of our metadata.',
  'not-started': 'The provider did not like when the request was made: look at the clock of this machine.',
  'level-not-held': 'The citizen asks her provider for the level; nothing is wrong here.',
  'identity-suspended': 'The citizen asks her provider; nothing is wrong here.',
  'wrong-identity-kind': 'The citizen tries again with her personal identity; nothing is wrong here.',
  unknown: 'The provider sent an error that is in no table: tell it, with the IDs above.',
};

/** What an answer failed by and what to do about it; undefined where nothing failed. */
export function adviceOn({ kind, outcome }: Pick<EntrySummary, 'kind' | 'outcome'>): string | undefined {
  if (kind !== 'response' || outcome === null || outcome === 'accepted') return undefined;
  const check = CHECKS.find(({ id }) => id === outcome);
  if (check) {
    const clock = CLOCK_CHECKS.includes(check.id) ? 'Look at the clock of this machine first. ' : '';
    return `check ${check.id}: ${check.rule}. ${clock}${BY_FAMILY[check.id[0] ?? ''] ?? ''}`;
  }
  const { reason } = anomalyOf(outcome.replace(/^spid_nr/, 'ErrorCode nr'));
  return BY_REASON[reason] ?? 'The citizen can try again; nothing is wrong here.';
}
