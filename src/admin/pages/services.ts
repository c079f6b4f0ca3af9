import type { RegisteredClient } from '../../clients/registered.ts';
import type { Language } from '../../identity/language.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';

export function servicesBody(
  language: Language,
  data: {
    readonly services: readonly RegisteredClient[];
    /** Those that she may have to approve, or a change of theirs. */
    readonly awaiting: readonly RegisteredClient[];
    readonly more: string | undefined;
    readonly text: string;
    readonly mayRegister: boolean;
    /** Whether she may see by what tokens programs register services. */
    readonly mayReadTokens: boolean;
  },
): Html {
  const { services: text } = consoleMessages[language];
  const next = new URLSearchParams({ ...(data.text ? { q: data.text } : {}), after: data.more ?? '' });
  return html`${data.mayRegister ? html`<p><a class="btn btn-primary" href="/admin/new-service">${text.register}</a></p>` : undefined}
    ${data.mayReadTokens ? html`<p><a href="/admin/registration-tokens">${text.byProgram}</a></p>` : undefined}
    ${
      data.awaiting.length > 0
        ? html`<section aria-labelledby="awaiting" class="console-warnings">
            <h2 class="h4" id="awaiting">${text.awaiting}</h2>
            ${serviceList(language, data.awaiting, text.changeWaits)}
          </section>`
        : undefined
    }
    <form method="get" action="/admin/services" class="console-search" role="search">
      <label for="q">${text.search}</label>
      <input class="form-control" id="q" name="q" type="search" value="${data.text}" />
      <button class="btn btn-outline-primary" type="submit">${text.find}</button>
    </form>
    ${data.services.length === 0 ? html`<p>${data.text === '' ? text.noneYet : text.none}</p>` : undefined}
    ${serviceList(language, data.services)}
    ${data.more === undefined ? undefined : html`<p><a href="?${next.toString()}">${text.more}</a></p>`}`;
}

/** @param ofLive what is said of those that are live already */
function serviceList(language: Language, services: readonly RegisteredClient[], ofLive?: string): Html {
  const { states } = consoleMessages[language];
  return html`<ul class="console-list list-unstyled">
    ${services.map(
      ({ client, state }) =>
        html`<li>
          <p>
            <a href="/admin/services/${client.id}"><strong>${client.name[language]}</strong></a><br />
            ${state === 'live' ? (ofLive ?? states[state]) : states[state]} ·
            <span translate="no">${client.entity}</span> · <span translate="no">${client.id}</span>
          </p>
        </li>`,
    )}
  </ul>`;
}
