import { OWN_CLIENT_PREFIX } from '../clients/client.ts';
import type { Queryable } from '../store/store.ts';
import { LOGIN_STEPS, TEST_PREFIX, testClient, type Dimension, type Funnel } from './step.ts';

/** Of which logins. */
export interface FigureFilter {
  /** Bodies; undefined for all. */
  readonly entityIds: readonly string[] | undefined;
  /** One service, in whatever stage; undefined for all that are live. */
  readonly clientId: string | undefined;
}

export interface Figure extends Funnel {
  /** Provider, source, level, error code, client or day. */
  readonly value: string;
}

/** What there is to know of some logins, in numbers. */
export interface LoginFigures<One = Figure> {
  /** Newest first; days without logins are there too. */
  readonly days: readonly One[];
  /** Of one of the days, as all that follow. */
  readonly bySource: readonly One[];
  readonly byProvider: readonly One[];
  readonly byLevel: readonly One[];
  readonly byError: readonly One[];
}

/** @param day what the breakdowns are of */
export async function loginFigures(
  db: Queryable,
  days: readonly string[],
  day: string,
  filter: FigureFilter,
): Promise<LoginFigures> {
  return {
    days: await figuresByDay(db, days, filter),
    bySource: await figuresBy(db, day, 'source', filter),
    byProvider: await figuresBy(db, day, 'provider', filter),
    byLevel: await figuresBy(db, day, 'level', filter),
    byError: await figuresBy(db, day, 'error', filter),
  };
}

async function figuresByDay(db: Queryable, days: readonly string[], filter: FigureFilter): Promise<Figure[]> {
  const rows = await selection(db, days, 'total', filter).select('day as value').groupBy('day').execute();
  return days.map((day) => rows.find(({ value }) => value === day) ?? { ...NOTHING, value: day });
}

/** Most first. */
function figuresBy(
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

/** Live services, those in the test stage, pages of the gateway itself. */
export type Clients = 'services' | 'tests' | 'own-pages';

/** What the ids of some clients begin with in the counters; of live services with neither. */
const PREFIXES = { tests: TEST_PREFIX, 'own-pages': OWN_CLIENT_PREFIX } as const;

/** A day's funnels by client; most logins first. */
export async function figuresByClient(
  db: Queryable,
  day: string,
  clients: Clients,
  entityIds: FigureFilter['entityIds'],
  page: { readonly limit: number; readonly offset: number } = { limit: MOST, offset: 0 },
): Promise<Figure[]> {
  const rows = await selection(db, [day], 'total', { entityIds, clientId: null })
    .select('client_id as value')
    .where((where) =>
      clients === 'services'
        ? where.and(Object.values(PREFIXES).map((prefix) => where('client_id', 'not like', `${prefix}%`)))
        : where('client_id', 'like', `${PREFIXES[clients]}%`),
    )
    .groupBy('client_id')
    .orderBy('redeemed', 'desc')
    .orderBy('shown', 'desc')
    .orderBy('client_id')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  return clients === 'tests'
    ? rows.map((row) => ({ ...row, value: row.value.slice(TEST_PREFIX.length) }))
    : rows;
}

/** Providers, levels, codes and own pages are few; this holds should one day somebody invent codes. */
const MOST = 100;

const NOTHING = Object.fromEntries(LOGIN_STEPS.map((step) => [step, 0])) as unknown as Funnel;

/** @param filter.clientId null for each service apart */
function selection(
  db: Queryable,
  days: readonly string[],
  dimension: Dimension,
  { entityIds, clientId }: { entityIds: FigureFilter['entityIds']; clientId: string | undefined | null },
) {
  const counted = clientId ? [clientId, testClient(clientId)] : [''];
  return db
    .selectFrom('login_counts')
    .select((eb) => LOGIN_STEPS.map((step) => eb.cast<number>(eb.fn.sum<number>(step), 'bigint').as(step)))
    .where('day', 'in', [...days])
    .where('dimension', '=', dimension)
    .where('client_id', clientId === null ? 'not in' : 'in', counted)
    .$if(entityIds !== undefined, (query) => query.where('entity_id', 'in', [...(entityIds ?? []), '']));
}
