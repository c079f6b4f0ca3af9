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
  const text = messages(frame.language).problem;
  const problem = text.texts[data.reason];
  const variables = { ...data.variables, service: data.variables.service || text.thisService };
  return layout(frame, {
    title: problem.title,
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <div role="alert">
          <h1 class="h2" tabindex="-1" autofocus>${problem.title}</h1>
          <p class="lead">${problem.happened(variables)}</p>
          <p>${problem.next(variables)}</p>
        </div>
        <div class="problem-actions">${actions(frame, data.actions)}</div>
        <p class="support-reference">
          ${text.reference}: <strong translate="no">${data.reference}</strong>
          ${frame.brand.supportEmail && html`<br /><a href="mailto:${frame.brand.supportEmail}?subject=${data.reference}">${frame.brand.supportEmail}</a>`}
        </p>
        ${data.forDevelopers !== undefined && html`<p class="support-reference">${text.forDevelopers}: <code translate="no">${data.forDevelopers}</code></p>`}
      </div>
    </div>`,
  });
}

function actions(
  frame: PageFrame,
  { retry, otherIdentity, backToService, home }: ProblemActions,
): (Html | undefined)[] {
  const text = messages(frame.language).problem;
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
