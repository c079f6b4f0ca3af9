import { html } from '../html.ts';
import { layout, type PageFrame } from '../layout.ts';
import { messages } from '../messages/index.ts';

export interface DepartPage {
  readonly provider: string;
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  /** The one script of ours: it presses the button. */
  readonly nonce: string;
}

/**
 * HTTP-POST binding: the SAML form is the first of the page, sends itself once, and has a button for browsers that run
 * no script (spid-authn-request, 6). Who comes back to the page finds the button working again.
 */
export function departPage(frame: PageFrame, data: DepartPage): string {
  const text = messages(frame.language).depart;
  return layout(frame, {
    title: text.title,
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <h1 class="h2">${text.title}</h1>
        <p class="lead" role="status">${text.text(data.provider)}</p>
        <form method="post" action="${data.action}" id="departure" autocomplete="off">
          ${Object.entries(data.fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
          <button class="btn btn-primary btn-lg" type="submit">${text.button(data.provider)}</button>
        </form>
        <script nonce="${data.nonce}">
          const form = document.getElementById('departure');
          const button = form.querySelector('button');
          form.addEventListener('submit', () => {
            button.disabled = true;
          });
          addEventListener('pageshow', (event) => {
            if (event.persisted) button.disabled = false;
          });
          form.requestSubmit();
        </script>
      </div>
    </div>`,
  });
}
