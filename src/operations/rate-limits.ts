import { isIPv6 } from 'node:net';
import {
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

/** What is counted, each for itself. */
export type LimitKind = 'browsers' | 'services' | 'client' | 'wrong-secret' | 'guesses' | 'guesses-told';

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
/** Wrong secrets of one client from wherever, before whoever was wrong once is not looked at any more. */
const GUESSES = 100;
const MINUTE = 60;

/** Where all processes count together; an answer has to come at once. */
interface SharedCounters {
  query(query: { name?: string; text: string; values?: unknown[] }): Promise<{ rows: unknown[] }>;
}

/** How long this process counts alone after the shared counters did not answer, in milliseconds. */
const ALONE_MS = 5000;

/** Counts requests: with all processes of the gateway together where there are several, or in this one. */
export class RateLimits {
  readonly #limiters: Readonly<Record<LimitKind, RateLimiterAbstract>>;
  readonly #pseudonym: (key: string) => string;

  /** @param together without it this process counts for itself */
  constructor(
    { browsers, services, client }: RateLimitOptions,
    together?: {
      readonly counters: SharedCounters;
      /** What is counted leaves this process under a name that tells nobody an address. */
      readonly pseudonym: (key: string) => string;
      readonly clock: Clock;
      readonly log: Log;
    },
  ) {
    const storeClient = together && patientFor(together);
    this.#pseudonym = together?.pseudonym ?? ((key) => key);
    const limiter = (keyPrefix: LimitKind, points: number, duration = MINUTE): RateLimiterAbstract => {
      const alone = new RateLimiterMemory({ keyPrefix, points, duration });
      if (!storeClient) return alone;
      return new RateLimiterPostgres({
        storeClient,
        storeType: 'client',
        tableName: 'rate_limits',
        tableCreated: true,
        clearExpiredByTimeout: false,
        keyPrefix,
        points,
        duration,
        insuranceLimiter: alone,
        // Whoever has reached it is not asked about any more: a flood ends here.
        inMemoryBlockOnConsumed: points,
      });
    };
    this.#limiters = {
      browsers: limiter('browsers', browsers),
      services: limiter('services', services),
      client: limiter('client', client),
      'wrong-secret': limiter('wrong-secret', WRONG_SECRETS, WRONG_SECRETS_SECONDS),
      guesses: limiter('guesses', GUESSES, WRONG_SECRETS_SECONDS),
      'guesses-told': limiter('guesses-told', 1, WRONG_SECRETS_SECONDS),
    };
  }

  /** Counts one more. @returns seconds to wait when it was one too many */
  async take(kind: LimitKind, key: string): Promise<number | undefined> {
    try {
      await this.#limiters[kind].consume(this.#pseudonym(key));
      return undefined;
    } catch (exceeded) {
      if (exceeded instanceof RateLimiterRes) return seconds(exceeded);
      throw exceeded;
    }
  }

  /** Without counting: whether anything was counted, and if so whether the limit is reached and when it is forgotten. */
  async counted(
    kind: LimitKind,
    key: string,
  ): Promise<{ readonly reached: boolean; readonly seconds: number } | undefined> {
    const state = await this.#limiters[kind].get(this.#pseudonym(key));
    return state ? { reached: state.remainingPoints <= 0, seconds: seconds(state) } : undefined;
  }
}

/** Counters that are slow or away are left alone for a while, so that not every request waits for them. */
function patientFor({
  counters,
  clock,
  log,
}: {
  readonly counters: SharedCounters;
  readonly clock: Clock;
  readonly log: Log;
}): SharedCounters {
  let aloneUntil = 0;
  return {
    async query(query) {
      const now = clock.now().getTime();
      if (now < aloneUntil) throw new Error('this process counts alone for now');
      try {
        return await counters.query(query);
      } catch (error) {
        if (aloneUntil <= now) log.event({ event: 'rate_limits_alone', seconds: ALONE_MS / 1000 });
        aloneUntil = now + ALONE_MS;
        throw error;
      }
    },
  };
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
