/** The languages every page and every citizen-facing text exists in. The first one is the default. */
export const LANGUAGES = ['it', 'en'] as const;

export type Language = (typeof LANGUAGES)[number];

/** What a switch of languages leads to. */
export function otherThan(language: Language): Language {
  return language === 'it' ? 'en' : 'it';
}

/** A text in every language. */
export type Localised = Readonly<Record<Language, string>>;
