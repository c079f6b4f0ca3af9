import type { Language } from '../../identity/language.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import type { Told } from '../trace/story.ts';
import { field } from './fields.ts';
import { time } from './audit.ts';

/** @param data.reference undefined before anything was looked for */
export function traceBody(
  language: Language,
  data: {
    readonly csrf: string;
    readonly text: string;
    readonly wrong: boolean;
    readonly reference: string | undefined;
    readonly story: readonly Told[];
    /** What the citizen is told. */
    readonly citizen: string;
    /** Whether what there is to do at the gateway is for whoever reads it. */
    readonly helps: boolean;
  },
): Html {
  const { trace: text } = consoleMessages[language];
  return html`<form method="post" action="/admin/trace" class="console-search" novalidate>
      <input type="hidden" name="csrf" value="${data.csrf}" />
      ${field({
        name: 'reference',
        label: text.label,
        hint: text.hint,
        value: data.text,
        wrong: data.wrong ? text.wrong : undefined,
      })}
      <button class="btn btn-primary" type="submit">${text.find}</button>
    </form>
    ${data.reference === undefined ? undefined : found(language, data.reference, data)}`;
}

function found(
  language: Language,
  reference: string,
  data: { readonly story: readonly Told[]; readonly citizen: string; readonly helps: boolean },
): Html {
  const { trace: text } = consoleMessages[language];
  const { story, citizen, helps } = data;
  if (story.length === 0) return html`<p role="status">${text.none(reference)}</p>`;
  return html`<h2 class="h4">${text.tellCitizen}</h2>
    <p class="lead">${citizen}</p>
    <h2 class="h4">${text.story}</h2>
    <ol class="console-list list-unstyled">
      ${story.map(
        ({ at, sentence, advice }) =>
          html`<li>
            <p>${time(language, at)}<br />${sentence}.</p>
            ${advice && html`<p><strong>${text.toDo}:</strong> ${advice.operator}</p>`}
          </li>`,
      )}
    </ol>
    ${helps ? undefined : html`<p>${text.askAdministrators}</p>`}
    <p>${text.toldByEntries}</p>`;
}
