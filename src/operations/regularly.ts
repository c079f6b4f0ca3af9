import { randomInt } from 'node:crypto';

/** Something that is done again and again. */
export interface Chore {
  /** Does it now, unless it is being done. Never rejects. */
  readonly run: () => Promise<void>;
  /** Does it no more. Resolves once what is under way has ended, so that what it needs may be closed. */
  readonly stop: () => Promise<void>;
}

/**
 * Does something at every interval, once at a time: what takes longer than the interval leaves out its next turns.
 * Keeps no process alive.
 * @param everyMs milliseconds
 * @param failed is told what the work threw
 * @param firstMs when it is done for the first time, where that is before the first interval is over: a process that is
 *   started more often than every interval would never do it
 */
export function regularly(
  everyMs: number,
  work: () => Promise<unknown>,
  failed: (error: unknown) => void,
  firstMs?: number,
): Chore {
  let running: Promise<void> | undefined;
  const once = async () => {
    try {
      await work();
    } catch (error) {
      failed(error);
    }
  };
  const run = () => (running ??= once().finally(() => (running = undefined)));
  const first = firstMs === undefined ? undefined : setTimeout(() => void run(), firstMs).unref();
  const timer = setInterval(() => void run(), everyMs).unref();
  return {
    run,
    async stop() {
      clearTimeout(first);
      clearInterval(timer);
      await running;
    },
  };
}

/** Some time of the first minute: not while a process starts, and processes that start together not at the same time. */
export function soonAfterStart(): number {
  return randomInt(15_000, 60_000);
}
