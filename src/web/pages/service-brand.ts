import type { Language } from '../../identity/language.ts';
import { html, type Html } from '../html.ts';
import { confirmMessages } from '../messages/confirm.ts';

/** How a service presents itself on the pages of a login. */
export interface ServiceBrand {
  /** `data:` URL. */
  readonly logo: string | undefined;
  readonly text: string | undefined;
  readonly links: Readonly<Partial<Record<'privacy' | 'terms' | 'accessibility' | 'support', string>>>;
}

/** A service's own words, mark and links; nothing where it has none. */
export function branded(language: Language, service: string, { logo, text, links }: ServiceBrand): Html {
  const messages = confirmMessages(language);
  const entries = Object.entries(links) as [keyof ServiceBrand['links'], string][];
  return html`${logo && html`<p><img class="service-logo" src="${logo}" alt="" /></p>`}
  ${text && html`<p>${text}</p>`}
  ${
    entries.length > 0 &&
    html`<nav aria-label="${messages.aboutService(service)}">
      <ul class="list-inline">
        ${entries.map(([name, url]) => html`<li class="list-inline-item"><a href="${url}">${messages.links[name]}</a></li>`)}
      </ul>
    </nav>`
  }`;
}
