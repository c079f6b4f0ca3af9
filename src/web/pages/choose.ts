import type { LegalBasis } from '../../clients/legal-basis.ts';
import type { AttributeName } from '../../identity/attributes.ts';
import type { Level } from '../../identity/level.ts';
import { html, type Html } from '../html.ts';
import { layout, type PageFrame } from '../layout.ts';
import { confirmMessages } from '../messages/confirm.ts';
import { messages } from '../messages/index.ts';
import { legalBasisText } from '../messages/legal-basis.ts';
import { branded, type ServiceBrand } from './service-brand.ts';

export interface ReleasedAttribute {
  readonly name: AttributeName;
  readonly purpose: string;
  readonly legalBasis?: LegalBasis | undefined;
}

export interface ChoosePage {
  readonly service: string;
  readonly entity: string;
  readonly level: Level;
  readonly attributes: readonly ReleasedAttribute[];
  /** In the order to be shown. */
  readonly offers: readonly {
    readonly id: string;
    readonly name: string;
    /** Path of a picture that stands for the name. */
    readonly logo?: string;
  }[];
  /** Name of the provider that the citizen went to and did not come back from. */
  readonly waiting?: string | undefined;
  /** Providers that are missing, with the day since when and what the operators say about it. */
  readonly unavailable: readonly { readonly name: string; readonly since: Date; readonly notice: string }[];
  readonly brand: ServiceBrand;
  /** The service is in the test stage: only test identity providers are offered. */
  readonly testing: boolean;
  /** The service's age limits or claims: the citizen's age is looked at and her date of birth is not released. */
  readonly ageChecked: boolean;
  /** A session that nearly suffices: its provider comes first. */
  readonly continuation:
    | {
        readonly missing: 'level' | 'fresh-authentication' | 'attributes';
        readonly provider: { readonly id: string; readonly name: string };
      }
    | undefined;
  /** Where a choice is posted, as `provider`. */
  readonly action: string;
  /** Where turning back is posted. */
  readonly backAction: string;
}

const SPID_SITE = 'https://www.spid.gov.it';

/**
 * The choice of a provider, with what will be released and why (spid-registry-and-idps, 3). The list is there at once,
 * without a button to open it first: one step less for everybody, and nothing that needs a script.
 */
export function choosePage(frame: PageFrame, data: ChoosePage): string {
  const text = messages(frame.language).choose;
  return layout(frame, {
    title: text.title(data.service),
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <h1 class="h2">${text.title(data.service)}</h1>
        ${data.entity && html`<p class="lead">${text.entity(data.entity)}</p>`}
        ${data.testing ? html`<p role="note">${confirmMessages(frame.language).testing}</p>` : undefined}
        ${branded(frame.language, data.service, data.brand)} ${released(frame, data)}
        ${continued(frame, data)}
        ${data.waiting && html`<p role="status">${text.waiting(data.waiting)}</p>`}
        <section class="spid-panel" aria-labelledby="providers">
          <h2 id="providers">
            <img src="${frame.asset('spid-ico-circle-bb.svg')}" alt="" width="32" height="32" />${text.providers}
          </h2>
          ${providers(frame, data)} ${unavailable(frame, data)}
          <ul class="list-unstyled spid-links">
            <li><a href="${SPID_SITE}">${text.moreInformation}</a></li>
            <li><a href="${SPID_SITE}/richiedi-spid">${text.noSpid}</a></li>
            <li><a href="${SPID_SITE}/serve-aiuto">${text.needHelp}</a></li>
          </ul>
          <img src="${frame.asset('spid-logo.svg')}" alt="SPID" width="98" height="48" />
        </section>
        <form method="post" action="${data.backAction}" class="problem-actions">
          <button class="btn btn-outline-primary" type="submit">${text.back}</button>
        </form>
      </div>
    </div>`,
  });
}

function continued(frame: PageFrame, { service, continuation, action }: ChoosePage): Html | undefined {
  if (!continuation) return undefined;
  const text = confirmMessages(frame.language);
  const { missing, provider } = continuation;
  return html`<section aria-labelledby="continue">
    <h2 id="continue" class="h4">${text.more[missing](service)}</h2>
    <form method="post" action="${action}" class="problem-actions">
      <button class="btn btn-primary" type="submit" name="provider" value="${provider.id}">
        ${text.continueWith(provider.name)}
      </button>
    </form>
    <p>${text.or}</p>
  </section>`;
}

/** What the service gets, and why it may have it. */
export function released(
  frame: PageFrame,
  { attributes, ageChecked }: Pick<ChoosePage, 'attributes' | 'ageChecked'>,
): Html {
  const { choose: text, attributes: names } = messages(frame.language);
  const age = ageChecked && html`<li>${confirmMessages(frame.language).ageChecked}</li>`;
  if (attributes.length === 0 && !ageChecked) {
    return html`<section class="released" aria-labelledby="released">
      <h2 id="released">${text.pseudonym}</h2>
      <p>${text.releasedNone}</p>
    </section>`;
  }
  return html`<section class="released" aria-labelledby="released">
    <h2 id="released">${text.released}</h2>
    <ul class="released-names list-unstyled">
      ${attributes.map(({ name }) => html`<li>${names[name]}</li>`)} ${age}
    </ul>
    <details>
      <summary>${text.releasedWhy}</summary>
      <dl class="released-data">
        ${attributes.map(
          ({ name, purpose, legalBasis }) =>
            html`<div>
              <dt>${names[name]}</dt>
              <dd>${purpose}</dd>
              ${legalBasis && html`<dd>${legalBasisText(frame.language, legalBasis)}</dd>`}
            </div>`,
        )}
      </dl>
    </details>
  </section>`;
}

function providers(frame: PageFrame, { offers, level, action }: ChoosePage): Html {
  const { choose: text, levels } = messages(frame.language);
  if (offers.length === 0) return html`<p role="alert">${text.noProviders}</p>`;
  return html`<p>${text.level(levels[level])}</p>
    <p>${text.providersHint}</p>
    <form method="post" action="${action}">
      <ul class="provider-list list-unstyled">
        ${offers.map(
          ({ id, name, logo }) =>
            html`<li>
              <button class="btn provider-button" type="submit" name="provider" value="${id}">
                ${logo === undefined ? html`<span translate="no">${name}</span>` : html`<img src="${logo}" alt="${name}" />`}
              </button>
            </li>`,
        )}
      </ul>
    </form>`;
}

/** Why a provider is not there: with the date, so that an old notice is seen to be old. */
function unavailable(frame: PageFrame, data: ChoosePage): Html | undefined {
  const { choose: text } = messages(frame.language);
  if (data.unavailable.length === 0) return undefined;
  const day = new Intl.DateTimeFormat(frame.language === 'it' ? 'it-IT' : 'en-GB', {
    dateStyle: 'long',
    timeZone: 'Europe/Rome',
  });
  return html`<ul class="provider-notices list-unstyled">
    ${data.unavailable.map(
      ({ name, since, notice }) =>
        html`<li>${name}: ${text.suspended(day.format(since))} ${notice && html`<br />${notice}`}</li>`,
    )}
  </ul>`;
}
