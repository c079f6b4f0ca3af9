import type { Configuration } from '../config/schema.ts';
import type { EntityDeclaration } from '../entities/entity.ts';
import { MetadataLifeCycle } from '../entities/life-cycle.ts';
import { EntityRegister } from '../entities/register.ts';
import { loadKeys, type KeyRing } from '../keys/directory.ts';
import type { Clock } from '../operations/clock.ts';
import { spidKeys } from '../sources/spid/publisher.ts';
import { openStore, type Store } from '../store/store.ts';
import { applyEntities, checkedEntities } from './declared.ts';
import { isProduction } from './life-cycle.ts';

/** What an operator's commands work with: the running gateway's own parts, without the gateway. */
export interface Workbench {
  readonly entities: EntityRegister;
  readonly declared: readonly EntityDeclaration[];
  readonly lifeCycle: MetadataLifeCycle;
  readonly keys: KeyRing;
  readonly store: Store;
}

/**
 * Opens store and keys, does one piece of work and closes them.
 * @param options.follow whether the entities first become those of the configuration file, as at a start
 * @throws Misconfigured when something has to be changed first
 */
export async function withWorkbench<T>(
  configuration: Configuration,
  options: { readonly clock: Clock; readonly follow: boolean },
  work: (bench: Workbench) => Promise<T>,
): Promise<T> {
  const { clock } = options;
  const declared = checkedEntities(configuration);
  const keys = loadKeys(configuration.keys.directory, configuration.keys);
  const store = await openStore(configuration.store.url, clock);
  try {
    const entities = new EntityRegister(store, clock, configuration.publicUrl);
    if (options.follow) await applyEntities(entities, declared);
    else await entities.fresh();
    const publisher = spidKeys(configuration.publicUrl, entities, keys.saml);
    const production = isProduction(configuration);
    const lifeCycle = new MetadataLifeCycle(entities, publisher, { store, clock, production });
    return await work({ entities, declared, lifeCycle, keys, store });
  } finally {
    await store.close();
  }
}
