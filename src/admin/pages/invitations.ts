import type { Entity } from '../../entities/entity.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import type { Invitation } from '../invitations.ts';
import type { Visit } from '../room.ts';
import { time } from './audit.ts';
import { faultSummary, field, select } from './fields.ts';

export type InvitationFault = 'guest' | 'fiscalNumber' | 'entity' | 'days';

/** How long a link may hold, in days. */
export const DAYS_OFFERED = [1, 3, 7, 14, 30] as const;

/** Invitations that wait for their guest, and the form of a new one. */
export function invitationsBody(
  { language, session, fields }: Pick<Visit, 'language' | 'session' | 'fields'>,
  data: {
    readonly open: readonly Invitation[];
    readonly entities: readonly Entity[];
    readonly faults: readonly InvitationFault[];
  },
): Html {
  const { invitations: text } = consoleMessages[language];
  const about = (name: InvitationFault, value = '') => ({
    name,
    label: text.fields[name],
    value: fields.get(name) ?? value,
    wrong: data.faults.includes(name) ? text.faults[name] : undefined,
  });
  return html`${faultSummary(
    language,
    data.faults.map((name) => about(name)),
  )}
    <p>${text.intro}</p>
    <h2 class="h4">${text.open}</h2>
    ${data.open.length === 0 ? html`<p>${text.none}</p>` : undefined}
    <ul class="console-list list-unstyled">
      ${data.open.map(
        ({ id, guest, invitedBy, entityId, expiresAt }) =>
          html`<li>
            <p>
              <strong>${guest}</strong><br /><span translate="no">${entityId}</span> · ${text.by} ${invitedBy} ·
              ${text.until} ${time(language, expiresAt)}
            </p>
            <form method="post" action="/admin/invitations/${id}/withdraw" class="console-act">
              <input type="hidden" name="csrf" value="${session.csrf}" />
              <button class="btn btn-outline-primary" type="submit">
                ${text.withdraw}<span class="visually-hidden"> ${guest}</span>
              </button>
            </form>
          </li>`,
      )}
    </ul>
    <h2 class="h4">${text.new}</h2>
    <form method="post" action="/admin/invitations" novalidate>
      <input type="hidden" name="csrf" value="${session.csrf}" />
      ${select({
        ...about('entity'),
        options: data.entities.map(
          ({ id, organization }) => [id, organization.displayName[language]] as const,
        ),
      })}
      ${field(about('guest'))} ${field({ ...about('fiscalNumber'), hint: text.fiscalNumberHint })}
      ${select({
        ...about('days', '7'),
        options: DAYS_OFFERED.map((days) => [String(days), text.days(days)] as const),
      })}
      <button class="btn btn-primary" type="submit">${text.make}</button>
    </form>`;
}

/** A link, shown this once. */
export function linkBody(
  language: Visit['language'],
  data: { readonly guest: string; readonly url: string },
): Html {
  const { invitations: text } = consoleMessages[language];
  return html`<div role="status"><p class="lead">${text.once(data.guest)}</p></div>
    <p><code>${data.url}</code></p>
    <p>${text.next}</p>
    <p><a href="/admin/invitations">${text.back}</a></p>`;
}
