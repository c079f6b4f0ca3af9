import type { Localised } from '../../identity/language.ts';
import type { IdentityProvider } from './provider-metadata.ts';

export type { IdentityProvider } from './provider-metadata.ts';

/** A provider that is out of use by decision of an operator. */
export interface SwitchedOff {
  readonly entityId: string;
  readonly since: Date;
  /** What citizens read besides the date; empty for nothing more. */
  readonly notice: Localised;
}

/** The identity providers in force, by entityID. What fills it is in federation/. */
export class IdentityProviders {
  readonly #askAgain: (entityId: string) => Promise<boolean>;
  #providers: ReadonlyMap<string, IdentityProvider> = new Map();
  #off: ReadonlyMap<string, SwitchedOff> = new Map();

  /** @param askAgain looks whether a provider has new keys; true when its metadata has changed */
  constructor(askAgain: (entityId: string) => Promise<boolean> = async () => false) {
    this.#askAgain = askAgain;
  }

  /** Every provider listed, also those that are switched off. */
  all(): readonly IdentityProvider[] {
    return [...this.#providers.values()];
  }

  /** Those that citizens can use now. */
  inUse(): readonly IdentityProvider[] {
    return this.all().filter(({ entityId }) => !this.#off.has(entityId));
  }

  /** A provider to send citizens to and to believe: listed, and not switched off. */
  find(entityId: string): IdentityProvider | undefined {
    return this.#off.has(entityId) ? undefined : this.listed(entityId);
  }

  /** A provider whether or not it is switched off: it may still ask to close sessions. */
  listed(entityId: string): IdentityProvider | undefined {
    return this.#providers.get(entityId);
  }

  /** Providers that are listed and switched off. */
  switchedOff(): readonly (SwitchedOff & Pick<IdentityProvider, 'name'>)[] {
    return this.all().flatMap(({ entityId, name }) => {
      const off = this.#off.get(entityId);
      return off ? [{ ...off, name }] : [];
    });
  }

  isSwitchedOff(entityId: string): boolean {
    return this.#off.has(entityId);
  }

  /** @returns false when the provider is known already: the first one stays. */
  add(provider: IdentityProvider): boolean {
    if (this.#providers.has(provider.entityId)) return false;
    this.#providers = new Map([...this.#providers, [provider.entityId, provider]]);
    return true;
  }

  /** From now on these and no others; whoever looked before is not disturbed. */
  replace(providers: readonly IdentityProvider[]): void {
    this.#providers = new Map(providers.map((provider) => [provider.entityId, provider]));
  }

  /** From now on these are switched off and no others. */
  switchOff(off: readonly SwitchedOff[]): void {
    this.#off = new Map(off.map((one) => [one.entityId, one]));
  }

  /**
   * Looks again for the keys of a provider whose signature did not verify (spid-registry-and-idps, 1.3, point 8).
   * @returns whether there is something new, so that judging again makes sense
   */
  askAgain(entityId: string): Promise<boolean> {
    return this.#askAgain(entityId);
  }
}
