import type { By } from '../../audit/entry.ts';
import { AuditTrail } from '../../audit/trail.ts';
import { loadConfiguration } from '../../config/load.ts';
import type { Configuration } from '../../config/schema.ts';
import { EntityRegister } from '../../entities/register.ts';
import { openRegister } from '../../gateway/register.ts';
import { loadKeys, type KeyRing } from '../../keys/directory.ts';
import { systemClock, type Clock } from '../../operations/clock.ts';
import { Refused } from '../../operations/errors.ts';
import type { Register } from '../../register/register.ts';
import { openStore, type Store } from '../../store/store.ts';
import { complain as complainOf } from '../output.ts';

/** What the register's commands work with. */
export interface RegisterRoom {
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly store: Store;
  readonly keys: KeyRing;
  readonly register: Register;
  readonly trail: AuditTrail;
}

/** Opens the register of a configuration file for as long as `work` takes. */
export async function withRegister(
  file: string,
  environment: NodeJS.ProcessEnv,
  work: (room: RegisterRoom) => Promise<number>,
): Promise<number> {
  const configuration = loadConfiguration(file, environment);
  const keys = loadKeys(configuration.keys.directory, configuration.keys);
  const store = await openStore(configuration.store.url, systemClock);
  try {
    return await work({
      configuration,
      clock: systemClock,
      store,
      keys,
      register: openRegister(configuration, keys),
      trail: new AuditTrail(keys),
    });
  } finally {
    await store.close();
  }
}

/** Whoever sits at the server, by the name she gives. */
export function operator(name: string): By {
  return { actor: { kind: 'operator', name }, via: 'command-line' };
}

export function complain(text: string): number {
  return complainOf('register', text);
}

/** @throws Refused `entity_unknown` where neither the file nor the store has ever had such a body */
export async function refuseUnknownEntity(
  { configuration, store, clock }: RegisterRoom,
  id: string,
): Promise<void> {
  const kept = (await new EntityRegister(store, clock, configuration.publicUrl).fresh()).kept();
  const known = new Set([
    ...configuration.entities.map((entity) => entity.id),
    ...kept.map(({ declaration }) => declaration.id),
  ]);
  if (known.has(id)) return;
  throw new Refused('entity_unknown', `--entity: found ${id}; allowed: ${[...known].join(', ')}`, {
    status: 404,
  });
}
