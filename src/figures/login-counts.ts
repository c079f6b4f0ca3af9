import { sql } from 'kysely';
import { isOwn } from '../clients/client.ts';
import type { Clock } from '../operations/clock.ts';
import type { Store, Transaction } from '../store/store.ts';
import { dayIn, monthIn } from './day.ts';
import { LOGIN_STEPS, testClient, type Dimension, type LoginEvent, type LoginStep } from './step.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

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

/**
 * Counts the steps of logins. A login only adds to numbers in memory; every few seconds they are added to the store, so
 * that logins neither wait for a row that all of them write nor for each other (docs/adr/0070). What a process that is
 * killed has not added yet is lost.
 */
export class LoginCounts {
  readonly #store: Store;
  readonly #clock: Clock;
  #rows = new Map<string, Row>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  add(event: LoginEvent): void {
    const now = this.#clock.now();
    const periods = [
      { day: dayIn(now), expires_at: now.getTime() + KEPT_MS.day },
      { day: monthIn(now), expires_at: now.getTime() + KEPT_MS.month },
    ];
    const found: [Dimension, string][] = [['total', '']];
    if (event.provider !== undefined) found.push(['provider', event.provider]);
    if (event.source !== undefined) found.push(['source', event.source]);
    if (event.level !== undefined) found.push(['level', String(event.level)]);
    if (event.code !== undefined) found.push(['error', event.code]);
    const clients = countedUnder(event);
    for (const period of periods)
      for (const [dimension, value] of found)
        for (const clientId of clients)
          this.#row({ ...period, dimension, value, client_id: clientId, entity_id: event.entityId })[
            event.step
          ] += 1;
  }

  /** Adds what was counted to the store. What cannot be added is kept for the next time. */
  flush(): Promise<void> {
    const done = this.#last.then(() => this.#flush());
    this.#last = done.catch(() => undefined);
    return done;
  }

  #row(key: Omit<Row, LoginStep>): Row {
    const name = KEY.map((column) => key[column]).join('\n');
    const row = this.#rows.get(name) ?? { ...key, ...nothing() };
    this.#rows.set(name, row);
    return row;
  }

  async #flush(): Promise<void> {
    const rows = this.#rows;
    if (rows.size === 0) return;
    this.#rows = new Map();
    // In one order everywhere, so that two processes never wait for each other.
    const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    try {
      await this.#store.transaction(async (transaction) => {
        for (let at = 0; at < sorted.length; at += BATCH)
          await addUp(transaction, sorted.slice(at, at + BATCH));
      });
    } catch (error) {
      for (const row of sorted) {
        const kept = this.#row(row);
        for (const step of LOGIN_STEPS) kept[step] += row[step];
      }
      throw error;
    }
  }
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
