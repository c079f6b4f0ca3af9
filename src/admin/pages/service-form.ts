import { differences } from '../../audit/difference.ts';
import type { Client } from '../../clients/client.ts';
import { newClientId } from '../../clients/client-id.ts';
import { clientDifferences } from '../../clients/differences.ts';
import { LEGAL_GROUNDS } from '../../clients/legal-basis.ts';
import type { Entity } from '../../entities/entity.ts';
import { ATTRIBUTE_NAMES, type AttributeName } from '../../identity/attributes.ts';
import type { Language } from '../../identity/language.ts';
import { LEVELS } from '../../identity/level.ts';
import { isLoopback } from '../../operations/loopback.ts';
import { descriptionList } from '../../web/description-list.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { messages } from '../../web/messages/index.ts';
import { legalBasisMessages, legalBasisText } from '../../web/messages/legal-basis.ts';
import type { Visit } from '../room.ts';
import {
  fieldsOf,
  methodsFor,
  SERVICE_FIELDS,
  type FieldFault,
  type FieldFaults,
  type ServiceField,
} from '../service-form.ts';
import { placeList, serviceDifferences } from './differences.ts';
import { faultSummary, field, select, textArea } from './fields.ts';

type Shown = Pick<Visit, 'language' | 'session' | 'fields'>;

/** What a form changes. */
export interface FormTarget {
  /** The service as it is; none for a new one. */
  readonly before?: Client;
  /** The version of it that was seen. */
  readonly version?: number;
  /** The waiting change that the form goes on from. */
  readonly proposal?: string;
}

/** Registering or changing a service: every question with why it is asked; what is wrong stands beside its field. */
export function serviceFormBody(
  visit: Shown,
  data: FormTarget & { readonly faults: FieldFaults; readonly entities: readonly Entity[] },
): Html {
  const { language, session, fields } = visit;
  const { form: text } = consoleMessages[language].services;
  const action = data.before ? `/admin/services/${data.before.id}/change` : '/admin/new-service';
  const about = (name: ServiceField) => {
    return {
      name,
      label: text.fields[name].label,
      hint: text.fields[name].hint,
      value: fields.get(name) ?? '',
      wrong: wrongWith(language, name, data.faults[name]),
    };
  };
  const faulty = SERVICE_FIELDS.filter((name) => data.faults[name] !== undefined).map(about);
  return html`${faultSummary(language, faulty)}
    <form method="post" action="${action}" novalidate data-check>
      <input type="hidden" name="csrf" value="${session.csrf}" />
      ${seen(data).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
      ${select({
        ...about('entity'),
        options: data.entities.map(
          ({ id, organization }) => [id, organization.displayName[language]] as const,
        ),
      })}
      ${field(about('nameIt'))} ${field(about('nameEn'))} ${field(about('homePage'))}
      ${textArea(about('contacts'))}
      ${select({
        ...about('applicationType'),
        options: [
          ['web', text.web],
          ['native', text.native],
        ],
      })}
      ${textArea(about('redirectUris'))} ${textArea(about('postLogoutRedirectUris'))}
      ${select({
        ...about('authMethod'),
        options: methodsFor(data.before).map((method) => [method, text.methods[method]] as const),
      })}
      ${field(about('jwksUri'))} ${textArea({ ...about('jwks'), upload: text.uploadKeys, accept: 'application/json,.json,.jwks' })}
      ${select({
        ...about('minimumLevel'),
        value: fields.get('minimumLevel') ?? '2',
        options: LEVELS.map((level) => [String(level), messages(language).levels[level]] as const),
      })}
      ${attributeFields(visit, about('attributes').wrong, data.faults.attributes ?? [])}
      <button class="btn btn-primary" type="submit">${text.toReview}</button>
    </form>`;
}

/** Everything that is wrong with an answer: each wrong value by itself, with what is wrong with it. */
function wrongWith(
  language: Language,
  name: ServiceField,
  faults: readonly FieldFault[] | undefined,
): Html | undefined {
  if (faults === undefined) return undefined;
  const { form: text } = consoleMessages[language].services;
  const said = faults.flatMap(({ found, problem, attribute }): (Html | string)[] => {
    if (problem === undefined) return found === '' ? [] : [text.wrong(found)];
    const why = text.problems[problem];
    if (attribute === undefined) return [found === '' ? why : text.wrongBecause(found, why)];
    const where = html`<a href="#${fieldOf(problem, attribute)}">${messages(language).attributes[attribute]}</a>`;
    return [html`${where}: ${why}.`];
  });
  const allowed = faults.some(({ problem }) => problem === undefined) ? text.fields[name].allowed : undefined;
  if (said.length < 2) return html`${said} ${allowed}`;
  return html`<ul>
      ${said.map((one) => html`<li>${one}</li>`)}
    </ul>
    ${allowed}`;
}

