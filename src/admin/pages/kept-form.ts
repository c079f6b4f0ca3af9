import { html } from '../../web/html.ts';
import { layout, type PageFrame } from '../../web/layout.ts';
import { consoleMessages } from '../../web/messages/console.ts';

/** Read from the form that they are for, and written nowhere else: neither token nor codice fiscale. */
const NOT_KEPT: readonly string[] = ['csrf', 'step', 'fiscalNumber'];

/**
 * A form came when its session was over, or asks for a login of the last minutes: what was typed waits on this page while
 * she signs in again beside it.
 */
export function keptFormPage(
  frame: PageFrame,
  data: {
    readonly why: 'over' | 'old';
    /** Where somebody signs in. */
    readonly door: string;
    /** Where the form is shown again. */
    readonly action: string;
    readonly fields: ReadonlyMap<string, string>;
  },
): string {
  const text = consoleMessages[frame.language].keptForm;
  const kept = [...data.fields].filter(([name]) => !NOT_KEPT.includes(name));
  return layout(frame, {
    title: text[data.why].title,
    body: html`<h1 class="h2" tabindex="-1" autofocus>${text[data.why].title}</h1>
      <p class="lead">${text.text}</p>
      <ol>
        <li><a href="${data.door}" target="_blank" rel="noopener">${text[data.why].signIn}</a></li>
        <li>${text.then}</li>
      </ol>
      <form method="post" action="${data.action}">
        ${kept.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
        <input type="hidden" name="step" value="change" />
        <button class="btn btn-primary" type="submit">${text.goOn}</button>
      </form>
      ${data.fields.get('fiscalNumber') ? html`<p>${text.fiscalNumber}</p>` : undefined}`,
  });
}

/** Where she signed in for a form that waits in another tab. */
export function confirmedPage(frame: PageFrame): string {
  const { confirmed: text } = consoleMessages[frame.language].keptForm;
  return layout(frame, {
    title: text.title,
    body: html`<h1 class="h2">${text.title}</h1>
      <p class="lead" role="status">${text.text}</p>`,
  });
}
