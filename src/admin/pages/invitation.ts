import { html, type Html } from '../../web/html.ts';
import { layout, type PageFrame } from '../../web/layout.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import type { Invitation } from '../invitations.ts';
import { time } from './audit.ts';

/** Why an invitation does not open: `held` is for who has the role already. */
export type InvitationProblem = 'unknown' | 'used' | 'expired' | 'foreign' | 'held';

interface Guest {
  readonly action: string;
  readonly csrf: string;
  readonly name: string;
}

/** Where a one-time code is entered, after one that did not do with why. */
export function invitationPage(
  frame: PageFrame,
  data: Guest & { readonly problem?: InvitationProblem },
): string {
  const text = consoleMessages[frame.language].invitation;
  return page(
    frame,
    html`<p class="lead">${text.text(data.name)}</p>
      <form method="post" action="${data.action}">
        <input type="hidden" name="csrf" value="${data.csrf}" />
        <div class="console-field">
          <label for="code">${text.code}</label>
          <input
            class="form-control"
            id="code"
            name="code"
            autocomplete="off"
            spellcheck="false"
            required
            ${data.problem ? html`aria-invalid="true" aria-describedby="code-wrong"` : undefined}
          />
          ${data.problem && html`<p class="console-wrong" id="code-wrong" role="alert">${text.problems[data.problem]}</p>`}
        </div>
        <button class="btn btn-primary" type="submit">${text.accept}</button>
      </form>`,
  );
}

/** Why a link does not open. */
export function closedLinkPage(
  frame: PageFrame,
  data: { readonly console: string; readonly problem: InvitationProblem },
): string {
  const text = consoleMessages[frame.language];
  return page(
    frame,
    html`<p class="lead" role="alert">${text.invitation.problems[data.problem]}</p>
      <p><a href="${data.console}">${text.console}</a></p>`,
  );
}

/** What a link offers, before it is accepted. */
export function linkPage(
  frame: PageFrame,
  data: Guest & { readonly invitation: Invitation; readonly code: string; readonly entity: string },
): string {
  const { invitation: text } = consoleMessages[frame.language];
  const { invitation } = data;
  return page(
    frame,
    html`<p class="lead">${data.entity ? text.offered(data.name, data.entity) : text.offeredUnion(data.name)}</p>
      <p>
        ${invitation.invitedBy ? text.offeredBy(invitation.invitedBy) : text.offeredByCode} ${text.until}
        ${time(frame.language, invitation.expiresAt)}.
      </p>
      <form method="post" action="${data.action}">
        <input type="hidden" name="csrf" value="${data.csrf}" />
        <input type="hidden" name="code" value="${data.code}" />
        <button class="btn btn-primary" type="submit">${text.acceptLink}</button>
      </form>`,
  );
}

function page(frame: PageFrame, body: Html): string {
  const text = consoleMessages[frame.language].invitation;
  return layout(frame, {
    title: text.title,
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <h1 class="h2">${text.title}</h1>
        ${body}
      </div>
    </div>`,
  });
}
