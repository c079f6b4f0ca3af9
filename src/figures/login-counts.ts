import { sql } from 'kysely';
import { isOwn } from '../clients/client.ts';
import type { Clock } from '../operations/clock.ts';
import type { Store, Transaction } from '../store/store.ts';
import { dayIn, monthIn } from './day.ts';
import { LOGIN_STEPS, testClient, type Dimension, type LoginEvent, type LoginStep } from './step.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** Figures of a day are kept for two months, those of a month for about a year: in milliseconds. */
const KEPT_MS = { day: 62 * DAY_MS, month: 400 * DAY_MS };

/** Rows in one statement: SQLite and PostgreSQL bound the number of parameters. */
const BATCH = 200;

const KEY = ['day', 'dimension', 'client_id', 'entity_id', 'value'] as const;

interface Row extends Record<LoginStep, number> {
  readonly day: string;
  readonly dimension: Dimension;
  readonly client_id: string;
  readonly entity_id: string;
  readonly value: string;
  readonly expires_at: number;
}

/** How often something happened in an hour. A day of Italy begins at a full hour of UTC too. */
interface Counted {
  readonly hour: number;
  readonly event: LoginEvent;
  times: number;
}

/**
 * Counts the steps of logins. A login only adds to a number in memory; every few seconds they are added to the store, so
 * that logins neither wait for a row that all of them write nor for each other (docs/adr/0070). What a process that is
 * killed has not added yet is lost.
 */
export class LoginCounts {
  readonly #store: Store;
  readonly #clock: Clock;
  #counted = new Map<string, Counted>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  add(event: LoginEvent): void {
    this.#add(Math.floor(this.#clock.now().getTime() / HOUR_MS), event, 1);
  }

  /** Adds what was counted to the store. What cannot be added is kept for the next time. */
  flush(): Promise<void> {
    const done = this.#last.then(() => this.#flush());
    this.#last = done.catch(() => undefined);
    return done;
  }

  #add(hour: number, event: LoginEvent, times: number): void {
    const { step, entityId, clientId, testing, source, provider, level, code } = event;
    const name = [hour, step, entityId, clientId, testing, source, provider, level, code].join('\n');
    const counted = this.#counted.get(name);
    if (counted) counted.times += times;
    else this.#counted.set(name, { hour, event, times });
  }

  async #flush(): Promise<void> {
    const counted = this.#counted;
    if (counted.size === 0) return;
    this.#counted = new Map();
    const rows = rowsOf([...counted.values()]);
    try {
      await this.#store.transaction(async (transaction) => {
        for (let at = 0; at < rows.length; at += BATCH) await addUp(transaction, rows.slice(at, at + BATCH));
      });
    } catch (error) {
      for (const { hour, event, times } of counted.values()) this.#add(hour, event, times);
      throw error;
    }
  }
}

/** The numbers that what was counted adds to; in one order everywhere, so that two processes never wait for each other. */
function rowsOf(counted: readonly Counted[]): Row[] {
  const rows = new Map<string, Row>();
  for (const { hour, event, times } of counted)
    for (const key of keysOf(hour, event)) {
      const name = KEY.map((column) => key[column]).join('\n');
      const row = rows.get(name) ?? { ...key, ...nothing() };
      rows.set(name, row);
      row[event.step] += times;
    }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/** Every number that an event adds to: of its day and its month, of everybody and of its client, under what is known of it. */
function keysOf(hour: number, event: LoginEvent): Omit<Row, LoginStep>[] {
  const at = new Date(hour * HOUR_MS);
  const periods = [
    { day: dayIn(at), expires_at: at.getTime() + KEPT_MS.day },
    { day: monthIn(at), expires_at: at.getTime() + KEPT_MS.month },
  ];
  const found: [Dimension, string][] = [['total', '']];
  if (event.provider !== undefined) found.push(['provider', event.provider]);
  if (event.source !== undefined) found.push(['source', event.source]);
  if (event.level !== undefined) found.push(['level', String(event.level)]);
  if (event.code !== undefined) found.push(['error', event.code]);
  return periods.flatMap((period) =>
    found.flatMap(([dimension, value]) =>
      countedUnder(event).map((client_id) => ({
        ...period,
        dimension,
        value,
        client_id,
        entity_id: event.entityId,
      })),
    ),
  );
}

/**
 * Whoever signs in to a page of the gateway itself uses no service of the union, and in the test stage nobody does: these
 * are in no number of all services.
 */
function countedUnder({ clientId, testing }: LoginEvent): string[] {
  if (testing) return [testClient(clientId)];
  return isOwn({ id: clientId }) ? [clientId] : ['', clientId];
}

function nothing(): Record<LoginStep, number> {
  return Object.fromEntries(LOGIN_STEPS.map((step) => [step, 0])) as Record<LoginStep, number>;
}

async function addUp(transaction: Transaction, rows: readonly Row[]): Promise<void> {
  await transaction
    .insertInto('login_counts')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(KEY)
        .doUpdateSet(
          Object.fromEntries(
            LOGIN_STEPS.map((step) => [
              step,
              sql`${sql.ref(`login_counts.${step}`)} + ${sql.ref(`excluded.${step}`)}`,
            ]),
          ),
        ),
    )
    .execute();
}
