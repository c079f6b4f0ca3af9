import type { IdentityProvider } from '../provider-metadata.ts';

/** One difference between two states of the federation. */
export interface Change {
  readonly provider: string;
  readonly change: 'added' | 'removed' | 'key-added' | 'key-removed' | 'endpoints' | 'name';
  /** Fingerprint of the certificate, address or name; empty where there is nothing more to say. */
  readonly detail: string;
}

/** What is new, what is gone and what is different, provider by provider (spid-registry-and-idps, 1.3, point 6). */
export function changes(before: readonly IdentityProvider[], after: readonly IdentityProvider[]): Change[] {
  const [old, current] = [byId(before), byId(after)];
  return [
    ...before
      .filter(({ entityId }) => !current.has(entityId))
      .map(({ entityId }): Change => ({ provider: entityId, change: 'removed', detail: '' })),
    ...after.flatMap((provider): Change[] => {
      const previous = old.get(provider.entityId);
      return previous
        ? changesOf(previous, provider)
        : [{ provider: provider.entityId, change: 'added', detail: provider.name }];
    }),
  ];
}

function changesOf(previous: IdentityProvider, now: IdentityProvider): Change[] {
  const provider = now.entityId;
  const keys = ({ certificates }: IdentityProvider) => certificates.map(({ fingerprint }) => fingerprint);
  const without = (some: readonly string[], others: readonly string[]) =>
    some.filter((one) => !others.includes(one));
  const endpoints = ({ singleSignOn, singleLogout }: IdentityProvider) =>
    JSON.stringify([singleSignOn, singleLogout]);
  return [
    ...without(keys(now), keys(previous)).map((detail): Change => ({
      provider,
      change: 'key-added',
      detail,
    })),
    ...without(keys(previous), keys(now)).map((detail): Change => ({
      provider,
      change: 'key-removed',
      detail,
    })),
    ...(endpoints(previous) === endpoints(now)
      ? []
      : [{ provider, change: 'endpoints' as const, detail: endpoints(now) }]),
    ...(previous.name === now.name ? [] : [{ provider, change: 'name' as const, detail: now.name }]),
  ];
}

function byId(providers: readonly IdentityProvider[]): ReadonlyMap<string, IdentityProvider> {
  return new Map(providers.map((provider) => [provider.entityId, provider]));
}
