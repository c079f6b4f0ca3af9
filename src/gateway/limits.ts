import { createHmac } from 'node:crypto';
import type { Configuration } from '../config/schema.ts';
import type { KeyRing } from '../keys/directory.ts';
import { RateLimits } from '../operations/rate-limits.ts';
import type { Store } from '../store/store.ts';
import type { GatewayOptions } from './parts.ts';

/** The limits of all processes on one PostgreSQL are one; addresses get there as hashes that only these processes can make. */
export function rateLimits(
  configuration: Configuration,
  { clock, log }: GatewayOptions,
  { store, keys }: { readonly store: Store; readonly keys: KeyRing },
): RateLimits {
  if (!store.hasty) return new RateLimits(configuration.limits);
  const [secret] = keys.derived('rate limits');
  return new RateLimits(configuration.limits, {
    counters: store.hasty,
    pseudonym: (key) => createHmac('sha256', secret).update(key).digest('base64url'),
    clock,
    log,
  });
}
