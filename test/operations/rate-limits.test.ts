import { describe, expect, it } from 'vitest';
import { addressKey, RateLimits } from '../../src/operations/rate-limits.ts';

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
    expect(await limits.reached('client', 'a')).toBeUndefined();
    await limits.take('client', 'a');
    expect(await limits.reached('client', 'a')).toBeGreaterThan(0);
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
