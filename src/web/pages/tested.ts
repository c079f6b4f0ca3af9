import { html } from '../html.ts';
import { layout, type PageFrame } from '../layout.ts';
import { TESTED } from '../messages/tested.ts';

/** Says that a test login succeeded, and that nothing came of it. */
export function testedPage(
  frame: PageFrame,
  login: { readonly provider: string; readonly level: number; readonly reference: string },
): string {
  const text = TESTED[frame.language];
  return layout(frame, {
    title: text.title,
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <h1 class="h2">${text.title}</h1>
        <p class="lead" role="status">${text.text}</p>
        <p>${text.nothing}</p>
        <dl class="released-data">
          <div>
            <dt>${text.provider}</dt>
            <dd translate="no">${login.provider}</dd>
          </div>
          <div>
            <dt>${text.level}</dt>
            <dd>${login.level}</dd>
          </div>
          <div>
            <dt>${text.reference}</dt>
            <dd translate="no">${login.reference}</dd>
          </div>
        </dl>
      </div>
    </div>`,
  });
}
