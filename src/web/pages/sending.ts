import { html } from '../html.ts';
import { layout, type PageFrame } from '../layout.ts';
import { sendingMessages, type SendingReason } from '../messages/sending.ts';

/** Sends its form by itself and says why. The button is for browsers without scripts. */
export function sendingPage(
  frame: PageFrame,
  data: {
    readonly why: SendingReason;
    readonly service: string | undefined;
    readonly action: string;
    readonly fields: Readonly<Record<string, string>>;
    readonly nonce: string;
  },
): string {
  const text = sendingMessages[frame.language][data.why];
  return layout(frame, {
    title: text.title,
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <h1 class="h2">${text.title}</h1>
        <p class="lead" role="status">${text.text(data.service)}</p>
        <form method="post" action="${data.action}" id="sending">
          ${Object.entries(data.fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
          <button class="btn btn-primary btn-lg" type="submit">${text.button}</button>
        </form>
        <script nonce="${data.nonce}">
          document.getElementById('sending').requestSubmit();
        </script>
      </div>
    </div>`,
  });
}
