import type { Queryable } from '../store/store.ts';
import { LOGIN_STEPS, type Dimension, type Funnel } from './step.ts';

/** Of which logins. */
export interface FigureFilter {
  /** Bodies; undefined for all. */
  readonly entityIds: readonly string[] | undefined;
  /** One service; undefined for all. */
  readonly clientId: string | undefined;
}

export interface Figure extends Funnel {
  /** Provider, level, error code, client or day. */
  readonly value: string;
}

/** The funnel of each of these days, newest first; days without logins are there too. */
export async function figuresByDay(
  db: Queryable,
  days: readonly string[],
  filter: FigureFilter,
): Promise<Figure[]> {
  const rows = await selection(db, days, 'total', filter).select('day as value').groupBy('day').execute();
  return days.map((day) => rows.find(({ value }) => value === day) ?? { ...NOTHING, value: day });
}

/** What a day's funnel was by provider, level or error, most first. */
export function figuresBy(
  db: Queryable,
  day: string,
  dimension: Exclude<Dimension, 'total'>,
  filter: FigureFilter,
): Promise<Figure[]> {
  return selection(db, [day], dimension, filter)
    .select('value')
    .groupBy('value')
    .orderBy(dimension === 'error' ? 'failed' : 'chosen', 'desc')
    .orderBy('value')
    .limit(MOST)
    .execute();
}

/** A day's funnels by service, most logins first. */
export function figuresByService(
  db: Queryable,
  day: string,
  entityIds: FigureFilter['entityIds'],
  page: { readonly limit: number; readonly offset: number },
): Promise<Figure[]> {
  return selection(db, [day], 'total', { entityIds, clientId: null })
    .select('client_id as value')
    .groupBy('client_id')
    .orderBy('redeemed', 'desc')
    .orderBy('shown', 'desc')
    .orderBy('client_id')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
}

/** Providers, levels and codes are few; this holds should one day somebody invent codes. */
const MOST = 100;

const NOTHING = Object.fromEntries(LOGIN_STEPS.map((step) => [step, 0])) as unknown as Funnel;

/** @param filter.clientId null for each service apart */
function selection(
  db: Queryable,
  days: readonly string[],
  dimension: Dimension,
  { entityIds, clientId }: { entityIds: FigureFilter['entityIds']; clientId: string | undefined | null },
) {
  return db
    .selectFrom('login_counts')
    .select((eb) => LOGIN_STEPS.map((step) => eb.cast<number>(eb.fn.sum<number>(step), 'bigint').as(step)))
    .where('day', 'in', [...days])
    .where('dimension', '=', dimension)
    .where('client_id', clientId === null ? '!=' : '=', clientId ?? '')
    .$if(entityIds !== undefined, (query) => query.where('entity_id', 'in', [...(entityIds ?? []), '']));
}
