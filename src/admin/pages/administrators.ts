import type { Entity } from '../../entities/entity.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { ROLES, type Grant } from '../roles.ts';
import type { Visit } from '../room.ts';
import { field, select } from './fields.ts';

export type GrantFormFault = 'fiscalNumber' | 'name' | 'role' | 'entity' | 'exists';

export function administratorsBody(
  { language, session, fields }: Pick<Visit, 'language' | 'session' | 'fields'>,
  data: {
    readonly grants: readonly Grant[];
    readonly entities: readonly Entity[];
    readonly mayChange: boolean;
    readonly fault: GrantFormFault | undefined;
  },
): Html {
  const { administrators: text, roles } = consoleMessages[language];
  const { fault } = data;
  const wrong = (name: GrantFormFault) => (fault === name ? text.faults[name] : undefined);
  // A codice fiscale is written once and shown never.
  const given = (name: string) => (fault ? (fields.get(name) ?? '') : '');
  return html`<ul class="console-list list-unstyled">
      ${data.grants.map(
        (grant) =>
          html`<li>
            <p>
              <strong>${grant.name}</strong><br />${roles[grant.role]}${grant.entityId && html` · <span translate="no">${grant.entityId}</span>`}
            </p>
            ${
              data.mayChange
                ? html`<form method="post" action="/admin/administrators/${grant.id}/revoke">
                    <input type="hidden" name="csrf" value="${session.csrf}" />
                    <button class="btn btn-outline-primary" type="submit">
                      ${text.revoke}<span class="visually-hidden"> ${grant.name}</span>
                    </button>
                  </form>`
                : undefined
            }
          </li>`,
      )}
    </ul>
    ${
      data.mayChange
        ? html`<h2 class="h4">${text.add}</h2>
            <p>${text.addHint}</p>
            ${fault === 'exists' ? html`<p class="console-wrong" role="alert">${text.faults.exists}</p>` : undefined}
            <form method="post" action="/admin/administrators" novalidate>
              <input type="hidden" name="csrf" value="${session.csrf}" />
              ${field({ name: 'name', label: text.name, value: given('name'), wrong: wrong('name') })}
              ${field({ name: 'fiscalNumber', label: text.fiscalNumber, value: '', wrong: wrong('fiscalNumber') })}
              ${select({
                name: 'role',
                label: text.role,
                value: given('role'),
                wrong: wrong('role'),
                options: ROLES.map((role) => [role, roles[role]] as const),
              })}
              ${select({
                name: 'entity',
                label: text.entity,
                value: given('entity'),
                wrong: wrong('entity'),
                options: [
                  ['', text.wholeUnion] as const,
                  ...data.entities.map(
                    ({ id, organization }) => [id, organization.displayName[language]] as const,
                  ),
                ],
              })}
              <button class="btn btn-primary" type="submit">${text.grant}</button>
            </form>`
        : undefined
    }`;
}
