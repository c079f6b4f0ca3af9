import type { MetadataRuleId, Phrase } from '../../../entities/metadata-check/rule.ts';

/** What findings in metadata are told with, in one language. */
export interface FindingTexts {
  /** What the phrases of findings say; `of` is the value they speak of. */
  readonly phrases: Readonly<Record<Phrase, (of: string) => string>>;
  /** Of a rule: what it is about, and what to do when it is broken. */
  readonly rules: Readonly<Record<MetadataRuleId, { readonly about: string; readonly next: string }>>;
}