/** The field of a piece of data that a fault is about. */
function fieldOf(problem: FieldFault['problem'], attribute: AttributeName): string {
  return `${problem === 'basis' ? 'basis' : problem === 'law' ? 'law' : 'why-it'}-${attribute}`;
}

function attributeFields(
  { language, fields }: Shown,
  wrong: Html | undefined,
  faults: readonly FieldFault[],
): Html {
  const { form: text } = consoleMessages[language].services;
  const names = messages(language).attributes;
  const { grounds } = legalBasisMessages[language];
  const line = (name: string, label: string) => {
    const fault = faults.find(
      ({ problem, attribute }) => attribute !== undefined && fieldOf(problem, attribute) === name,
    );
    const wrongHere = fault?.problem && text.wrongHere(text.problems[fault.problem]);
    return { name, label, value: fields.get(name) ?? '', wrong: wrongHere };
  };
  return html`<fieldset id="attributes" ${wrong ? html`aria-describedby="attributes-wrong"` : undefined}>
    <legend class="h4">${text.fields.attributes.label}</legend>
    <p class="console-hint">${text.fields.attributes.hint}</p>
    ${wrong && html`<div class="console-wrong" id="attributes-wrong">${wrong}</div>`}
    ${ATTRIBUTE_NAMES.map((name) => {
      const wanted = fields.get(`wants-${name}`) ?? 'no';
      return html`<details ${wanted === 'no' ? undefined : html`open`}>
        <summary>${names[name]}</summary>
        ${select({
          name: `wants-${name}`,
          label: text.wants,
          value: wanted,
          options: [
            ['no', text.no],
            ['yes', text.yes],
            ['required', text.required],
          ],
        })}
        ${field(line(`why-it-${name}`, text.whyIt))} ${field(line(`why-en-${name}`, text.whyEn))}
        ${select({
          ...line(`basis-${name}`, text.basis),
          options: [
            ['', text.chooseBasis],
            ...LEGAL_GROUNDS.map((ground) => [ground, grounds[ground]] as const),
          ],
        })}
        ${field(line(`law-${name}`, text.law))}
      </details>`;
    })}
  </fieldset>`;
}

/** What the form comes to, with what to think of before it is sent. */
export function reviewBody(
  { language, session }: Shown,
  data: FormTarget & {
    readonly client: Client;
    /** What its body is called. */
    readonly body: string;
    /** Whether the change is proposed only; `replaced`: in the place of one that waits already. */
    readonly proposed?: { readonly replaced: boolean } | undefined;
  },
): Html {
  const { review: text, register, change } = consoleMessages[language].services;
  const { client, before, proposed } = data;
  const changed = before ? clientDifferences(before, client) : [];
  const act = before ? change : register;
  const action = before ? `/admin/services/${before.id}` : '/admin/services';
  const back = before ? `/admin/services/${before.id}/change` : '/admin/new-service';
  // Sent twice, by a reload or a second click, it is registered once.
  const hidden = [...fieldsOf(client), ...seen(data), ...(before ? [] : [['id', newClientId()] as const])];
  const carried = html`<input type="hidden" name="csrf" value="${session.csrf}" />
    ${hidden.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}`;
  const warned = warningList(language, client, before);
  return html`${
    warned &&
    html`<div class="console-warnings">
      <h2 class="h4">${text.think}</h2>
      ${warned}
    </div>`
  }
    ${
      before
        ? html`<h2 class="h4">${text.differences}</h2>
            ${changed.length === 0 ? html`<p>${text.same}</p>` : serviceDifferences(language, changed)}
            <h2 class="h4">${text.whole}</h2>`
        : undefined
    }
    ${serviceFacts(language, client, data.body)}
    ${
      proposed &&
      html`<p>${text.proposed}</p>
        ${proposed.replaced ? html`<p>${text.replaced}</p>` : undefined}`
    }
    <div class="problem-actions">
      <form method="post" action="${action}">
        ${carried}
        <button class="btn btn-primary" type="submit">${proposed ? text.propose : act}</button>
      </form>
      <form method="post" action="${back}">
        ${carried}<input type="hidden" name="step" value="change" />
        <button class="btn btn-outline-primary" type="submit">${text.back}</button>
      </form>
    </div>`;
}

