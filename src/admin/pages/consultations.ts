import type { Entity } from '../../entities/entity.ts';
import type { Language } from '../../identity/language.ts';
import type {
  Consultation,
  ConsultationRules,
  ConsultationScope,
} from '../../register/consultation/consultation.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import {
  CONSULTATION_FIELDS,
  type ConsultationFaults,
  type ConsultationField,
} from '../consultation-form.ts';
import type { Visit } from '../room.ts';
import { day, time } from './audit.ts';
import { faultSummary, field, select, textArea } from './fields.ts';

/** A consultation as one person sees it. */
export interface ListedConsultation {
  readonly consultation: Consultation;
  readonly state: Consultation['state'] | 'over';
  readonly mayDecide: boolean;
  readonly mayUse: boolean;
}

/** The consultations of the last days, and the form of a new one for whoever may ask. */
export function consultationsBody(
  { language, session, fields }: Pick<Visit, 'language' | 'session' | 'fields'>,
  data: {
    readonly listed: readonly ListedConsultation[];
    readonly rules: ConsultationRules;
    readonly entities: readonly Entity[];
    readonly mayAsk: boolean;
    /** Undefined where nothing was sent yet. */
    readonly faults: ConsultationFaults | undefined;
  },
): Html {
  const { register: text } = consoleMessages[language];
  const { rules } = data;
  return html`<p>${text.intro} ${rules.secondPerson ? text.second(rules.approvalHours) : undefined} ${text.open(rules.openHours)}</p>
    <h2 class="h4">${text.list}</h2>
    ${data.listed.length === 0 ? html`<p>${text.none}</p>` : undefined}
    <ul class="console-list list-unstyled">
      ${data.listed.map((one) => item(language, session.csrf, one))}
    </ul>
    ${data.mayAsk ? askForm(language, session.csrf, fields, data) : undefined}`;
}

function askForm(
  language: Language,
  csrf: string,
  fields: ReadonlyMap<string, string>,
  {
    faults,
    entities,
  }: { readonly faults: ConsultationFaults | undefined; readonly entities: readonly Entity[] },
): Html {
  const { register: text } = consoleMessages[language];
  const shown = (name: ConsultationField) => {
    const fault = faults?.[name];
    return {
      name,
      ...text.fields[name],
      wrong: fault && text.faults[fault],
      type: name === 'from' || name === 'to' ? ('date' as const) : undefined,
      // The codice fiscale is written once and shown never.
      value: name === 'fiscalNumber' ? '' : (fields.get(name) ?? ''),
    };
  };
  const faulty = CONSULTATION_FIELDS.filter((name) => faults?.[name] !== undefined).map(shown);
  const nothing = faults?.scope ? [{ name: 'what', label: text.what }] : [];
  return html`<h2 class="h4">${text.ask}</h2>
    ${faultSummary(language, [...faulty, ...nothing])}
    <form method="post" action="/admin/register" novalidate>
      <input type="hidden" name="csrf" value="${csrf}" />
      ${textArea(shown('reason'))}
      <fieldset id="what" ${faults?.scope ? html`aria-describedby="scope-wrong"` : undefined}>
        <legend class="h4">${text.what}</legend>
        <p class="console-hint">${text.whatHint}</p>
        ${faults?.scope ? html`<p class="console-wrong" id="scope-wrong">${text.faults.scope}</p>` : undefined}
        ${(['fiscalNumber', 'reference', 'messageId', 'from', 'to'] as const).map((name) => field(shown(name)))}
      </fieldset>
      <fieldset>
        <legend class="h4">${text.narrower}</legend>
        ${select({
          ...shown('entity'),
          options: [
            ['', text.allBodies] as const,
            ...entities.map(({ id, organization }) => [id, organization.displayName[language]] as const),
          ],
        })}
        ${(['service', 'provider'] as const).map((name) => field(shown(name)))}
      </fieldset>
      <button class="btn btn-primary" type="submit">${text.askButton}</button>
    </form>`;
}

function item(language: Language, csrf: string, listed: ListedConsultation): Html {
  const { register: text } = consoleMessages[language];
  const { consultation, state, mayDecide, mayUse } = listed;
  const { id, asker, askedAt, decider, reason, scope, endsAt } = consultation;
  const about = html`<span class="visually-hidden">${text.ofAsker(asker)}</span>`;
  return html`<li>
    <p>
      <strong>${reason}</strong><br />${time(language, askedAt)} · ${asker} · ${scopeInWords(language, scope)}<br />
      <strong>${text.states[state]}</strong>
      ${state === 'open' || state === 'waiting' ? html`${text.until} ${time(language, endsAt)}` : undefined}
      ${decider && html`· ${text.agreed(decider)}`}
    </p>
    ${mayUse ? html`<p><a href="/admin/register/${id}">${text.look}${about}</a></p>` : undefined}
    ${
      mayDecide
        ? html`<form method="post" action="/admin/register/${id}/decide" class="problem-actions">
            <input type="hidden" name="csrf" value="${csrf}" />
            <button class="btn btn-primary" type="submit" name="agreed" value="yes">${text.agree}${about}</button>
            <button class="btn btn-outline-primary" type="submit" name="agreed" value="no">
              ${text.refuse}${about}
            </button>
          </form>`
        : undefined
    }
  </li>`;
}

/** What a consultation covers; a person is not named. */
export function scopeInWords(language: Language, scope: ConsultationScope): Html {
  const { scope: text } = consoleMessages[language].register;
  const named = (label: string, value: string | undefined) =>
    value === undefined ? undefined : html`${label} <span translate="no">${value}</span>`;
  const parts = [
    scope.personHashes ? html`${text.person}` : undefined,
    named(text.reference, scope.reference),
    named(text.messageId, scope.messageId),
    scope.from ? html`${text.from} ${day(language, scope.from)}` : undefined,
    // Up to the first moment that is not meant any more: the day before it is the last one.
    scope.to ? html`${text.to} ${day(language, new Date(scope.to.getTime() - 1))}` : undefined,
    named(text.entity, scope.entityId),
    named(text.service, scope.clientId),
    named(text.provider, scope.provider),
  ].filter((part) => part !== undefined);
  return html`${parts.map((part, at) => html`${at > 0 ? ', ' : ''}${part}`)}`;
}
