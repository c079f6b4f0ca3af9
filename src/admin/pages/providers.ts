import type { Change } from '../../sources/spid/federation/changes.ts';
import type { Refreshed } from '../../sources/spid/federation/federation.ts';
import type { Warning } from '../../sources/spid/federation/warnings.ts';
import type { IdentityProvider, SwitchedOff } from '../../sources/spid/registry.ts';
import type { Language } from '../../identity/language.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { objectionIn } from '../../web/messages/console/providers.ts';
import type { Visit } from '../room.ts';
import { time, timeText } from './audit.ts';
import { textArea } from './fields.ts';
import { table } from './table.ts';

type Shown = Pick<Visit, 'language' | 'session' | 'fields'>;

/** How the federation stands, and every provider. */
export function providersBody(
  { language, session }: Shown,
  data: {
    readonly providers: readonly IdentityProvider[];
    readonly off: readonly SwitchedOff[];
    readonly warnings: readonly Warning[];
    /** Undefined where the providers come from files alone. */
    readonly registry:
      { readonly created: Date | undefined; readonly confirmed: Date | undefined } | undefined;
    /** Certificates of the registry that wait for a second person. */
    readonly waiting: number;
    readonly mayChange: boolean;
    readonly now: Date;
  },
): Html {
  const { providers: text } = consoleMessages[language];
  const at = (date: Date | undefined) => (date ? time(language, date) : text.never);
  return html`<h2 class="h4">${text.federation}</h2>
    ${
      data.registry
        ? html`<p>
              ${text.created}: ${at(data.registry.created)}<br />${text.confirmed}: ${at(data.registry.confirmed)}
            </p>
            <p>
              <a href="/admin/providers/pins">${text.pins}</a>${data.waiting > 0 ? html` · <strong>${text.pinsWait(data.waiting)}</strong>` : undefined}
            </p>`
        : html`<p>${text.fromFiles}</p>`
    }
    ${
      data.mayChange
        ? html`<form method="post" action="/admin/providers/refresh" class="console-act">
            <input type="hidden" name="csrf" value="${session.csrf}" />
            <button class="btn btn-outline-primary" type="submit">${text.refresh}</button>
          </form>`
        : undefined
    }
    ${
      data.warnings.length > 0
        ? html`<div class="console-warnings">
            <h2 class="h5">${text.toSee}</h2>
            <ul>
              ${data.warnings.map((warning) => html`<li>${warningIn(language, warning)}</li>`)}
            </ul>
          </div>`
        : undefined
    }
    <h2 class="h4">${text.list}</h2>
    ${table({
      caption: text.list,
      head: text.provider,
      columns: [{ label: text.state }, { label: text.keys }],
      rows: data.providers.map((provider) => ({
        head: html`<a href="${addressOf(provider)}">${provider.name}</a>`,
        cells: [
          stateOf(
            language,
            data.off.find(({ entityId }) => entityId === provider.entityId),
          ),
          certificatesOf(language, provider, data.now),
        ],
      })),
    })}`;
}

function warningIn(language: Language, { kind, confirmedAt, fingerprint = '' }: Warning): string {
  const { providers: text } = consoleMessages[language];
  if (kind === 'unknown-signer') return text.unknownSigner(fingerprint);
  if (kind === 'pins-altered') return text.problems.registry_pins_altered;
  return text.stale(confirmedAt && timeText(language, confirmedAt));
}

/** Codes that the page of AgID's certificates has more on. */
const ABOUT_PINS: readonly (string | undefined)[] = ['metadata_signature', 'registry_pins_altered'];

