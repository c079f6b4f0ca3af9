import type { Language } from '../../identity/language.ts';
import type { Setting } from '../../operations/setting.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { table } from './table.ts';

export function settingsBody(language: Language, settings: readonly Setting[]): Html {
  const { settings: text } = consoleMessages[language];
  const source = ({ source: from, place = '' }: Setting) => {
    const said = text.sources[from];
    return typeof said === 'string' ? said : said(place);
  };
  return html`<p>${text.intro}</p>
    ${table({
      caption: consoleMessages[language].section.settings,
      head: text.key,
      columns: [{ label: text.value }, { label: text.source }],
      rows: settings.map((setting) => ({
        head: html`<code>${setting.key}</code>`,
        cells: [
          setting.value === undefined
            ? text.secret
            : html`<span translate="no">${setting.value || '–'}</span>`,
          source(setting),
        ],
      })),
    })}`;
}
