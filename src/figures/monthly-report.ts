import type { Queryable } from '../store/store.ts';
import { dayIn } from './day.ts';
import { figure, keepBack, type Figure } from './suppression.ts';

/** By what a month is broken down. */
export const REPORTED = ['service', 'provider', 'source', 'level'] as const;
export type Reported = (typeof REPORTED)[number];

/** One line of a report: how often citizens entered. */
export interface ReportLine {
  /** Short id of the body; empty for all of them together. */
  readonly entityId: string;
  readonly by: Reported | 'total';
  /** Client, provider, source or level; empty for the total. */
  readonly value: string;
  /** Undefined where the number is kept back (suppression.ts). */
  readonly accesses: number | undefined;
}

/** @returns whether a text is a month such as `2026-10` */
export function isMonth(text: string): boolean {
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(text);
}

/** Counters are kept for 400 days. */
const MONTHS = 13;

/** The months (in Italy) of which there are whole reports, and the one that is going on; newest first. */
export function monthsUpTo(now: Date): string[] {
  const [year = 0, month = 1] = dayIn(now).split('-').map(Number);
  return Array.from({ length: MONTHS }, (_, back) =>
    new Date(Date.UTC(year, month - 1 - back, 1)).toISOString().slice(0, 7),
  );
}

/**
 * How often citizens entered services in a month (in Italy), from the counters (docs/adr/0070): by body, and of each by
 * service, provider, source and level. Nothing is about a person. What is kept back is decided over all bodies and
 * breakdowns together, so that neither the reports of several bodies nor the sums over them give it away.
 * @param entityIds bodies whose lines are wanted; undefined for all, with the sums over them
 */
export async function monthlyReport(
  db: Queryable,
  month: string,
  entityIds: readonly string[] | undefined,
): Promise<ReportLine[]> {
  const lines: (Omit<ReportLine, 'accesses'> & { figure: Figure })[] = [];
  const sums: Figure[][] = [];
  const line = (entityId: string, by: ReportLine['by'], value: string, count: number): Figure => {
    const one = figure(count);
    lines.push({ entityId, by, value, figure: one });
    return one;
  };
  const totals = new Map<string, Figure>();
  // Each citizen entered through one source; the counts by source are therefore also those of all.
  const bySource = await countsBy(db, month, 'source');
  const all = line('', 'total', '', total(bySource));
  for (const [entityId, counts] of Map.groupBy(bySource, (count) => count.entityId))
    totals.set(entityId, line(entityId, 'total', '', total(counts)));
  sums.push([all, ...totals.values()]);
  for (const by of REPORTED) {
    const counted = by === 'source' ? bySource : await countsBy(db, month, by);
    const cells = counted.map((count) => ({
      ...count,
      figure: line(count.entityId, by, count.value, count.accesses),
    }));
    for (const [entityId, own] of Map.groupBy(cells, (cell) => cell.entityId)) {
      const ofBody = totals.get(entityId);
      if (ofBody) sums.push([ofBody, ...own.map((cell) => cell.figure)]);
    }
    const everywhere = [...Map.groupBy(cells, ({ value }) => value)].map(([value, same]) => {
      const together = line('', by, value, total(same));
      sums.push([together, ...same.map((cell) => cell.figure)]);
      return together;
    });
    sums.push([all, ...everywhere]);
  }
  keepBack(sums);
  return lines
    .filter(({ entityId }) => entityIds === undefined || entityIds.includes(entityId))
    .map(({ figure: { value, hidden }, ...rest }) => ({ ...rest, accesses: hidden ? undefined : value }));
}

const HEAD = ['month', 'body', 'by', 'value', 'accesses'];

/** As comma-separated values (RFC 4180); what is kept back is written `*`. */
export function reportCsv(month: string, lines: readonly ReportLine[]): string {
  const rows = lines.map(({ entityId, by, value, accesses }) => [
    ...[month, entityId || 'all', by, value, accesses === undefined ? '*' : String(accesses)],
  ]);
  return [HEAD, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** Quoted where needed; no cell begins like a formula of a spreadsheet. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

interface Count {
  readonly entityId: string;
  readonly value: string;
  readonly accesses: number;
}

async function countsBy(db: Queryable, month: string, by: Reported): Promise<Count[]> {
  const rows = await db
    .selectFrom('login_counts')
    .select(['entity_id', 'client_id', 'value'])
    .select((eb) => eb.cast<number>(eb.fn.sum<number>('granted'), 'bigint').as('accesses'))
    .where('day', '>=', `${month}-01`)
    .where('day', '<=', `${month}-31`)
    .where('dimension', '=', by === 'provider' || by === 'level' ? by : 'total')
    .where('client_id', by === 'service' ? '!=' : '=', '')
    .groupBy(['entity_id', 'client_id', 'value'])
    .orderBy('entity_id')
    .orderBy('client_id')
    .orderBy('value')
    .execute();
  return rows
    .filter(({ accesses }) => accesses > 0)
    .map(({ entity_id, client_id, value, accesses }) => {
      // Everybody comes through SPID as yet, so the counters know no source.
      const what = by === 'service' ? client_id : by === 'source' ? 'spid' : value;
      return { entityId: entity_id, value: what, accesses };
    });
}

function total(counts: readonly { readonly accesses: number }[]): number {
  return counts.reduce((sum, { accesses }) => sum + accesses, 0);
}
