import { otherThan, type Language } from '../../identity/language.ts';
import { html, type Html } from '../html.ts';
import { layout, type PageFrame } from '../layout.ts';
import { messages } from '../messages/index.ts';
import type { ProblemReason, ProblemVariables } from '../messages/problem-text.ts';

/** What the citizen can do next; only what makes sense is given. */
export interface ProblemActions {
  /** Same provider again: where to post, and which provider. */
  readonly retry?: { readonly action: string; readonly provider: string } | undefined;
  /** Back to the choice of a provider. */
  readonly otherIdentity?: string | undefined;
  /** Back to the service, with a standard error: where to post, and the code. */
  readonly backToService?: { readonly action: string; readonly code: string } | undefined;
  /** Home page of the service or of the gateway, when there is nothing to go back to. */
  readonly home?: { readonly url: string; readonly service: boolean } | undefined;
}

export interface ProblemPage {
  readonly reason: ProblemReason;
  readonly variables: ProblemVariables;
  readonly reference: string;
  /** What is wrong with the request of a service, for its developers: an identifier of docs/services.md. */
  readonly forDevelopers?: string | undefined;
  readonly actions: ProblemActions;
}

/** Every way a login can end badly: what happened, what to do, where to go, and a code that support understands. */
export function problemPage(frame: PageFrame, data: ProblemPage): string {
  const { language, alternateUrl } = frame;
  const text = messages(language).problem;
  const { title } = text.texts[data.reason];
  return layout(alternateUrl ? frame : { ...frame, alternateUrl: `#${TRANSLATION}` }, {
    title,
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <div role="alert">
          <h1 class="h2" tabindex="-1" autofocus>${title}</h1>
          ${explained(language, data)}
        </div>
        <div class="problem-actions">${actions(language, data.actions)}</div>
        <p class="support-reference">
          ${text.reference}: <strong translate="no">${data.reference}</strong>
          ${frame.brand.supportEmail && html`<br /><a href="mailto:${frame.brand.supportEmail}?subject=${data.reference}">${frame.brand.supportEmail}</a>`}
        </p>
        ${data.forDevelopers !== undefined && html`<p class="support-reference">${text.forDevelopers}: <code translate="no">${data.forDevelopers}</code></p>`}
        ${alternateUrl ? undefined : translated(language, data)}
      </div>
    </div>`,
  });
}

/** What happened and what to do. */
function explained(language: Language, { reason, variables }: ProblemPage): Html {
  const { texts, thisService } = messages(language).problem;
  const known = { ...variables, service: variables.service || thisService };
  return html`<p class="lead">${texts[reason].happened(known)}</p>
    <p>${texts[reason].next(known)}</p>`;
}

/** Where the other language stands on the page itself. */
const TRANSLATION = 'translation';

/**
 * The page again in the other language, folded: it answers a form, such as the answer of a provider, and to ask for it
 * once more in another language would be to answer twice. The switch in the header leads here and opens it.
 */
function translated(language: Language, data: ProblemPage): Html {
  const other = otherThan(language);
  return html`<details lang="${other}">
    <summary>${messages(language).layout.otherLanguage}</summary>
    <h2 class="h4" id="${TRANSLATION}">${messages(other).problem.texts[data.reason].title}</h2>
    ${explained(other, data)}
    <div class="problem-actions">${actions(other, data.actions)}</div>
  </details>`;
}

function actions(
  language: Language,
  { retry, otherIdentity, backToService, home }: ProblemActions,
): (Html | undefined)[] {
  const text = messages(language).problem;
  return [
    retry &&
      html`<form method="post" action="${retry.action}">
        <button class="btn btn-primary" type="submit" name="provider" value="${retry.provider}">
          ${text.retry}
        </button>
      </form>`,
    otherIdentity !== undefined
      ? html`<a class="btn btn-outline-primary" href="${otherIdentity}">${text.otherIdentity}</a>`
      : undefined,
    backToService &&
      html`<form method="post" action="${backToService.action}">
        <button class="btn btn-outline-primary" type="submit" name="code" value="${backToService.code}">
          ${text.backToService}
        </button>
      </form>`,
    home &&
      html`<a class="btn btn-primary" href="${home.url}"
        >${home.service ? text.backToService : text.home}</a
      >`,
  ];
}
