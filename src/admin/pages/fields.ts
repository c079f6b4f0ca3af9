import type { Language } from '../../identity/language.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';

interface Field {
  readonly name: string;
  /** Where a page has several of one name. */
  readonly id?: string;
  readonly label: string;
  readonly value: string;
  /** What a button is called by which a file fills it, where scripts run. */
  readonly upload?: string;
  /** Which files that may be, as in the attribute `accept`. */
  readonly accept?: string;
  /** What kind of line it is, where that is not text. */
  readonly type?: 'date' | undefined;
  readonly hint?: string | undefined;
  /** What is wrong with the value, said beside it. */
  readonly wrong?: Html | string | undefined;
}

/** A labelled line of text. */
export function field(data: Field): Html {
  return around(
    data,
    html`<input class="form-control" id="${data.id ?? data.name}" name="${data.name}" type="${data.type ?? 'text'}" value="${data.value}" autocomplete="off" ${described(data)} />`,
  );
}

/** Several lines of text. */
export function textArea(data: Field): Html {
  return around(
    data,
    html`<textarea class="form-control" id="${data.name}" name="${data.name}" rows="3" spellcheck="false" ${data.upload && html`data-upload="${data.upload}" data-accept="${data.accept}"`} ${described(data)}>
${data.value}</textarea
    >`,
  );
}

export function select(data: Field & { readonly options: readonly (readonly [string, string])[] }): Html {
  return around(
    data,
    html`<select class="form-select" id="${data.name}" name="${data.name}" ${described(data)}>
      ${data.options.map(
        ([value, label]) =>
          html`<option value="${value}" ${value === data.value ? html`selected` : undefined}>${label}</option>`,
      )}
    </select>`,
  );
}

/** What is wrong in a form, above it, with a way to each of its fields; nothing where nothing is. */
export function faultSummary(
  language: Language,
  faulty: readonly { readonly name: string; readonly label: string }[],
): Html | undefined {
  if (faulty.length === 0) return undefined;
  return html`<div class="console-faults" role="alert">
    <p>${consoleMessages[language].faulty}</p>
    <ul>
      ${faulty.map(({ name, label }) => html`<li><a href="#${name}">${label}</a></li>`)}
    </ul>
  </div>`;
}

function around({ name, id = name, label, hint, wrong }: Field, control: Html): Html {
  return html`<div class="console-field">
    <label for="${id}">${label}</label>
    ${hint && html`<p class="console-hint" id="${id}-hint">${hint}</p>`} ${control}
    ${wrong && html`<div class="console-wrong" id="${id}-wrong">${wrong}</div>`}
  </div>`;
}

function described({ name, id = name, hint, wrong }: Field): Html | undefined {
  const ids = [hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(' ');
  if (!ids) return undefined;
  return html`aria-describedby="${ids}" ${wrong ? html`aria-invalid="true"` : undefined}`;
}