/** One provider with its kill switch. */
export function providerBody(
  visit: Shown,
  data: {
    readonly provider: IdentityProvider;
    readonly off: SwitchedOff | undefined;
    readonly mayChange: boolean;
    readonly wrong: readonly string[];
    readonly now: Date;
  },
): Html {
  const { language } = visit;
  const { providers: text } = consoleMessages[language];
  const { provider, off } = data;
  return html`<h2 class="h4">${text.metadata}</h2>
    <dl class="released-data">
      <div>
        <dt>${text.entityId}</dt>
        <dd translate="no">${provider.entityId}</dd>
      </div>
      <div>
        <dt>${text.state}</dt>
        <dd>${stateOf(language, off)}</dd>
      </div>
      <div>
        <dt>${text.keys}</dt>
        <dd>${certificatesOf(language, provider, data.now)}</dd>
      </div>
    </dl>
    ${data.mayChange ? switchForms(visit, data) : undefined}`;
}

function switchForms(
  { language, session, fields }: Shown,
  data: Pick<Parameters<typeof providerBody>[1], 'provider' | 'off' | 'wrong'>,
): Html {
  const { providers: text } = consoleMessages[language];
  const { provider, off, wrong } = data;
  const hidden = html`<input type="hidden" name="csrf" value="${session.csrf}" />
    <input type="hidden" name="provider" value="${provider.entityId}" />`;
  const notice = (name: 'notice-it' | 'notice-en', label: string, known: string | undefined) =>
    textArea({
      name,
      label,
      hint: text.noticeHint,
      value: fields.get(name) ?? known ?? '',
      wrong: wrong.includes(name) ? text.noticeWrong : undefined,
    });
  return html`${
    off
      ? html`<form method="post" action="/admin/providers/switch-on" class="console-act">
            ${hidden}
            <button class="btn btn-primary" type="submit">${text.on}</button>
          </form>`
      : undefined
  }
    <h2 class="h4">${off ? text.changeNotice : text.off}</h2>
    ${off ? undefined : html`<p>${text.offHint}</p>`}
    <form method="post" action="/admin/providers/switch-off">
      ${hidden} ${notice('notice-it', text.noticeIt, off?.notice.it)}
      ${notice('notice-en', text.noticeEn, off?.notice.en)}
      <button class="btn ${off ? 'btn-outline-primary' : 'btn-primary'}" type="submit">
        ${off ? text.changeNotice : text.off}
      </button>
    </form>`;
}

/** What a look at the registry found. */
export function refreshedBody(language: Language, { outcome, code, objections, changes }: Refreshed): Html {
  const { providers: text } = consoleMessages[language];
  const known = Object.keys(text.problems).find((one) => one === code) as
    keyof typeof text.problems | undefined;
  return html`<div role="status"><p class="lead">${text.outcomes[outcome]}</p></div>
    ${code && html`<p>${text.problems[known ?? 'other']}</p>`}
    ${objections && html`<ul>${objections.map((one) => html`<li>${objectionIn(language, one)}</li>`)}</ul>`}
    <ul>
      ${changes.map(
        ({ provider, change, detail }: Change) =>
          html`<li>
            <strong>${text.changes[change]}</strong>
            ${change === 'endpoints' ? undefined : html`<span translate="no">${detail}</span>`}<br />
            <span translate="no">${provider}</span>
          </li>`,
      )}
    </ul>
    ${ABOUT_PINS.includes(code) ? html`<p><a href="/admin/providers/pins">${text.pins}</a></p>` : undefined}`;
}

export function addressOf({ entityId }: Pick<IdentityProvider, 'entityId'>): string {
  return `/admin/providers/provider?${new URLSearchParams({ id: entityId }).toString()}`;
}

function stateOf(language: Language, off: SwitchedOff | undefined): Html | string {
  const { providers: text } = consoleMessages[language];
  return off ? html`<strong>${text.offSince}</strong> ${time(language, off.since)}` : text.inUse;
}

function certificatesOf(language: Language, { certificates }: IdentityProvider, now: Date): Html | string {
  const { providers: text } = consoleMessages[language];
  if (certificates.length === 0) return text.noKeys;
  const ends = certificates.map(({ notAfter }) => notAfter).sort((a, b) => a.getTime() - b.getTime());
  return html`${ends.map((end, at) => html`${at > 0 ? ', ' : ''}${time(language, end)}${end <= now ? ` (${text.over})` : ''}`)}`;
}
