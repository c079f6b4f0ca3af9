import type { Entity } from '../../entities/entity.ts';
import type { Language } from '../../identity/language.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { mayRevoke, ROLES, type Grant, type Scope } from '../roles.ts';
import type { Visit } from '../room.ts';
import { considered } from '../../web/pages/considered.ts';
import { faultSummary, field, select } from './fields.ts';

type Shown = Pick<Visit, 'language' | 'session' | 'fields'>;

export type GrantFormFault = 'fiscalNumber' | 'name' | 'role' | 'entity' | 'exists';

/** Who has which role, and the form that gives one. */
export function administratorsBody(
  visit: Shown,
  data: {
    readonly grants: readonly Grant[];
    readonly entities: readonly Entity[];
    readonly mayChange: boolean;
    /** What of the union whoever looks may take roles away in; undefined where she may not. */
    readonly revoking: Scope | undefined;
    readonly faults: readonly GrantFormFault[];
  },
): Html {
  const { language, session, fields } = visit;
  const { administrators: text, roles } = consoleMessages[language];
  const { faults, entities } = data;
  const faulty = faults.map((fault) => (fault === 'exists' ? 'fiscalNumber' : fault));
  const wrong = (name: GrantFormFault) => (faults.includes(name) ? text.faults[name] : undefined);
  // A codice fiscale is written once and shown never.
  const given = (name: string) => fields.get(name) ?? '';
  return html`${faultSummary(
    language,
    faulty.map((name) => ({ name, label: text[name] })),
  )}
    <ul class="console-list list-unstyled">
      ${data.grants.map(
        (grant) =>
          html`<li>
            <p>
              <strong>${grant.name || text.unnamed}</strong><br />${roles[grant.role]} ·
              ${bodyOf(grant, language, entities)}
            </p>
            ${data.revoking && mayRevoke(data.revoking, grant) ? revokeForm(visit, grant) : undefined}
          </li>`,
      )}
    </ul>
    ${data.mayChange || !data.revoking ? undefined : html`<p>${text.onlyUnion}</p>`}
    ${
      data.mayChange
        ? html`<h2 class="h4">${text.add}</h2>
            <p>${text.addHint}</p>
            <form method="post" action="/admin/administrators" novalidate>
              <input type="hidden" name="csrf" value="${session.csrf}" />
              ${field({ name: 'name', label: text.name, value: given('name'), wrong: wrong('name') })}
              ${field({ name: 'fiscalNumber', label: text.fiscalNumber, value: '', wrong: wrong('fiscalNumber') ?? wrong('exists') })}
              ${select({
                name: 'role',
                label: text.role,
                value: given('role'),
                wrong: wrong('role'),
                options: [
                  ['', text.chooseRole] as const,
                  ...ROLES.map((role) => [role, roles[role]] as const),
                ],
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

function revokeForm({ language, session }: Shown, { id, name, role }: Grant): Html {
  const { administrators: text } = consoleMessages[language];
  return considered({
    label: text.revoke,
    of: name,
    consequence: role === 'service-developer' ? text.revokeDeveloper : text.revokeHint,
    form: html`<form method="post" action="/admin/administrators/${id}/revoke">
      <input type="hidden" name="csrf" value="${session.csrf}" />
      <button class="btn btn-primary" type="submit">
        ${text.revoke}<span class="visually-hidden"> ${name}</span>
      </button>
    </form>`,
  });
}

/** A body that has ended is no more in the list; its id still says which it was. */
function bodyOf({ entityId }: Grant, language: Language, entities: readonly Entity[]): Html | string {
  if (entityId === undefined) return consoleMessages[language].administrators.wholeUnion;
  const body = entities.find(({ id }) => id === entityId);
  return body?.organization.displayName[language] ?? html`<span translate="no">${entityId}</span>`;
}
