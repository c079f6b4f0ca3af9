import { html } from '../html.ts';
import { layout, type PageFrame } from '../layout.ts';
import { portalMessages } from '../messages/portal.ts';

/** Signing in to one of our own areas did not work out; nothing is lost by trying again. */
export function notSignedInPage(
  frame: PageFrame,
  { area, retry }: { readonly area: string; readonly retry: string },
): string {
  const text = portalMessages[frame.language].notSignedIn;
  return layout(frame, {
    title: text.title,
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <h1 class="h2" tabindex="-1" autofocus>${text.title}</h1>
        <p class="lead">${text.text(area)}</p>
        <div class="problem-actions">
          <a class="btn btn-primary" href="${retry}">${text.retry}</a>
          <a class="btn btn-outline-primary" href="/">${text.home}</a>
        </div>
      </div>
    </div>`,
  });
}
