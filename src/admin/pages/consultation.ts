import type { Language } from '../../identity/language.ts';
import type { Consultation } from '../../register/consultation/consultation.ts';
import type { EntrySummary } from '../../register/entry.ts';
import { messageOf } from '../../register/package/signatures.ts';
import type { OpenedEntry } from '../../register/register.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { storyOf, type Names } from '../trace/story.ts';
import { time } from './audit.ts';
import { scopeInWords } from './consultations.ts';

/** What a consultation found, unopened. @param data.more address of the next page */
export function foundBody(
  language: Language,
  data: {
    readonly csrf: string;
    readonly consultation: Consultation;
    readonly entries: readonly EntrySummary[];
    readonly more: string | undefined;
    readonly names: Names;
  },
): Html {
  const { register: text } = consoleMessages[language];
  const { consultation, entries } = data;
  const story = storyOf(entries, language, data.names);
  const groups = Map.groupBy(
    entries.map((entry, at) => ({ entry, sentence: story[at]?.sentence ?? '' })),
    ({ entry }) => entry.transactionId,
  );
  return html`${about(language, consultation)}
    ${entries.length === 0 ? html`<p role="status">${text.nothing}</p>` : exportForm(language, data, undefined)}
    <h2 class="h4">${text.found}</h2>
    <ul class="console-list list-unstyled">
      ${[...groups].map(
        ([transaction, found]) =>
          html`<li>
            ${found.map(({ entry, sentence }) => html`<p>${time(language, entry.at)} · ${sentence}</p>`)}
            <p>
              <a href="/admin/register/${consultation.id}/transactions/${transaction}"
                >${text.openTransaction}<span class="visually-hidden"> ${found[0]?.entry.reference}</span></a
              >
            </p>
          </li>`,
      )}
    </ul>
    ${data.more === undefined ? undefined : html`<p><a href="${data.more}">${text.more}</a></p>`}`;
}

/** One transaction, opened: every message as it was. */
export function transactionBody(
  language: Language,
  data: {
    readonly csrf: string;
    readonly consultation: Consultation;
    readonly transactionId: string;
    readonly entries: readonly OpenedEntry[];
    readonly names: Names;
  },
): Html {
  const { register: text } = consoleMessages[language];
  const story = storyOf(
    data.entries.map(({ summary }) => summary),
    language,
    data.names,
  );
  return html`${about(language, data.consultation)}
    ${exportForm(language, data, data.transactionId)}
    <ol class="console-list list-unstyled">
      ${data.entries.map((entry, at) => {
        const message = messageOf(entry);
        return html`<li>
          <p>${time(language, entry.summary.at)} · ${story[at]?.sentence}</p>
          ${message ? folded(text.message, Buffer.from(message).toString('utf8')) : undefined}
          ${folded(text.evidence, JSON.stringify(withoutMessage(entry), null, 2))}
        </li>`;
      })}
    </ol>`;
}

function about(language: Language, { reason, scope, endsAt }: Consultation): Html {
  const { register: text } = consoleMessages[language];
  return html`<p>
    <strong>${reason}</strong><br />${scopeInWords(language, scope)}<br />${text.states.open} ${text.until}
    ${time(language, endsAt)}
  </p>`;
}

function exportForm(
  language: Language,
  { csrf, consultation }: { readonly csrf: string; readonly consultation: Consultation },
  transactionId: string | undefined,
): Html {
  const { register: text } = consoleMessages[language];
  return html`<form method="post" action="/admin/register/${consultation.id}/export">
    <input type="hidden" name="csrf" value="${csrf}" />
    ${transactionId && html`<input type="hidden" name="transaction" value="${transactionId}" />`}
    <p class="console-hint">${text.exportHint}</p>
    <button class="btn btn-outline-primary" type="submit">
      ${transactionId === undefined ? text.export : text.exportOne}
    </button>
  </form>`;
}

function folded(summary: string, content: string): Html {
  return html`<details>
    <summary>${summary}</summary>
    <pre translate="no" tabindex="0">${content}</pre>
  </details>`;
}

/** The message is shown by itself. Bytes are shown as base64. */
function withoutMessage({ evidence }: OpenedEntry): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(evidence)
      .filter(([name]) => name !== 'xml' && name !== 'message')
      .map(([name, value]) => [
        name,
        value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
      ]),
  );
}
