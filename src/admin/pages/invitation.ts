import { html } from '../../web/html.ts';
import { layout, type PageFrame } from '../../web/layout.ts';
import { consoleMessages } from '../../web/messages/console.ts';

/** Where a one-time code is entered. */
export function invitationPage(
  frame: PageFrame,
  data: { readonly action: string; readonly csrf: string; readonly name: string; readonly wrong: boolean },
): string {
  const text = consoleMessages[frame.language].invitation;
  return layout(frame, {
    title: text.title,
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <h1 class="h2">${text.title}</h1>
        <p class="lead">${text.text(data.name)}</p>
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
              ${data.wrong ? html`aria-invalid="true" aria-describedby="code-wrong"` : undefined}
            />
            ${data.wrong ? html`<p class="console-wrong" id="code-wrong" role="alert">${text.wrong}</p>` : undefined}
          </div>
          <button class="btn btn-primary" type="submit">${text.accept}</button>
        </form>
      </div>
    </div>`,
  });
}
