import type { Language } from '../../identity/language.ts';
import { REPORTED, type ReportLine } from '../../figures/monthly-report.ts';
import { SMALLEST_SHOWN } from '../../figures/suppression.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { select } from './fields.ts';
import { table } from './table.ts';

export interface ReportsData {
  readonly month: string;
  /** Newest first. */
  readonly months: readonly string[];
  readonly lines: readonly ReportLine[];
  readonly entityName: (id: string) => string;
  readonly serviceName: (id: string) => string;
  readonly providerName: (id: string) => string;
}

/** A month's use, by body; small numbers are kept back. */
export function reportsBody(language: Language, data: ReportsData): Html {
  const { reports: text } = consoleMessages[language];
  const bodies = Map.groupBy(data.lines, ({ entityId }) => entityId);
  return html`<p>${text.intro(SMALLEST_SHOWN)}</p>
    <form method="get" action="/admin/reports" class="console-search">
      ${select({
        ...{ name: 'month', label: text.month, value: data.month },
        options: data.months.map((month) => [month, monthText(language, month)] as const),
      })}
      <button class="btn btn-outline-primary" type="submit">${text.show}</button>
    </form>
    ${data.lines.length === 0 ? html`<p role="status">${text.none}</p>` : undefined}
    ${[...bodies].map(([entityId, lines]) => {
      const name = entityId === '' ? text.all : data.entityName(entityId);
      return html`<h2 class="h4">${name}</h2>
        ${(['total', ...REPORTED] as const).map((by) => breakdown(language, data, name, by, lines))}`;
    })}
    ${
      data.lines.length === 0
        ? undefined
        : html`<p><a class="btn btn-outline-primary" href="/admin/reports/csv?month=${data.month}" download>${text.download}</a></p>`
    }`;
}

export function monthText(language: Language, month: string): string {
  const format = new Intl.DateTimeFormat(language, { month: 'long', year: 'numeric', timeZone: 'UTC' });
  return format.format(new Date(`${month}-15T00:00:00Z`));
}

function breakdown(
  language: Language,
  data: ReportsData,
  body: string,
  by: ReportLine['by'],
  all: readonly ReportLine[],
): Html | undefined {
  const { reports: text } = consoleMessages[language];
  const lines = all.filter((line) => line.by === by);
  if (lines.length === 0) return undefined;
  const name = (value: string) => {
    if (by === 'total') return text.by.total;
    if (by === 'service') return data.serviceName(value);
    if (by === 'provider') return data.providerName(value);
    return by === 'source' ? (text.sources[value] ?? value) : value;
  };
  return table({
    ...{ caption: `${body}: ${text.by[by]}`, head: text.by[by] },
    columns: [{ label: text.accesses, figure: true }],
    rows: lines.map(({ value, accesses }) => ({
      head: name(value),
      cells: [
        accesses === undefined
          ? html`<span aria-hidden="true">*</span><span class="visually-hidden">${text.kept}</span>`
          : new Intl.NumberFormat(language).format(accesses),
      ],
    })),
  });
}
