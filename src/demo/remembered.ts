import type { Clock } from '../operations/clock.ts';

/** A map whose entries end by themselves: what the demo's sites remember of a visitor. */
export class Remembered<V> {
  readonly #entries = new Map<string, { readonly value: V; readonly until: number }>();
  readonly #clock: Clock;
  readonly #lifetimeMs: number;

  /** @param lifetimeMs how long an entry lasts after it was set, in milliseconds */
  constructor(clock: Clock, lifetimeMs: number) {
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
  }

  get(key: string | undefined): V | undefined {
    this.#forget();
    return key === undefined ? undefined : this.#entries.get(key)?.value;
  }

  set(key: string, value: V): void {
    this.#forget();
    // Set anew, so that the map stays in the order in which its entries end.
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: this.#clock.now().getTime() + this.#lifetimeMs });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Everything that has not ended. */
  entries(): (readonly [key: string, value: V])[] {
    this.#forget();
    return [...this.#entries].map(([key, { value }]) => [key, value] as const);
  }

  #forget(): void {
    const now = this.#clock.now().getTime();
    for (const [key, { until }] of this.#entries) {
      if (until > now) return;
      this.#entries.delete(key);
    }
  }
}