/** What a form carries of what it changes. */
function seen({ version, proposal }: FormTarget): (readonly [string, string])[] {
  return [
    ...(version === undefined ? [] : [['version', String(version)] as const]),
    ...(proposal === undefined ? [] : [['proposal', proposal] as const]),
  ];
}

/** What to think of before a service, or a change of one, is confirmed or approved; nothing where there is nothing. */
export function warningList(
  language: Language,
  client: Client,
  before: Client | undefined,
): Html | undefined {
  const { warnings: text } = consoleMessages[language].services.review;
  const applying = warnings(client, before);
  if (applying.length === 0) return undefined;
  return html`<ul>
    ${applying.map((warning) => html`<li>${text[warning]}</li>`)}
  </ul>`;
}

type Warning =
  'loopback' | 'public' | 'levelOne' | 'manyData' | 'noFiscalNumber' | 'movedEntity' | 'newRedirect';

function warnings(client: Client, before: Client | undefined): Warning[] {
  const loopback = client.redirectUris.some((uri) => URL.canParse(uri) && isLoopback(new URL(uri).hostname));
  const applies: Readonly<Record<Warning, boolean>> = {
    loopback,
    public: client.authMethod === 'none',
    levelOne: client.minimumLevel === 1,
    manyData: client.attributes.length > 6,
    noFiscalNumber: !client.attributes.some(({ name }) => name === 'fiscalNumber'),
    movedEntity: before !== undefined && before.entity !== client.entity,
    newRedirect:
      before !== undefined && client.redirectUris.some((uri) => !before.redirectUris.includes(uri)),
  };
  return (Object.keys(applies) as Warning[]).filter((warning) => applies[warning]);
}

/** A service as it is registered. @param body what its body is called */
export function serviceFacts(language: Visit['language'], client: Client, body: string): Html {
  const { form: text } = consoleMessages[language].services;
  const { attributes: names, levels } = messages(language);
  const rows: readonly (readonly [string, string | Html])[] = [
    [text.fields.entity.label, body],
    [text.fields.nameIt.label, client.name.it],
    [text.fields.nameEn.label, client.name.en],
    [text.fields.homePage.label, client.homePage],
    [text.fields.contacts.label, list(client.contacts ?? [])],
    [text.fields.redirectUris.label, list(client.redirectUris)],
    [text.fields.postLogoutRedirectUris.label, list(client.postLogoutRedirectUris)],
    [
      text.fields.authMethod.label,
      html`${text.methods[client.authMethod]} · <span translate="no">${client.authMethod}</span>`,
    ],
    ...(client.jwksUri ? [[text.fields.jwksUri.label, client.jwksUri] as const] : []),
    ...(client.jwks ? [[text.fields.jwks.label, list(client.jwks.keys.map(nameOfKey))] as const] : []),
    [text.fields.minimumLevel.label, levels[client.minimumLevel]],
    [
      text.fields.attributes.label,
      list(
        client.attributes.map(
          ({ name, purpose, legalBasis, required }) =>
            `${names[name]}${required ? ` (${text.indispensable})` : ''}: ${purpose[language]}${legalBasis ? `. ${legalBasisText(language, legalBasis)}` : ''}`,
        ),
      ),
    ],
  ];
  return html`${descriptionList(rows)}
    <details>
      <summary>${text.rest}</summary>
      ${placeList(differences(undefined, restOf(client)))}
    </details>`;
}

/** What no row above has: who approves a service sees all of it. */
function restOf(client: Client): object {
  const shown: readonly string[] = [
    'id',
    'entity',
    'name',
    'homePage',
    'contacts',
    'redirectUris',
    'postLogoutRedirectUris',
    'authMethod',
    'jwksUri',
    'minimumLevel',
    'attributes',
  ];
  return Object.fromEntries(Object.entries(client).filter(([name]) => !shown.includes(name)));
}

function nameOfKey({ kty, kid }: Readonly<Record<string, unknown>>): string {
  return [kty, kid].filter((part) => typeof part === 'string').join(' ');
}

function list(values: readonly string[]): Html | string {
  if (values.length === 0) return '–';
  return html`<ul class="list-unstyled">
    ${values.map((value) => html`<li>${value}</li>`)}
  </ul>`;
}
