import { html, type Html } from './html.ts';

/** What is known of one thing: each row a term and what it is, in the order given. */
export function descriptionList(
  rows: readonly (readonly [term: Html | string, description: Html | string])[],
): Html {
  return html`<dl class="released-data">
    ${rows.map(
      ([term, description]) =>
        html`<div>
          <dt>${term}</dt>
          <dd>${description}</dd>
        </div>`,
    )}
  </dl>`;
}
