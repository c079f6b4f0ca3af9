import { html } from '../html.ts';
import { layout, type PageFrame } from '../layout.ts';
import { messages } from '../messages/index.ts';

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
export function loggedOutPage(frame: PageFrame, data: { readonly home: string | undefined }): string {
  const text = messages(frame.language).loggedOut;
  return layout(frame, {
    title: text.title,
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <h1 class="h2">${text.title}</h1>
        <p class="lead">${text.text}</p>
        <p>${text.advice}</p>
        ${data.home && html`<div class="problem-actions"><a class="btn btn-primary" href="${data.home}">${text.back}</a></div>`}
      </div>
    </div>`,
  });
}
