import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/operations/clock.ts';
import { createLog } from '../../src/operations/log.ts';
import { addressKey, RateLimits } from '../../src/operations/rate-limits.ts';
import { openStore } from '../../src/store/store.ts';
import { emptyDatabase } from '../support/stores.ts';

const server = process.env.TEST_POSTGRES_URL;

describe.skipIf(!server)('rate limits of processes that share a store', () => {
  it('go on in each process alone while the store is slow, and together again afterwards; no address is stored', async () => {
    let ahead = 0;
    const clock = { now: () => new Date(systemClock.now().getTime() + ahead) };
    const logged: string[] = [];
    const log = createLog({ level: 'info', destination: { write: (line) => void logged.push(line) } });
    const url = await emptyDatabase();
    const [one, other] = await Promise.all([openStore(url, clock), openStore(url, clock)]);
    onTestFinished(async () => {
      await Promise.all([one.close(), other.close()]);
    });
    const [first, second] = [one, other].map(({ hasty }) => {
      if (!hasty) throw new Error('PostgreSQL has hasty queries');
      const pseudonym = (key: string) => `hash of ${key.length}`;
      return new RateLimits(
        { browsers: 2, services: 2, client: 2 },
        { counters: hasty, pseudonym, clock, log },
      );
    }) as [RateLimits, RateLimits];
    const take = (limits: RateLimits) => limits.take('browsers', '192.0.2.7');
    expect([await take(first), await take(second)]).toEqual([undefined, undefined]);
    expect(await take(first)).toBeGreaterThan(0);
    expect(await take(second)).toBeGreaterThan(0);
    expect(await one.db.selectFrom('rate_limits').select('key').execute()).toEqual([
      { key: 'browsers:hash of 9' },
    ]);

    await one.db.transaction().execute(async (transaction) => {
      await sql`lock table rate_limits in access exclusive mode`.execute(transaction);
      const alone = () => first.take('client', 'suap');
      expect([await alone(), await alone()]).toEqual([undefined, undefined]);
      expect(await alone()).toBeGreaterThan(0);
    });
    expect(logged.filter((line) => line.includes('rate_limits_alone'))).toHaveLength(1);
    ahead += 6000;
    expect(await first.take('client', 'suap')).toBeUndefined();
  });
});

describe('rate limits', () => {
  it('let as many through as they say, each key and each kind for itself, and tell how long to wait', async () => {
    const limits = new RateLimits({ browsers: 2, services: 1, client: 1 });
    expect([await limits.take('browsers', 'a'), await limits.take('browsers', 'a')]).toEqual([
      undefined,
      undefined,
    ]);
    const wait = await limits.take('browsers', 'a');
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    expect(await limits.take('browsers', 'b')).toBeUndefined();
    expect(await limits.take('services', 'a')).toBeUndefined();
  });

  it('count nothing where they are only asked', async () => {
    const limits = new RateLimits({ browsers: 1, services: 1, client: 1 });
    expect(await limits.counted('client', 'a')).toBeUndefined();
    await limits.take('client', 'a');
    expect(await limits.counted('client', 'a')).toEqual({ reached: true, seconds: 60 });
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0DB8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::9', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
  ])('know %s as %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});
