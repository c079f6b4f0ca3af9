import type { Language } from '../../identity/language.ts';
import type { EntrySummary } from '../../register/entry.ts';
import type { FailureReason } from '../../sources/source.ts';
import { anomalyOf } from '../../sources/spid/anomalies.ts';
import { CHECKS } from '../../sources/spid/checks.ts';
import {
  trace,
  type AdvisedReason,
  type CheckFamily,
  type CitizenAdvice,
} from '../../web/messages/console/trace.ts';

/** What an operator can do about a failed login, and what she tells the citizen. */
export interface Advice {
  readonly operator: string;
  readonly citizen: string;
}

/** Checks of dates: then our own clock is the first to be looked at. */
const CLOCK_CHECKS: readonly string[] = ['R3', 'A3', 'A13', 'A14', 'A16'];

const CITIZEN_BY_FAMILY: Readonly<Record<CheckFamily, CitizenAdvice>> = {
  T: 'again',
  C: 'again-new',
  S: 'other-provider',
  R: 'other-provider',
  A: 'other-provider',
};

const CITIZEN_BY_REASON: Readonly<Partial<Record<FailureReason, CitizenAdvice>>> = {
  unreachable: 'other-provider',
  'provider-fault': 'other-provider',
  'our-fault': 'us',
  'not-started': 'again',
  'wrong-credentials': 'ask-provider',
  'level-not-held': 'ask-provider',
  'identity-suspended': 'ask-provider',
  'wrong-identity-kind': 'personal',
  unknown: 'other-provider',
};

const CITIZEN_BY_CODE = {
  unanswered: 'again',
  identity_kind: 'personal',
  age_unknown: 'ask-provider',
  age_not_allowed: 'not-allowed',
} as const satisfies Readonly<Record<string, CitizenAdvice>>;

/** What an entry failed by and what to do about it; undefined where nothing failed. */
export function adviceOn(
  { kind, outcome }: Pick<EntrySummary, 'kind' | 'outcome'>,
  language: Language,
): Advice | undefined {
  if (kind !== 'response' && kind !== 'no-answer') return undefined;
  return outcome === null || outcome === 'accepted' ? undefined : adviceOnCode(outcome, language);
}

/** @param code the id of a check, an anomaly of SPID, or a word of ours */
export function adviceOnCode(code: string, language: Language): Advice {
  const text = trace[language];
  const check = CHECKS.find(({ id }) => id === code);
  if (check) {
    const family = check.id[0] as CheckFamily;
    const clock = CLOCK_CHECKS.includes(check.id) ? [text.clock] : [];
    return {
      operator: [text.check(check.id, check.rule), ...clock, text.byFamily[family]].join(' '),
      citizen: text.citizen[CITIZEN_BY_FAMILY[family]],
    };
  }
  if (isOurCode(code)) return { operator: text.byCode[code], citizen: text.citizen[CITIZEN_BY_CODE[code]] };
  const { reason } = anomalyOf(code.replace(/^spid_nr/, 'ErrorCode nr'));
  return {
    operator: reason in text.byReason ? text.byReason[reason as AdvisedReason] : text.fine,
    citizen: text.citizen[CITIZEN_BY_REASON[reason] ?? 'again'],
  };
}

function isOurCode(code: string): code is keyof typeof CITIZEN_BY_CODE {
  return code in CITIZEN_BY_CODE;
}
