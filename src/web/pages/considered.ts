import { html, type Html } from '../html.ts';

/**
 * An act that cannot be undone, or that somebody feels at once: its button is behind the sentence that says what comes
 * of it, so that no single click does it.
 */
export function considered(data: {
  readonly label: string;
  /** What it is done to, for those who do not see where it stands. */
  readonly of?: string;
  readonly consequence: Html | string;
  /** The form with its button. */
  readonly form: Html;
}): Html {
  const { label, of, consequence, form } = data;
  return html`<details class="console-considered">
    <summary>${label}${of && html`<span class="visually-hidden"> ${of}</span>`}</summary>
    <div>${consequence}</div>
    ${form}
  </details>`;
}
