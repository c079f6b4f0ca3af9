import type { Language } from '../../identity/language.ts';
import { en } from './en.ts';
import { it, type Messages } from './it.ts';

const ALL: Readonly<Record<Language, Messages>> = { it, en };

export function messages(language: Language): Messages {
  return ALL[language];
}
