import type { Language } from '../../identity/language.ts';
import { pressing, type DatedEntry } from '../../keys/calendar.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';

/** @param calendar what ends first first */
export function keysBody(language: Language, calendar: readonly DatedEntry[]): Html {
  const { keys: text } = consoleMessages[language];
  const urgent = pressing(calendar);
  const others = calendar.filter((entry) => !urgent.includes(entry));
  return html`<p>${text.intro}</p>
    <h2 class="h4">${text.urgent}</h2>
    ${urgent.length === 0 ? html`<p>${text.nothingUrgent}</p>` : list(language, urgent)}
    <h2 class="h4">${text.calendar}</h2>
    ${list(language, others)}`;
}

function list(language: Language, entries: readonly DatedEntry[]): Html {
  const { keys: text } = consoleMessages[language];
  return html`<ul class="console-list list-unstyled">
    ${entries.map(
      (entry) =>
        html`<li>
          <p>
            <strong>${text.kinds[entry.kind]}</strong>
            <span translate="no">${entry.id}</span><br />
            ${when(language, entry)}
          </p>
          ${entry.stage === undefined ? undefined : html`<p>${text.toDo[entry.kind]}</p>`}
          ${
            entry.fingerprint &&
            html`<details>
              <summary>${text.fingerprint}</summary>
              <p><code>${entry.fingerprint}</code></p>
            </details>`
          }
        </li>`,
    )}
  </ul>`;
}

function when(language: Language, { kind, ends, begins, days, stage, followed }: DatedEntry): Html {
  const { keys: text } = consoleMessages[language];
  const rotated = kind === 'oidc' || kind === 'cookies';
  if (stage === 'early' && begins) return html`${text.notBefore} ${date(language, begins)}`;
  const words = rotated ? text.changes : days < 0 ? text.ended : text.ends;
  return html`${words} ${date(language, ends)}${days < 0 ? undefined : html` · ${text.days(days)}`}${
    followed && !rotated ? html` · ${text.followed}` : undefined
  }`;
}

function date(language: Language, at: Date): Html {
  const shown = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'Europe/Rome' }).format(at);
  return html`<time datetime="${at.toISOString()}">${shown}</time>`;
}
