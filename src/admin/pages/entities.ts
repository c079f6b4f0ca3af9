import type { KeptEntity } from '../../entities/declarations.ts';
import type { Language } from '../../identity/language.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';

/** Bodies, each with the version that is in force of it. */
export function entitiesBody(
  language: Language,
  data: {
    readonly entities: readonly (KeptEntity & { readonly versionInForce: number | undefined })[];
    readonly text: string;
    /** Where the next page begins. */
    readonly more: number | undefined;
  },
): Html {
  const { entities: text } = consoleMessages[language];
  const next = new URLSearchParams({ ...(data.text ? { q: data.text } : {}), page: String(data.more) });
  return html`<form method="get" action="/admin/entities" class="console-search" role="search">
      <label for="q">${text.search}</label>
      <input class="form-control" id="q" name="q" type="search" value="${data.text}" />
      <button class="btn btn-outline-primary" type="submit">${text.find}</button>
    </form>
    ${data.entities.length === 0 ? html`<p>${text.none}</p>` : undefined}
    <ul class="console-list list-unstyled">
      ${data.entities.map(
        ({ declaration, ceasedAt, versionInForce }) =>
          html`<li>
            <p>
              <a href="/admin/entities/${declaration.id}"
                ><strong>${declaration.organization.displayName[language]}</strong></a
              ><br />
              <span translate="no">${declaration.id}</span> ·
              ${ceasedAt ? text.ceased : versionInForce === undefined ? text.notInForce : text.inForce(versionInForce)}
            </p>
          </li>`,
      )}
    </ul>
    ${data.more === undefined ? undefined : html`<p><a href="?${next.toString()}">${text.more}</a></p>`}`;
}
