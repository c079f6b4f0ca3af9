import type { Difference } from '../../audit/difference.ts';
import { html, type Html } from '../../web/html.ts';

/** What was and what is, or would be, place by place. */
export function differenceList(found: readonly Difference[]): Html {
  return html`<dl class="released-data">
    ${found.map(
      ({ path, before, after }) =>
        html`<div>
          <dt translate="no">${path}</dt>
          <dd translate="no">
            ${before === undefined ? undefined : html`<del>${value(before)}</del>`}
            ${after === undefined ? undefined : html`<ins>${value(after)}</ins>`}
          </dd>
        </div>`,
    )}
  </dl>`;
}

/** A logo is looked at, not read. */
function value(json: string): Html | string {
  const [, image] = /^"(data:image\/png;base64,[\w+/=]+)"$/.exec(json) ?? [];
  return image === undefined ? json : html`<img src="${image}" alt="PNG" />`;
}
