import { html, type Html } from '../html.ts';
import { layout, type PageFrame } from '../layout.ts';
import { accessesMessages } from '../messages/accesses.ts';
import { messages } from '../messages/index.ts';
import { signOutMessages, type SignOutMessages } from '../messages/sign-out.ts';

/** Asks whether to leave: every service, or only the one that asked. */
export function logoutPage(
  frame: PageFrame,
  data: { readonly service: string | undefined; readonly action: string; readonly xsrf: string },
): string {
  const text = messages(frame.language).logout;
  return layout(frame, {
    title: text.title,
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <h1 class="h2">${text.title}</h1>
        <p class="lead">${text.text(data.service)}</p>
        <p>${text.explain}</p>
        <form method="post" action="${data.action}" class="problem-actions">
          <input type="hidden" name="xsrf" value="${data.xsrf}" />
          <button class="btn btn-primary" type="submit" name="logout" value="yes">${text.leave}</button>
          <button class="btn btn-outline-primary" type="submit" aria-describedby="stay-hint">
            ${text.stay}
          </button>
        </form>
        <p class="small" id="stay-hint">${text.stayHint}</p>
      </div>
    </div>`,
  });
}

/** Says honestly what has been closed, and what may not be. */
export function loggedOutPage(
  frame: PageFrame,
  data: {
    /** Names of the services that were closed, where it is known: the citizen came from them, or they are told. */
    readonly services: readonly string[];
    /** Names of those that nobody can tell: they may remember her. */
    readonly untold: readonly string[];
    readonly providerMayRemember: boolean;
  },
): string {
  const text = signOutMessages(frame.language);
  return layout(frame, {
    title: text.title,
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <h1 class="h2">${text.title}</h1>
        ${closedServices(text, data.services)}
        <h2 class="h4">${text.notClosed}</h2>
        ${remembering(text, data.untold)}
        <p>${text.notClosedServices}</p>
        ${data.providerMayRemember && html`<p>${text.notClosedProvider}</p>`}
        <p>${text.advice}</p>
        <div class="problem-actions">
          <a class="btn btn-primary" href="/">${messages(frame.language).problem.home}</a>
        </div>
        <p><a href="/accessi">${accessesMessages[frame.language].link}</a></p>
      </div>
    </div>`,
  });
}

/** Says that only the service which asked was closed. */
export function stayedPage(
  frame: PageFrame,
  data: { readonly service: string; readonly home: string },
): string {
  const text = signOutMessages(frame.language).stayed;
  return layout(frame, {
    title: text.title,
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <h1 class="h2">${text.title}</h1>
        <p class="lead">${text.text(data.service)}</p>
        <p>${text.others}</p>
        <div class="problem-actions"><a class="btn btn-primary" href="${data.home}">${text.back}</a></div>
      </div>
    </div>`,
  });
}

function closedServices(text: SignOutMessages, services: readonly string[]): Html {
  if (services.length === 0) return html`<p class="lead">${text.closed}</p>`;
  return html`<p class="lead">${text.closedList}</p>
    <ul>
      ${services.map((name) => html`<li>${name}</li>`)}
    </ul>`;
}

function remembering(text: SignOutMessages, services: readonly string[]): Html | undefined {
  if (services.length === 0) return undefined;
  return html`<p>${text.notClosedUntold}</p>
    <ul>
      ${services.map((name) => html`<li>${name}</li>`)}
    </ul>`;
}
