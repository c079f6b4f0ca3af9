import { MOST_HOSTS, MOST_USES, type RegistrationToken } from '../../clients/registration-tokens.ts';
import type { Entity } from '../../entities/entity.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import type { Visit } from '../room.ts';
import { time } from './audit.ts';
import { faultSummary, field, select, textArea } from './fields.ts';

export type RegistrationTokenFault = 'entity' | 'hosts' | 'days' | 'uses';

/** How long a token may work, in days. */
export const DAYS_OFFERED = [1, 7, 30, 90, 365] as const;

/** Tokens that are remembered, and the form of a new one. */
export function registrationTokensBody(
  { language, session, fields }: Pick<Visit, 'language' | 'session' | 'fields'>,
  data: {
    readonly tokens: readonly RegistrationToken[];
    readonly now: Date;
    readonly offered: boolean;
    /** Those that she may make tokens for; none where she only reads. */
    readonly entities: readonly Entity[];
    readonly faults: readonly RegistrationTokenFault[];
  },
): Html {
  const { registrationTokens: text } = consoleMessages[language];
  const { tokens, now, entities, faults } = data;
  const about = (name: RegistrationTokenFault, value = '') => ({
    name,
    label: text.fields[name],
    value: fields.get(name) ?? value,
    wrong: faults.includes(name) ? text.faults[name] : undefined,
  });
  const stateOf = ({ revoked, expiresAt, usesLeft }: RegistrationToken) => {
    if (revoked) return text.revoked;
    if (expiresAt <= now) return html`${text.expired} ${time(language, expiresAt)}`;
    if (usesLeft === 0) return text.used;
    return html`${text.until} ${time(language, expiresAt)}`;
  };
  const isGood = ({ revoked, expiresAt, usesLeft }: RegistrationToken) =>
    !revoked && expiresAt > now && usesLeft > 0;
  return html`${faultSummary(
    language,
    faults.map((name) => about(name)),
  )}
    <p>${text.intro}</p>
    ${data.offered ? undefined : html`<p>${text.off}</p>`}
    <h2 class="h4">${text.known}</h2>
    ${tokens.length === 0 ? html`<p>${text.none}</p>` : undefined}
    <ul class="console-list list-unstyled">
      ${tokens.map(
        (token) =>
          html`<li>
            <p>
              <strong translate="no">${token.id}</strong> · <span translate="no">${token.entityId}</span><br />
              ${text.usesLeft(token.usesLeft, token.uses)} · ${stateOf(token)}<br />
              <span translate="no">${token.hosts.join(', ')}</span>
            </p>
            ${
              entities.length > 0 && isGood(token)
                ? html`<form
                    method="post"
                    action="/admin/registration-tokens/${token.id}/revoke"
                    class="console-act"
                  >
                    <input type="hidden" name="csrf" value="${session.csrf}" />
                    <button class="btn btn-outline-primary" type="submit">
                      ${text.revoke}<span class="visually-hidden"> ${token.id}</span>
                    </button>
                  </form>`
                : undefined
            }
          </li>`,
      )}
    </ul>
    ${
      data.offered && entities.length > 0
        ? html`<h2 class="h4">${text.new}</h2>
            <form method="post" action="/admin/registration-tokens" novalidate>
              <input type="hidden" name="csrf" value="${session.csrf}" />
              ${select({
                ...about('entity'),
                options: entities.map(
                  ({ id, organization }) => [id, organization.displayName[language]] as const,
                ),
              })}
              ${textArea({ ...about('hosts'), hint: text.hostsHint(MOST_HOSTS) })}
              ${select({
                ...about('days', '30'),
                options: DAYS_OFFERED.map((days) => [String(days), text.days(days)] as const),
              })}
              ${field({ ...about('uses', '1'), hint: text.usesHint(MOST_USES) })}
              <button class="btn btn-primary" type="submit">${text.make}</button>
            </form>`
        : undefined
    }`;
}

/** A token, shown this once. */
export function tokenBody(
  language: Visit['language'],
  data: {
    readonly token: string;
    readonly hosts: readonly string[];
    readonly uses: number;
    readonly expiresAt: Date;
    readonly endpoint: string;
  },
): Html {
  const { registrationTokens: text } = consoleMessages[language];
  const { token, hosts, uses, expiresAt, endpoint } = data;
  return html`<div class="console-warnings" role="alert"><p>${text.once}</p></div>
    <dl class="released-data">
      <div>
        <dt>${text.token}</dt>
        <dd translate="no"><code id="registration-token">${token}</code></dd>
      </div>
      <div>
        <dt>registration_endpoint</dt>
        <dd translate="no"><code>${endpoint}</code></dd>
      </div>
      <div>
        <dt>${text.fields.hosts}</dt>
        <dd translate="no">${hosts.join(', ')}</dd>
      </div>
      <div>
        <dt>${text.fields.uses}</dt>
        <dd>${uses}</dd>
      </div>
      <div>
        <dt>${text.ends}</dt>
        <dd>${time(language, expiresAt)}</dd>
      </div>
    </dl>
    <p>${text.next}</p>
    <p><a class="btn btn-primary" href="/admin/registration-tokens">${text.toTokens}</a></p>`;
}
