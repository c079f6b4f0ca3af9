import { isOwn } from '../clients/client.ts';
import type { Queryable } from '../store/store.ts';
import { monthIn } from './day.ts';
import { TEST_PREFIX } from './step.ts';
import { figure, keepBack, shown, type Figure } from './suppression.ts';

/** By what a month is broken down. */
export const REPORTED = ['service', 'provider', 'source', 'level'] as const;
export type Reported = (typeof REPORTED)[number];

/**
 * What the lines of a report are about, in the order in which they come. Signing in to the gateway's own pages is no use
 * of a service: it is in no other line.
 */
export const LINES = ['total', ...REPORTED, 'own-page'] as const;

/** One line of a report: how often citizens entered. */
export interface ReportLine {
  /** Short id of the body; empty for all of them together. */
  readonly entityId: string;
  readonly by: (typeof LINES)[number];
  /** Client, provider, source or level; empty for the total. */
  readonly value: string;
  /** Undefined where the number is kept back (suppression.ts). */
  readonly accesses: number | undefined;
}

/** @returns whether a text is a month such as `2026-10` */
export function isMonth(text: string): boolean {
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(text);
}

/** Counters of months are kept for 400 days. */
const MONTHS = 13;

/** The months (in Italy) of which there are whole reports, and the one that is going on; newest first. */
export function monthsUpTo(now: Date): string[] {
  const [year = 0, month = 1] = monthIn(now).split('-').map(Number);
  return Array.from({ length: MONTHS }, (_, back) =>
    new Date(Date.UTC(year, month - 1 - back, 1)).toISOString().slice(0, 7),
  );
}

/**
 * How often citizens entered services in a month (in Italy), from the counters (docs/adr/0070): by body, and of each by
 * service, provider, source and level; apart from them, how often people signed in to the gateway's own pages. Logins of the
 * test stage are nobody's use of anything and in no line. Nothing is about a person. What is kept back is decided over all bodies and breakdowns together, so that neither the reports of
 * several bodies nor the sums over them give it away.
 * @param entityIds bodies whose lines are wanted; undefined for all, with the sums over them
 */
export async function monthlyReport(
  db: Queryable,
  month: string,
  entityIds: readonly string[] | undefined,
): Promise<ReportLine[]> {
  const ofBodies = (await countsIn(db, month)).map(({ accesses, ...line }) => ({
    ...line,
    figure: figure(accesses),
  }));
  const sums: Figure[][] = [];
  const ofAll = LINES.flatMap((by) =>
    [...Map.groupBy(having(ofBodies, by), ({ value }) => value)].map(([value, same]) => {
      const together = figure(same.reduce((sum, one) => sum + one.figure.value, 0));
      sums.push([together, ...same.map((one) => one.figure)]);
      return { entityId: '', by, value, figure: together };
    }),
  );
  const lines = [...Map.groupBy([...ofAll, ...ofBodies], ({ entityId }) => entityId).values()].flatMap(
    (ofBody) => {
      const [total] = having(ofBody, 'total');
      if (total)
        for (const by of REPORTED)
          sums.push([total.figure, ...having(ofBody, by).map((cell) => cell.figure)]);
      return LINES.flatMap((by) => having(ofBody, by));
    },
  );
  keepBack(sums);
  return lines
    .filter(({ entityId }) => entityIds === undefined || entityIds.includes(entityId))
    .map((line) => ({
      entityId: line.entityId,
      by: line.by,
      value: line.value,
      accesses: shown(line.figure),
    }));
}

function having<Line extends Pick<ReportLine, 'by'>>(lines: readonly Line[], by: ReportLine['by']): Line[] {
  return lines.filter((line) => line.by === by);
}

const HEAD = ['month', 'body', 'by', 'value', 'accesses'];

/** As comma-separated values (RFC 4180); what is kept back is written `*`. */
export function reportCsv(month: string, lines: readonly ReportLine[]): string {
  const rows = lines.map(({ entityId, by, value, accesses }) => [
    month,
    entityId || 'all',
    by,
    value,
    accesses === undefined ? '*' : String(accesses),
  ]);
  return [HEAD, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** Quoted where needed; no cell begins like a formula of a spreadsheet. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

type Counted = Omit<ReportLine, 'accesses'> & { readonly accesses: number };

/** What was counted in a month, by body. */
async function countsIn(db: Queryable, month: string): Promise<Counted[]> {
  const counts = db
    .selectFrom('login_counts')
    .select(['entity_id as entityId', 'granted as accesses'])
    .where('day', '=', month)
    .where('granted', '>', 0)
    .orderBy('entity_id');
  const byClient = await counts
    .select('client_id as value')
    .where('dimension', '=', 'total')
    .where('client_id', 'not like', `${TEST_PREFIX}%`)
    .orderBy('client_id')
    .execute();
  const byOther = await counts
    .select(['dimension', 'value'])
    .where('dimension', 'in', ['provider', 'source', 'level'])
    .where('client_id', '=', '')
    .orderBy('value')
    .execute();
  return [
    ...byClient.map((count) => ({ ...count, by: countedFor(count.value) })),
    ...byOther.map(({ dimension, ...count }) => ({ ...count, by: dimension as Reported })),
  ];
}

/** What the total of a client is in a report; that of no client is the body's. */
function countedFor(clientId: string): ReportLine['by'] {
  if (clientId === '') return 'total';
  return isOwn({ id: clientId }) ? 'own-page' : 'service';
}
