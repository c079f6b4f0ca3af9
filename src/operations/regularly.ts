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
 */
export function regularly(
  everyMs: number,
  work: () => Promise<unknown>,
  failed: (error: unknown) => void,
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
  const timer = setInterval(() => void run(), everyMs).unref();
  return {
    run,
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
