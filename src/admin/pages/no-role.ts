import { html } from '../../web/html.ts';
import { layout, type PageFrame } from '../../web/layout.ts';
import { consoleMessages } from '../../web/messages/console.ts';

/** For who has signed in and is no administrator. */
export function noRolePage(
  frame: PageFrame,
  data: {
    readonly name: string;
    readonly invitation: string;
    readonly signOut: { readonly action: string; readonly csrf: string };
  },
): string {
  const text = consoleMessages[frame.language];
  return layout(frame, {
    title: text.noRole.title,
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <h1 class="h2">${text.noRole.title}</h1>
        <p class="lead">${text.noRole.text(data.name)}</p>
        <p>${text.noRole.next}</p>
        <p><a href="${data.invitation}">${text.noRole.invitation}</a></p>
        <form method="post" action="${data.signOut.action}" class="problem-actions">
          <input type="hidden" name="csrf" value="${data.signOut.csrf}" />
          <button class="btn btn-primary" type="submit">${text.signOut}</button>
        </form>
      </div>
    </div>`,
  });
}
