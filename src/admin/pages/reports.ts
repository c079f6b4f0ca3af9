import type { Language } from '../../identity/language.ts';
import { LINES, type ReportLine } from '../../figures/monthly-report.ts';
import { SMALLEST_SHOWN } from '../../figures/suppression.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { count, sourceName } from './count.ts';
import { select } from './fields.ts';
import { table } from './table.ts';

/** One table of a report. */
export interface Breakdown {
  /** Empty for all bodies together. */
  readonly entityId: string;
  readonly by: ReportLine['by'];
  readonly lines: readonly ReportLine[];
  /** How many more there are. */
  readonly rest: number;
}

export interface ReportsData {
  readonly month: string;
  /** Newest first. */
  readonly months: readonly string[];
  readonly breakdowns: readonly Breakdown[];
  readonly entityName: (id: string) => string;
  readonly serviceName: (id: string) => string;
  readonly providerName: (id: string) => string;
}

/** So many of each are named on the page, the most used first; the file has all of them. */
const MOST_NAMED = 50;

/** The tables of a report, none longer than can be read. */
export function breakdownsOf(report: readonly ReportLine[]): Breakdown[] {
  return [...Map.groupBy(report, ({ entityId }) => entityId)].flatMap(([entityId, ofBody]) =>
    LINES.flatMap((by) => {
      const all = ofBody.filter((line) => line.by === by);
      if (all.length === 0) return [];
      const lines = all.length > MOST_NAMED ? mostUsed(all).slice(0, MOST_NAMED) : all;
      return [{ entityId, by, lines, rest: all.length - lines.length }];
    }),
  );
}

/** What is kept back comes last, in the order it was in: its place tells nothing either. */
function mostUsed(lines: readonly ReportLine[]): ReportLine[] {
  return lines.toSorted((a, b) => (b.accesses ?? -1) - (a.accesses ?? -1));
}

/** A month's use, by body; small numbers are kept back. */
export function reportsBody(language: Language, data: ReportsData): Html {
  const { reports: text } = consoleMessages[language];
  const bodies = Map.groupBy(data.breakdowns, ({ entityId }) => entityId);
  return html`<p>${text.intro(SMALLEST_SHOWN)}</p>
    <form method="get" action="/admin/reports" class="console-search">
      ${select({
        name: 'month',
        label: text.month,
        value: data.month,
        options: data.months.map((month) => [month, monthText(language, month)] as const),
      })}
      <button class="btn btn-outline-primary" type="submit">${text.show}</button>
    </form>
    ${bodies.size === 0 ? html`<p role="status">${text.none}</p>` : undefined}
    ${[...bodies].map(([entityId, breakdowns]) => {
      const name = entityId === '' ? text.all : data.entityName(entityId);
      return html`<h2 class="h4">${name}</h2>
        ${breakdowns.map((breakdown) => breakdownTable(language, data, name, breakdown))}`;
    })}
    ${
      bodies.size === 0
        ? undefined
        : html`<p><a class="btn btn-outline-primary" href="/admin/reports/csv?month=${data.month}" download>${text.download}</a></p>`
    }`;
}

export function monthText(language: Language, month: string): string {
  const format = new Intl.DateTimeFormat(language, { month: 'long', year: 'numeric', timeZone: 'UTC' });
  return format.format(new Date(`${month}-15T00:00:00Z`));
}

function breakdownTable(
  language: Language,
  data: ReportsData,
  body: string,
  { by, lines, rest }: Breakdown,
): Html {
  const { reports: text } = consoleMessages[language];
  const name = (value: string) => {
    if (by === 'total') return text.by.total;
    if (by === 'service' || by === 'own-page') return data.serviceName(value);
    if (by === 'provider') return data.providerName(value);
    return by === 'source' ? sourceName(language, value) : value;
  };
  return html`<h3 class="h5">${text.by[by]}</h3>
  ${by === 'own-page' ? html`<p>${text.ownPagesHint}</p>` : undefined}
  ${table({
    caption: `${body}: ${text.by[by]}`,
    head: text.item,
    columns: [{ label: text.accesses, figure: true }],
    rows: lines.map(({ value, accesses }) => ({
      head: name(value),
      cells: [count(language, accesses)],
    })),
  })}
  ${rest > 0 ? html`<p>${text.more(rest)}</p>` : undefined}`;
}
