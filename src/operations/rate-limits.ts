import { isIPv6 } from 'node:net';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** What is counted, each for itself. */
export type LimitKind = 'browsers' | 'services' | 'client' | 'wrong-secret';

/** How many in a minute. */
export interface RateLimitOptions {
  /** Pages and provider answers, per address: behind one address may be a whole town hall. */
  readonly browsers: number;
  /** Endpoints that services call, per address. */
  readonly services: number;
  /** Requests that name a client, per client. */
  readonly client: number;
}

/** Attempts with wrong secrets before they are no longer even looked at, and for how long, per client and address. */
const WRONG_SECRETS = 10;
const WRONG_SECRETS_SECONDS = 5 * 60;
const MINUTE = 60;

/** Counts in this process: with several processes each lets as many through. */
export class RateLimits {
  readonly #limiters: Readonly<Record<LimitKind, RateLimiterMemory>>;

  constructor({ browsers, services, client }: RateLimitOptions) {
    const perMinute = (points: number) => new RateLimiterMemory({ points, duration: MINUTE });
    this.#limiters = {
      browsers: perMinute(browsers),
      services: perMinute(services),
      client: perMinute(client),
      'wrong-secret': new RateLimiterMemory({ points: WRONG_SECRETS, duration: WRONG_SECRETS_SECONDS }),
    };
  }

  /** Counts one more. @returns seconds to wait when it was one too many */
  async take(kind: LimitKind, key: string): Promise<number | undefined> {
    try {
      await this.#limiters[kind].consume(key);
      return undefined;
    } catch (exceeded) {
      if (exceeded instanceof RateLimiterRes) return seconds(exceeded);
      throw exceeded;
    }
  }

  /** Without counting: @returns seconds to wait when the limit is reached */
  async reached(kind: LimitKind, key: string): Promise<number | undefined> {
    const state = await this.#limiters[kind].get(key);
    return state && state.remainingPoints <= 0 ? seconds(state) : undefined;
  }
}

function seconds({ msBeforeNext }: RateLimiterRes): number {
  return Math.max(1, Math.ceil(msBeforeNext / 1000));
}

/** Who is behind an address: with IPv6 a household has 2⁶⁴ of them. */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address;
  if (address.toLowerCase().startsWith('::ffff:')) return address.slice('::ffff:'.length);
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const zeros = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter(Boolean).length;
  return [...groups, ...Array<string>(zeros).fill('0')]
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':');
}
