import { differences } from '../../audit/difference.ts';
import type { AuditEntry } from '../../audit/entry.ts';
import type { Language } from '../../identity/language.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { differenceList } from './differences.ts';

/** @param more where the next page begins */
export function auditBody(
  language: Language,
  entries: readonly AuditEntry[],
  more: number | undefined,
): Html {
  const text = consoleMessages[language].audit;
  return html`<p>${text.intro}</p>
    ${entries.length === 0 ? html`<p>${text.none}</p>` : auditList(language, entries)}
    ${more === undefined ? undefined : html`<p><a href="?before=${more}">${text.older}</a></p>`}`;
}

/** Entries with what each changed. */
export function auditList(language: Language, entries: readonly AuditEntry[]): Html {
  const { audit: text } = consoleMessages[language];
  return html`<ol class="console-list list-unstyled">
    ${entries.map(
      (entry) =>
        html`<li>
          <p>
            <strong>${actionIn(language, entry.action)}</strong> ${entry.target && html`<span translate="no">${entry.target.id}</span>`}
            ${entry.outcome === 'refused' ? html`<strong>(${text.refused})</strong>` : undefined}<br />
            ${time(language, entry.at)} · ${entry.actor} · ${text.via[entry.via as keyof typeof text.via]}
            ${entry.address && html`· <span translate="no">${entry.address}</span>`} · n. ${entry.seq}
          </p>
          ${changes(language, entry)}
        </li>`,
    )}
  </ol>`;
}

/** In words where there are some; beside them what it is called in exports. */
function actionIn(language: Language, action: string): Html | string {
  const words: Readonly<Record<string, string>> = consoleMessages[language].audit.actions;
  const said = words[action];
  return said === undefined
    ? action
    : html`${said} <span class="console-code" translate="no">(${action})</span>`;
}

/** Made once: making a format takes longer than using it. */
const FORMATS = { it: format('it'), en: format('en') };

/** The same as words, for the middle of a sentence. */
export function timeText(language: Language, at: Date): string {
  return FORMATS[language].format(at);
}

export function time(language: Language, at: Date): Html {
  return html`<time datetime="${at.toISOString()}">${FORMATS[language].format(at)}</time>`;
}

const DAYS = { it: dayFormat('it'), en: dayFormat('en') };

/** The Italian day of a moment. */
export function day(language: Language, at: Date): string {
  return DAYS[language].format(at);
}

function dayFormat(language: Language): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'Europe/Rome' });
}

function format(language: Language): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(language, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'Europe/Rome',
  });
}

function changes(language: Language, entry: AuditEntry): Html | undefined {
  const text = consoleMessages[language].audit;
  const found = differences(entry.before, entry.after);
  if (found.length === 0) return undefined;
  return html`<details>
    <summary>${text.changes(found.length)}</summary>
    ${differenceList(language, found)}
  </details>`;
}
