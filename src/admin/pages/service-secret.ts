import type { Client } from '../../clients/client.ts';
import type { Language } from '../../identity/language.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { configurationList } from './configurations.ts';

/** A secret, shown once, and how common software is told of it. */
export function secretBody(
  language: Language,
  data: { readonly client: Client; readonly secret: string; readonly publicUrl: string },
): Html {
  const { services: text } = consoleMessages[language];
  const { client, secret, publicUrl } = data;
  return html`<div class="console-warnings" role="alert"><p>${text.secretOnce}</p></div>
    <dl class="released-data">
      <div>
        <dt>client_id</dt>
        <dd translate="no"><code>${client.id}</code></dd>
      </div>
      <div>
        <dt>client_secret</dt>
        <dd translate="no"><code id="client-secret">${secret}</code></dd>
      </div>
      <div>
        <dt>issuer</dt>
        <dd translate="no"><code>${publicUrl}</code></dd>
      </div>
    </dl>
    ${configurationList(language, client, publicUrl)}
    <p><a class="btn btn-primary" href="/admin/services/${client.id}">${text.toService}</a></p>`;
}
