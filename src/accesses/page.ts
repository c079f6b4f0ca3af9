import type { ReportState } from '../register/accesses.ts';
import { descriptionList } from '../web/description-list.ts';
import { html, type Html } from '../web/html.ts';
import { layout, type PageFrame } from '../web/layout.ts';
import { accessesMessages } from '../web/messages/accesses.ts';
import { considered } from '../web/pages/considered.ts';

/** One access, in words. */
export interface ShownAccess {
  readonly transactionId: string;
  readonly clientId: string;
  readonly service: string;
  readonly when: string;
  readonly provider: string;
  readonly level: number;
  readonly read: readonly string[];
  readonly reference: string;
  readonly report: ReportState | undefined;
}

/** Where a citizen entered, and what was read of her. */
export function accessesPage(
  frame: PageFrame,
  data: {
    readonly accesses: readonly ShownAccess[];
    /** Address of the next page. */
    readonly more: string | undefined;
    readonly path: string;
    readonly csrf: string;
    /** Which page this is, as `more` names them; empty for the first. */
    readonly after: string;
  },
): string {
  const text = accessesMessages[frame.language];
  const { accesses, path, csrf } = data;
  return layout(frame, {
    title: text.title,
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8 accesses">
        <h1 class="h2">${text.title}</h1>
        <p class="lead">${text.lead}</p>
        ${
          accesses.length === 0
            ? html`<p>${text.none}</p>`
            : html`<p>${text.reportHint}</p>
                <ul class="service-list list-unstyled">
                  ${accesses.map((access) => item(access, frame, data))}
                </ul>`
        }
        ${data.more && html`<p><a href="${data.more}">${text.older}</a></p>`}
        <div class="problem-actions">
          <a class="btn btn-outline-primary" href="${path}/download" download>${text.download}</a>
        </div>
        <form method="post" action="${path}/sign-out" class="problem-actions">
          <input type="hidden" name="csrf" value="${csrf}" />
          <button class="btn btn-primary" type="submit">${text.signOut}</button>
        </form>
      </div>
    </div>`,
  });
}

/** Where on the page it says what became of a report. */
export function reportPlace({
  transactionId,
  clientId,
}: Pick<ShownAccess, 'transactionId' | 'clientId'>): string {
  return `report-${transactionId}-${clientId}`;
}

function item(
  access: ShownAccess,
  { language }: PageFrame,
  { path, csrf, after }: { readonly path: string; readonly csrf: string; readonly after: string },
): Html {
  const text = accessesMessages[language];
  return html`<li>
    <h2 class="h4">${access.service}</h2>
    ${descriptionList([
      [text.when, access.when],
      [text.provider, access.provider],
      [text.level, String(access.level)],
      [text.read, access.read.length === 0 ? text.nothingRead : access.read.join(', ')],
      [text.reference, access.reference],
    ])}
    ${
      access.report
        ? html`<p id="${reportPlace(access)}" tabindex="-1">${text.reported[access.report]}</p>`
        : considered({
            label: text.notMine,
            of: `${access.service}, ${access.when}`,
            consequence: text.reportConsequence,
            form: html`<form method="post" action="${path}/not-mine">
              <input type="hidden" name="csrf" value="${csrf}" />
              <input type="hidden" name="transaction" value="${access.transactionId}" />
              <input type="hidden" name="client" value="${access.clientId}" />
              <input type="hidden" name="after" value="${after}" />
              <button class="btn btn-primary" type="submit">${text.report}</button>
            </form>`,
          })
    }
  </li>`;
}
