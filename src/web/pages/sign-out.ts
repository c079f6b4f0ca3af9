import type { SignOutOutcome } from '../../sources/source.ts';
import { html } from '../html.ts';
import { layout, type PageFrame } from '../layout.ts';
import { accessesMessages } from '../messages/accesses.ts';
import { providerSignOutMessages } from '../messages/provider-sign-out.ts';

export interface SignOutPage {
  /** Null until the citizen has decided. */
  readonly outcome: 'sent' | SignOutOutcome | null;
  readonly provider: string;
  /** Names of the services that were closed here. */
  readonly services: readonly string[];
  /** Where leaving the provider is posted. */
  readonly action: string;
  /** Where the service wants the citizen back. */
  readonly returnTo: string | undefined;
}

/** What has been closed here, whether the provider's session can be closed too, and what became of that. */
export function signOutPage(frame: PageFrame, data: SignOutPage): string {
  const text = providerSignOutMessages(frame.language);
  const said = data.outcome === null ? text.offer : text.outcomes[data.outcome];
  const undecided = data.outcome === null;
  return layout(frame, {
    title: said.title,
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <div role="status">
          <h1 class="h2" tabindex="-1" autofocus>${said.title}</h1>
          <p class="lead">${said.text(data.provider)}</p>
          <p>${said.next(data.provider)}</p>
        </div>
        ${
          data.services.length > 0 &&
          html`<p>${text.closedHere}</p>
            <ul>
              ${data.services.map((name) => html`<li>${name}</li>`)}
            </ul>`
        }
        ${undecided ? undefined : html`<p><a href="/accessi">${accessesMessages[frame.language].link}</a></p>`}
        <div class="problem-actions">
          ${
            undecided &&
            html`<form method="post" action="${data.action}">
              <button class="btn btn-primary" type="submit">${text.leave}</button>
            </form>`
          }
          ${
            data.returnTo &&
            html`<a class="btn ${undecided ? 'btn-outline-primary' : 'btn-primary'}" href="${data.returnTo}"
              >${text.back}</a
            >`
          }
        </div>
      </div>
    </div>`,
  });
}
