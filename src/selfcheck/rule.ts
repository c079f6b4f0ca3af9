import type { Localised } from '../identity/language.ts';

/** One rule that a document of the service provider is held against. */
export interface Rule<Subject> {
  /** Stable: reports are compared by it. */
  readonly id: string;
  readonly rule: Localised;
  /** @returns what was found instead; undefined when the rule is kept */
  readonly test: (subject: Subject) => string | undefined;
}

export interface RuleResult {
  readonly id: string;
  readonly rule: Localised;
  readonly passed: boolean;
  /** What was found where the rule is not kept. */
  readonly seen: string;
}

/** Every rule is tried: a report names all faults at once. */
export function tryRules<Subject>(rules: readonly Rule<Subject>[], subject: Subject): RuleResult[] {
  return rules.map(({ id, rule, test }) => {
    const found = test(subject);
    return { id, rule, passed: found === undefined, seen: found ?? '' };
  });
}

/** What a rule found, unless it is kept; nothing at all is found as "–". */
export function unless(holds: boolean, found: string | undefined): string | undefined {
  return holds ? undefined : found?.slice(0, 300) || '–';
}
