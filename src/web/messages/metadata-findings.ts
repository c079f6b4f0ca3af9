import type { MetadataFinding, MetadataRuleId } from '../../entities/metadata-check/rule.ts';
import type { Language } from '../../identity/language.ts';
import { en } from './metadata-findings/en.ts';
import { it } from './metadata-findings/it.ts';
import type { FindingTexts } from './metadata-findings/texts.ts';

const TEXTS: Readonly<Record<Language, FindingTexts>> = { it, en };

/** A finding in the words of a language. */
export interface WordedFinding {
  readonly id: MetadataRuleId;
  readonly rule: string;
  readonly severity: MetadataFinding['severity'];
  readonly at: string;
  readonly found: string;
  readonly allowed: string;
}

/** The same report with its findings in the words of a language. */
export function wordedReport<R extends { readonly findings: readonly MetadataFinding[] }>(
  language: Language,
  report: R,
): Omit<R, 'findings'> & { readonly findings: readonly WordedFinding[] } {
  return { ...report, findings: report.findings.map((finding) => worded(language, finding)) };
}

export function worded(
  language: Language,
  { found, allowed, id, rule, severity, at }: MetadataFinding,
): WordedFinding {
  const { phrases } = TEXTS[language];
  const said = ([phrase, of = '']: MetadataFinding['found']) => phrases[phrase](of);
  return { id, rule, severity, at, found: said(found), allowed: said(allowed) };
}

/** What a rule is about, and what to do where it is broken. */
export function aboutRule(language: Language, id: MetadataRuleId): FindingTexts['rules'][MetadataRuleId] {
  return TEXTS[language].rules[id];
}
