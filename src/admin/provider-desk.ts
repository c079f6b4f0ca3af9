import type { By } from '../audit/entry.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { Localised } from '../identity/language.ts';
import type { Clock } from '../operations/clock.ts';
import { Refused } from '../operations/errors.ts';
import type { Federation, Refreshed } from '../sources/spid/federation/federation.ts';
import type { RegistryPins } from '../sources/spid/federation/pins.ts';
import type { Store } from '../store/store.ts';

/** An identity provider as administrators see it. */
export interface ProviderFacts {
  readonly entityId: string;
  readonly name: string;
  /** Citizens cannot choose it since then, and read this. */
  readonly disabled: { readonly since: Date; readonly notice: Localised } | null;
  readonly keysUntil: readonly Date[];
}

interface ProviderRoom {
  readonly federation: Pick<Federation, 'providers' | 'switches' | 'refresh'>;
  readonly store: Store;
  readonly trail: AuditTrail;
  readonly clock: Clock;
}

/** Every identity provider listed, with what the switches say now, in this process or another. */
export async function providerFacts({ federation }: ProviderRoom): Promise<ProviderFacts[]> {
  const off = new Map((await federation.switches.all()).map((one) => [one.entityId, one]));
  return [...federation.providers.all()]
    .sort((a, b) => (a.entityId < b.entityId ? -1 : 1))
    .map(({ entityId, name, certificates }) => {
      const { since, notice } = off.get(entityId) ?? {};
      return {
        entityId,
        name,
        disabled: since && notice ? { since, notice } : null,
        keysUntil: certificates.map(({ notAfter }) => notAfter),
      };
    });
}

/** @throws Refused `provider_unknown` (404) */
export async function providerOf(room: ProviderRoom, entityId: string): Promise<ProviderFacts> {
  const found = (await providerFacts(room)).find((one) => one.entityId === entityId);
  if (!found)
    throw new Refused('provider_unknown', `no identity provider ${entityId} is listed`, { status: 404 });
  return found;
}

/**
 * Takes a provider out of use, or puts it back; in every process within seconds, and in the audit trail.
 * @param notice what citizens read while it is out of use; undefined to put it back
 */
export async function switchProvider(
  room: ProviderRoom,
  entityId: string,
  notice: Localised | undefined,
  by: By,
): Promise<void> {
  const { disabled } = await providerOf(room, entityId);
  const now = room.clock.now();
  await room.store.transaction(async (transaction) => {
    if (notice) await room.federation.switches.disable(entityId, notice, now, transaction);
    else await room.federation.switches.enable(entityId, transaction);
    await room.trail.append(transaction, {
      at: now,
      action: notice ? 'provider.disable' : 'provider.enable',
      target: { kind: 'provider', id: entityId },
      before: disabled && { notice: disabled.notice },
      after: notice ? { notice } : null,
      ...by,
    });
  });
}

/** Looks now, at AgID's registry and the files, whether the federation has changed; in the audit trail. */
export async function refreshProviders(
  { federation, store, trail, clock }: ProviderRoom,
  by: By,
): Promise<Refreshed> {
  const refreshed = await federation.refresh();
  const { outcome, changes } = refreshed;
  await store.transaction((transaction) =>
    trail.append(transaction, {
      at: clock.now(),
      action: 'provider.refresh',
      after: { outcome, changes: changes.length },
      ...by,
    }),
  );
  return refreshed;
}

/** @throws Refused `registry_off` (404) where the providers come from files alone */
export function pinsOf({ federation }: { readonly federation: Pick<Federation, 'pins'> }): RegistryPins {
  if (federation.pins) return federation.pins;
  throw new Refused('registry_off', 'no registry is asked: the providers come from files alone', {
    status: 404,
  });
}
