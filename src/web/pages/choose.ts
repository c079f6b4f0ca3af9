import type { AttributeName } from '../../identity/attributes.ts';
import type { Level } from '../../identity/level.ts';
import { html, type Html } from '../html.ts';
import { layout, type PageFrame } from '../layout.ts';
import { messages } from '../messages/index.ts';

export interface ChoosePage {
  readonly service: string;
  readonly entity: string;
  readonly level: Level;
  readonly attributes: readonly { readonly name: AttributeName; readonly purpose: string }[];
  /** In the order to be shown. */
  readonly offers: readonly { readonly id: string; readonly name: string }[];
  /** Where a choice is posted, as `provider`. */
  readonly action: string;
  /** Where turning back is posted. */
  readonly backAction: string;
}

const SPID_SITE = 'https://www.spid.gov.it';

/** The choice of a provider, with what will be released and why (spid-registry-and-idps, 3). */
export function choosePage(frame: PageFrame, data: ChoosePage): string {
  const text = messages(frame.language).choose;
  return layout(frame, {
    title: text.title(data.service),
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <h1 class="h2 mb-2">${text.title(data.service)}</h1>
        <p class="lead mb-4">${text.intro(data.entity)}</p>
        ${released(frame, data)}
        <section aria-labelledby="providers" class="mb-4">
          <h2 id="providers" class="h4 mb-1">${text.providers}</h2>
          ${
            data.offers.length === 0
              ? html`<p class="alert alert-warning" role="alert">${text.noProviders}</p>`
              : html`<p class="small mb-3">${text.providersHint}</p>
                  <form method="post" action="${data.action}">
                    <ul class="provider-list list-unstyled">
                      ${data.offers.map(
                        (offer) =>
                          html`<li>
                            <button
                              class="btn provider-button"
                              type="submit"
                              name="provider"
                              value="${offer.id}"
                            >
                              ${offer.name}
                            </button>
                          </li>`,
                      )}
                    </ul>
                  </form>`
          }
          <ul class="list-unstyled small spid-links">
            <li><a href="${SPID_SITE}">${text.moreInformation}</a></li>
            <li><a href="${SPID_SITE}/richiedi-spid">${text.noSpid}</a></li>
            <li><a href="${SPID_SITE}/serve-aiuto">${text.needHelp}</a></li>
          </ul>
        </section>
        <form method="post" action="${data.backAction}">
          <button class="btn btn-outline-primary" type="submit">${text.back}</button>
        </form>
      </div>
    </div>`,
  });
}

function released(frame: PageFrame, { attributes, level }: ChoosePage): Html {
  const { choose: text, attributes: names, levels } = messages(frame.language);
  const list =
    attributes.length === 0
      ? html`<p>${text.releasedNone}</p>`
      : html`<dl class="released-data">
          ${attributes.map(
            ({ name, purpose }) =>
              html`<div>
                <dt>${names[name]}</dt>
                <dd>${purpose}</dd>
              </div>`,
          )}
        </dl>`;
  return html`<details class="released mb-4" open>
    <summary>${text.released}</summary>
    ${list}
    <p class="small mb-0">${text.level}: ${levels[level]}.</p>
  </details>`;
}
