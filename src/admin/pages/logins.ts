import type { ShownFigure } from '../../figures/kept-figures.ts';
import type { LoginFigures } from '../../figures/login-figures.ts';
import { SMALLEST_SHOWN } from '../../figures/suppression.ts';
import type { Language } from '../../identity/language.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { adviceOnCode } from '../trace/advice.ts';
import { count, percent, sourceName } from './count.ts';
import { select } from './fields.ts';
import { table } from './table.ts';

export interface LoginsData extends LoginFigures<ShownFigure> {
  readonly day: string;
  /** The one of `days` that the rest is about. */
  readonly funnel: ShownFigure;
  /** Numbers may be missing, and today is. */
  readonly keptBack: boolean;
  /** Undefined where it is about one service only. */
  readonly byService: readonly ShownFigure[] | undefined;
  /** Services in the test stage, which are in no number of all. */
  readonly byTest: readonly ShownFigure[];
  /** The gateway's own pages, which are no services. */
  readonly byOwnPage: readonly ShownFigure[];
  readonly service: string | undefined;
  /** The number of the next page of services, if there is one. */
  readonly more: number | undefined;
  /** Undefined for a service that is gone. */
  readonly serviceName: (id: string) => string | undefined;
  readonly providerName: (id: string) => string;
}

const FUNNEL = ['shown', 'chosen', 'returned', 'entered', 'granted', 'redeemed'] as const;

/** How far logins got: a day step by step, by service, provider and level, its errors, and the days before. */
export function loginsBody(language: Language, data: LoginsData): Html {
  const { logins: text } = consoleMessages[language];
  const { funnel, service, days } = data;
  const nameOf = (id: string) => data.serviceName(id) ?? `${text.gone} (${id})`;
  const linked = (id: string) =>
    data.serviceName(id) === undefined ? nameOf(id) : html`<a href="${link(data.day, id)}">${nameOf(id)}</a>`;
  const reused = Math.max(0, (funnel.granted ?? 0) - (funnel.entered ?? funnel.granted ?? 0));
  return html`<p>${text.intro}</p>
    ${data.keptBack ? html`<p>${text.keptBack(SMALLEST_SHOWN)}</p>` : undefined}
    ${
      service === undefined
        ? undefined
        : html`<p>${text.onlyService(nameOf(service))} <a href="${link(data.day)}">${text.allServices}</a></p>`
    }
    <form method="get" action="/admin/logins" class="console-search">
      ${service === undefined ? undefined : html`<input type="hidden" name="service" value="${service}" />`}
      ${select({
        name: 'day',
        label: text.day,
        value: data.day,
        options: days.map(({ value }) => [value, dayText(language, value)] as const),
      })}
      <button class="btn btn-outline-primary" type="submit">${text.show}</button>
    </form>
    <h2 class="h4">${text.funnel}</h2>
    ${table({
      caption: text.funnel,
      head: text.step,
      columns: [{ label: text.count, figure: true }, { label: text.share }],
      rows: FUNNEL.map((step) => ({
        head: text.steps[step],
        cells: [count(language, funnel[step]), share(language, funnel[step], funnel.shown)],
      })),
    })}
    ${reused >= (data.keptBack ? SMALLEST_SHOWN : 1) ? html`<p>${text.reused(reused)}</p>` : undefined}
    ${breakdown(language, {
      title: text.bySource,
      head: text.source,
      figures: data.bySource,
      columns: ['chosen', 'returned', 'failed', 'granted', 'redeemed'],
      name: (source) => sourceName(language, source),
    })}
    ${breakdown(language, {
      title: text.byProvider,
      head: text.provider,
      figures: data.byProvider,
      columns: ['chosen', 'returned', 'failed', 'granted', 'redeemed'],
      name: data.providerName,
    })}
    ${breakdown(language, {
      title: text.byLevel,
      head: text.level,
      figures: data.byLevel,
      columns: ['shown', 'chosen', 'granted', 'redeemed'],
      name: (level) => level,
    })}
    <h2 class="h4">${text.byError}</h2>
    ${
      data.byError.length === 0
        ? html`<p>${text.noErrors}</p>`
        : table({
            caption: text.byError,
            head: text.error,
            columns: [{ label: text.count, figure: true }, { label: text.meaning }],
            rows: data.byError.map(({ value, failed }) => ({
              head: html`<span translate="no">${value}</span>`,
              cells: [count(language, failed), adviceOnCode(value, language).operator],
            })),
          })
    }
    ${
      data.byService &&
      breakdown(language, {
        title: text.byService,
        head: text.service,
        figures: data.byService,
        columns: ['shown', 'chosen', 'failed', 'granted', 'redeemed'],
        name: linked,
      })
    }
    ${data.more === undefined ? undefined : html`<p><a href="${link(data.day)}&page=${data.more}">${text.more}</a></p>`}
    ${[
      { title: text.byTest, hint: text.testsHint, head: text.service, figures: data.byTest },
      { title: text.byOwnPage, hint: text.ownPagesHint, head: text.page, figures: data.byOwnPage },
    ].map(
      (apart) =>
        apart.figures.length > 0 &&
        breakdown(language, {
          ...apart,
          columns: ['shown', 'chosen', 'failed', 'granted', 'redeemed'],
          name: linked,
        }),
    )}
    ${breakdown(language, {
      title: text.byDay,
      head: text.day,
      figures: days,
      columns: ['shown', 'chosen', 'returned', 'failed', 'granted', 'redeemed'],
      name: (day) => html`<a href="${link(day, service)}">${dayText(language, day)}</a>`,
    })}`;
}

function breakdown(
  language: Language,
  data: {
    readonly title: string;
    readonly hint?: string;
    readonly head: string;
    readonly figures: readonly ShownFigure[];
    readonly columns: readonly (keyof ReturnType<typeof columnsOf>)[];
    readonly name: (value: string) => Html | string;
  },
): Html {
  const { logins: text } = consoleMessages[language];
  const labels = columnsOf(language);
  return html`<h2 class="h4">${data.title}</h2>
    ${data.hint && html`<p>${data.hint}</p>`}
    ${
      data.figures.length === 0
        ? html`<p>${text.none}</p>`
        : table({
            caption: data.title,
            head: data.head,
            columns: data.columns.map((column) => ({ label: labels[column], figure: true })),
            rows: data.figures.map((figure) => ({
              head: data.name(figure.value),
              cells: data.columns.map((column) => count(language, figure[column])),
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

/** A bar beside the number: the same thing for the eye. Nothing where a number is kept back. */
function share(language: Language, part: number | undefined, whole: number | undefined): Html | undefined {
  if (part === undefined || !whole) return undefined;
  return html`<progress aria-hidden="true" max="${whole}" value="${Math.min(part, whole)}"></progress> ${percent(language, part, whole)}`;
}

/** The services whose figures somebody may see who sees no body whole. */
export function ownServicesBody(
  language: Language,
  services: readonly { readonly id: string; readonly name: string }[],
): Html {
  const { logins: text } = consoleMessages[language];
  if (services.length === 0) return html`<p>${text.noneOwn}</p>`;
  return html`<p>${text.ownServices}</p>
    <ul class="console-list list-unstyled">
      ${services.map(({ id, name }) => html`<li><p><a href="/admin/logins?service=${id}">${name}</a></p></li>`)}
    </ul>`;
}

const DAYS = { it: dayFormat('it'), en: dayFormat('en') };

export function dayText(language: Language, day: string): string {
  return DAYS[language].format(new Date(`${day}T12:00:00Z`));
}

function dayFormat(language: Language): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' });
}
