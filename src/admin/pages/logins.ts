import type { Figure } from '../../figures/login-figures.ts';
import type { Funnel } from '../../figures/step.ts';
import type { Language } from '../../identity/language.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { adviceOnCode } from '../trace/advice.ts';
import { select } from './fields.ts';
import { table } from './table.ts';

export interface LoginsData {
  readonly day: string;
  /** Newest first; the first is today. */
  readonly days: readonly Figure[];
  readonly funnel: Funnel;
  readonly byProvider: readonly Figure[];
  readonly byLevel: readonly Figure[];
  readonly byError: readonly Figure[];
  /** Undefined where it is about one service only. */
  readonly byService: readonly Figure[] | undefined;
  readonly service: string | undefined;
  /** The number of the next page of services, if there is one. */
  readonly more: number | undefined;
  readonly serviceName: (id: string) => string;
  readonly providerName: (id: string) => string;
}

/** Made once: a page has hundreds of figures, and making a format takes longer than using it. */
const FORMATS = { it: formats('it'), en: formats('en') };

const FUNNEL = ['shown', 'chosen', 'returned', 'entered', 'granted', 'redeemed'] as const;

/** How far logins got: a day step by step, by service, provider and level, its errors, and the days before. */
export function loginsBody(language: Language, data: LoginsData): Html {
  const { logins: text } = consoleMessages[language];
  const { funnel, service, days } = data;
  const reused = Math.max(0, funnel.granted - funnel.entered);
  return html`<p>${text.intro}</p>
    ${
      service === undefined
        ? undefined
        : html`<p>${text.onlyService(data.serviceName(service))} <a href="${link(data.day)}">${text.allServices}</a></p>`
    }
    <form method="get" action="/admin/logins" class="console-search">
      ${service === undefined ? undefined : html`<input type="hidden" name="service" value="${service}" />`}
      ${select({
        ...{ name: 'day', label: text.day, value: data.day },
        options: days.map(({ value }) => [value, dayText(language, value)] as const),
      })}
      <button class="btn btn-outline-primary" type="submit">${text.show}</button>
    </form>
    <h2 class="h4">${text.funnel}</h2>
    ${table({
      ...{ caption: text.funnel, head: text.step },
      columns: [{ label: text.count, figure: true }, { label: text.share }],
      rows: FUNNEL.map((step) => ({
        head: text.steps[step],
        cells: [number(language, funnel[step]), share(language, funnel[step], funnel.shown)],
      })),
    })}
    ${reused > 0 ? html`<p>${text.reused(reused)}</p>` : undefined}
    ${breakdown(language, {
      ...{ title: text.byProvider, head: text.provider, figures: data.byProvider },
      columns: ['chosen', 'returned', 'failed', 'granted', 'redeemed'],
      name: data.providerName,
    })}
    ${breakdown(language, {
      ...{ title: text.byLevel, head: text.level, figures: data.byLevel },
      columns: ['shown', 'chosen', 'granted', 'redeemed'],
      name: (level) => level,
    })}
    <h2 class="h4">${text.byError}</h2>
    ${
      data.byError.length === 0
        ? html`<p>${text.noErrors}</p>`
        : table({
            ...{ caption: text.byError, head: text.error },
            columns: [{ label: text.count, figure: true }, { label: text.meaning }],
            rows: data.byError.map(({ value, failed }) => ({
              head: html`<span translate="no">${value}</span>`,
              cells: [number(language, failed), adviceOnCode(value, language).operator],
            })),
          })
    }
    ${
      data.byService &&
      breakdown(language, {
        ...{ title: text.byService, head: text.service, figures: data.byService },
        columns: ['shown', 'chosen', 'failed', 'granted', 'redeemed'],
        name: (id) => html`<a href="${link(data.day, id)}">${data.serviceName(id)}</a>`,
      })
    }
    ${data.more === undefined ? undefined : html`<p><a href="${link(data.day)}&page=${data.more}">${text.more}</a></p>`}
    ${breakdown(language, {
      ...{ title: text.byDay, head: text.day, figures: days },
      columns: ['shown', 'chosen', 'returned', 'failed', 'granted', 'redeemed'],
      name: (day) => html`<a href="${link(day, service)}">${dayText(language, day)}</a>`,
    })}`;
}

function breakdown(
  language: Language,
  data: {
    readonly title: string;
    readonly head: string;
    readonly figures: readonly Figure[];
    readonly columns: readonly (keyof ReturnType<typeof columnsOf>)[];
    readonly name: (value: string) => Html | string;
  },
): Html {
  const { logins: text } = consoleMessages[language];
  const labels = columnsOf(language);
  return html`<h2 class="h4">${data.title}</h2>
    ${
      data.figures.length === 0
        ? html`<p>${text.none}</p>`
        : table({
            ...{ caption: data.title, head: data.head },
            columns: data.columns.map((column) => ({ label: labels[column], figure: true })),
            rows: data.figures.map((figure) => ({
              head: data.name(figure.value),
              cells: data.columns.map((column) => number(language, figure[column])),
            })),
          })
    }`;
}

function columnsOf(language: Language) {
  return consoleMessages[language].logins.columns;
}

function link(day: string, service?: string): string {
  return `/admin/logins?${new URLSearchParams({ day, ...(service ? { service } : {}) }).toString()}`;
}

/** A bar beside the number: the same thing for the eye. */
function share(language: Language, part: number, whole: number): Html | undefined {
  if (whole === 0) return undefined;
  const percent = FORMATS[language].percent.format(part / whole);
  return html`<progress aria-hidden="true" max="${whole}" value="${Math.min(part, whole)}"></progress> ${percent}`;
}

function number(language: Language, value: number): string {
  return FORMATS[language].number.format(value);
}

export function dayText(language: Language, day: string): string {
  return FORMATS[language].day.format(new Date(`${day}T12:00:00Z`));
}

function formats(language: Language) {
  return {
    number: new Intl.NumberFormat(language, { useGrouping: 'always' }),
    percent: new Intl.NumberFormat(language, { style: 'percent' }),
    day: new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }),
  };
}
