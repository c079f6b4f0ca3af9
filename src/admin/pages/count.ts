import type { Language } from '../../identity/language.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';

/** Made once: a page has hundreds of figures, and making a format takes longer than using it. */
const FORMATS = { it: formats('it'), en: formats('en') };

/** A number, or that it is kept back. */
export function count(language: Language, value: number | undefined): Html | string {
  if (value !== undefined) return FORMATS[language].number.format(value);
  return html`<span aria-hidden="true">*</span
    ><span class="visually-hidden">${consoleMessages[language].kept}</span>`;
}

export function percent(language: Language, part: number, whole: number): string {
  return FORMATS[language].percent.format(part / whole);
}

/** How a source of identities is called. */
export function sourceName(language: Language, source: string): string {
  const names: Readonly<Record<string, string>> = consoleMessages[language].sources;
  return names[source] ?? source;
}

function formats(language: Language) {
  return {
    number: new Intl.NumberFormat(language, { useGrouping: 'always' }),
    percent: new Intl.NumberFormat(language, { style: 'percent' }),
  };
}
