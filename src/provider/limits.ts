import { AsyncLocalStorage } from 'node:async_hooks';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Log } from '../operations/log.ts';
import { addressKey, type RateLimits } from '../operations/rate-limits.ts';
import type { ServiceErrorCode } from './service-errors.ts';

/** One request at the provider: whether the client it names is counted, and how long its sender is to wait. */
interface Asking {
  readonly address: string;
  counted: boolean;
  wait: number | undefined;
  /** Why the client may not ask, where more is known than the library says. */
  because: ServiceErrorCode | undefined;
}

class TooManyRequests extends errors.OIDCProviderError {
  constructor() {
    super(429, 'temporarily_unavailable');
    this.error_description = 'too_many_requests' satisfies ServiceErrorCode;
  }
}

/** Holds clients back: by how often they ask, and by how often they are wrong about their secret. */
export class ClientLimits {
  readonly #requests = new AsyncLocalStorage<Asking>();
  readonly #limits: RateLimits;
  readonly #log: Log;

  constructor(limits: RateLimits, log: Log) {
    this.#limits = limits;
    this.#log = log;
  }

  /** Around every request at the provider. */
  readonly middleware = async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    const asking: Asking = {
      address: addressKey(ctx.ip),
      counted: false,
      wait: undefined,
      because: undefined,
    };
    await this.#requests.run(asking, next);
    if (asking.wait === undefined) return;
    ctx.set('Retry-After', String(asking.wait));
    // Scripts read no header that is not named.
    ctx.append('Access-Control-Expose-Headers', 'Retry-After');
  };

  /** Why the client of this request may not ask, where more is known than that there is none or that its secret is wrong. */
  get explanation(): ServiceErrorCode | undefined {
    return this.#requests.getStore()?.because;
  }

  /** Keeps what is known for the answer to this request. */
  explain(because: ServiceErrorCode): void {
    const asking = this.#requests.getStore();
    if (asking) asking.because = because;
  }

  /**
   * A request names a client; the first it names is counted.
   * @throws TooManyRequests
   */
  async named(clientId: string): Promise<void> {
    const asking = this.#requests.getStore();
    if (!asking || asking.counted) return;
    asking.counted = true;
    asking.wait = await this.#limits.take('client', clientId);
    if (asking.wait !== undefined) throw new TooManyRequests();
  }

  /**
   * Judges a secret, unless its sender has guessed too often: then it is not even looked at. While a client's secrets are
   * guessed from many addresses, one wrong secret is too often; who was never wrong notices nothing.
   * @throws TooManyRequests
   */
  async judge(clientId: string, verify: () => Promise<boolean>): Promise<boolean> {
    const asking = this.#requests.getStore();
    const key = JSON.stringify([clientId, asking?.address]);
    const before = await this.#limits.counted('wrong-secret', key);
    if (before && (before.reached || (await this.#limits.counted('guesses', clientId))?.reached)) {
      if (asking) asking.wait = before.seconds;
      throw new TooManyRequests();
    }
    if (await verify()) return true;
    await this.#limits.take('wrong-secret', key);
    await this.#limits.take('guesses', clientId);
    if ((await this.#limits.counted('wrong-secret', key))?.reached)
      this.#log.event({ event: 'client_secret_guessed', client: clientId, from: 'one address' });
    if (
      (await this.#limits.counted('guesses', clientId))?.reached &&
      (await this.#limits.take('guesses-told', clientId)) === undefined
    )
      this.#log.event({ event: 'client_secret_guessed', client: clientId, from: 'many addresses' });
    return false;
  }
}
