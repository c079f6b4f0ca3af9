import type { Client } from '../../clients/client.ts';
import type { Language } from '../../identity/language.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { configurations } from '../configurations.ts';

/** How common software is told of a service, ready to paste; nothing for services that no citizen enters. */
export function configurationList(language: Language, client: Client, publicUrl: string): Html | undefined {
  const { services: text } = consoleMessages[language];
  const ready = configurations(client, publicUrl);
  if (ready.length === 0) return undefined;
  return html`<h2 class="h4">${text.configurations}</h2>
    <p>${text.configurationsHint}</p>
    ${ready.map(
      ({ name, content }) =>
        html`<details>
          <summary>${name}</summary>
          <pre tabindex="0" aria-label="${name}"><code>${content}</code></pre>
        </details>`,
    )}`;
}
