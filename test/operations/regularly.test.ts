import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { regularly, soonAfterStart } from '../../src/operations/regularly.ts';

const unexpected = (error: unknown) => expect.unreachable(String(error));

describe('something that is done regularly', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is done at every interval, and no more once it is stopped', async () => {
    const work = vi.fn(async () => {});
    const chore = regularly(1000, work, unexpected);
    await vi.advanceTimersByTimeAsync(3000);
    await chore.stop();
    await vi.advanceTimersByTimeAsync(3000);
    expect(work).toHaveBeenCalledTimes(3);
  });

  it('is done soon after the start where that is wanted, and from then on at every interval', async () => {
    const work = vi.fn(async () => {});
    const chore = regularly(1000, work, unexpected, 100);
    await vi.advanceTimersByTimeAsync(100);
    expect(work).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1900);
    expect(work).toHaveBeenCalledTimes(3);
    await chore.stop();
    const stopped = regularly(1000, work, unexpected, 100);
    await stopped.stop();
    await vi.advanceTimersByTimeAsync(1000);
    expect(work).toHaveBeenCalledTimes(3);
  });

  it('begins within the first minute, and not at the same time in every process', () => {
    const starts = Array.from({ length: 100 }, soonAfterStart);
    expect(Math.min(...starts)).toBeGreaterThan(0);
    expect(Math.max(...starts)).toBeLessThanOrEqual(60_000);
    expect(new Set(starts).size).toBeGreaterThan(50);
  });

  it('is never done twice at a time', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const work = vi.fn(() => promise);
    const chore = regularly(1000, work, unexpected);
    await vi.advanceTimersByTimeAsync(3000);
    expect(work).toHaveBeenCalledTimes(1);
    resolve();
    await vi.advanceTimersByTimeAsync(1000);
    expect(work).toHaveBeenCalledTimes(2);
    await chore.stop();
  });

  it('has ended when stopping has', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let ended = false;
    const chore = regularly(
      1000,
      async () => {
        await promise;
        ended = true;
      },
      unexpected,
    );
    void chore.run();
    const stopped = chore.stop();
    resolve();
    await stopped;
    expect(ended).toBe(true);
  });

  it('goes on after a failure, which is told', async () => {
    const failed = vi.fn();
    const failure = new Error('no');
    const chore = regularly(1000, () => Promise.reject(failure), failed);
    await vi.advanceTimersByTimeAsync(2000);
    await chore.stop();
    expect(failed.mock.calls).toEqual([[failure], [failure]]);
  });
});
