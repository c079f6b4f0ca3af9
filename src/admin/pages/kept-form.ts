import { html } from '../../web/html.ts';
import { layout, type PageFrame } from '../../web/layout.ts';
import { consoleMessages } from '../../web/messages/console.ts';

/** A form came when its session was over: what was typed waits on this page while she signs in again beside it. */
export function keptFormPage(
  frame: PageFrame,
  data: {
    /** Where somebody signs in. */
    readonly door: string;
    /** Where the form is shown again. */
    readonly action: string;
    readonly fields: ReadonlyMap<string, string>;
  },
): string {
  const text = consoleMessages[frame.language].keptForm;
  const kept = [...data.fields].filter(([name]) => name !== 'csrf' && name !== 'step');
  return layout(frame, {
    title: text.title,
    body: html`<h1 class="h2" tabindex="-1" autofocus>${text.title}</h1>
      <p class="lead">${text.text}</p>
      <ol>
        <li><a href="${data.door}" target="_blank" rel="noopener">${text.signIn}</a></li>
        <li>${text.then}</li>
      </ol>
      <form method="post" action="${data.action}">
        ${kept.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
        <input type="hidden" name="step" value="change" />
        <button class="btn btn-primary" type="submit">${text.goOn}</button>
      </form>`,
  });
}
