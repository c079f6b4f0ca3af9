import { html } from '../html.ts';
import { layout, type PageFrame } from '../layout.ts';
import { accessesMessages } from '../messages/accesses.ts';
import { messages } from '../messages/index.ts';

/** For who comes here without a service: what this is, and where the services are. */
export function homePage(
  frame: PageFrame,
  services: readonly { readonly name: string; readonly url: string }[],
): string {
  const text = messages(frame.language).home;
  return layout(frame, {
    title: text.title,
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <h1 class="h2">${text.title}</h1>
        <p class="lead">${text.text}</p>
        <h2 class="h4">${text.services}</h2>
        ${
          services.length === 0
            ? html`<p>${text.none}</p>`
            : html`<ul class="service-list">
                ${services.map(({ name, url }) => html`<li><a href="${url}">${name}</a></li>`)}
              </ul>`
        }
        <p><a href="/accessi">${accessesMessages[frame.language].link}</a></p>
      </div>
    </div>`,
  });
}
