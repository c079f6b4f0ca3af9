import { html } from '../html.ts';
import { layout, type PageFrame } from '../layout.ts';
import { portalMessages } from '../messages/portal.ts';

/** Nobody is signed in to one of our own areas: signing in did not work out, or it is over. Trying again is no harm. */
export function notSignedInPage(
  frame: PageFrame,
  data: {
    readonly why: 'notSignedIn' | 'sessionOver';
    readonly area: string;
    readonly retry: string;
  },
): string {
  const text = portalMessages[frame.language][data.why];
  return layout(frame, {
    title: text.title,
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <h1 class="h2" tabindex="-1" autofocus>${text.title}</h1>
        <p class="lead">${text.text(data.area)}</p>
        <div class="problem-actions">
          <a class="btn btn-primary" href="${data.retry}">${text.retry}</a>
          <a class="btn btn-outline-primary" href="/">${text.home}</a>
        </div>
      </div>
    </div>`,
  });
}
