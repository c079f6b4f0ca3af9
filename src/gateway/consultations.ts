import { AuditTrail } from '../audit/trail.ts';
import { clientNames } from '../clients/names.ts';
import type { Configuration } from '../config/schema.ts';
import type { KeyRing } from '../keys/directory.ts';
import type { Clock } from '../operations/clock.ts';
import type { Log } from '../operations/log.ts';
import { Consultations } from '../register/consultation/consultations.ts';
import { ReadingRoom } from '../register/consultation/reading-room.ts';
import type { Register } from '../register/register.ts';
import type { Store } from '../store/store.ts';
import { sealOptions } from './register.ts';

/**
 * The one way to look into the register, for the console and for the command line.
 * @param providerName what citizens call a provider; undefined when it is no longer known
 */
export function openReadingRoom(
  configuration: Configuration,
  parts: {
    readonly store: Store;
    readonly clock: Clock;
    readonly log: Log;
    readonly keys: KeyRing;
    readonly register: Register;
    readonly providerName: (entityId: string) => string | undefined;
  },
): ReadingRoom {
  const { store, clock, keys, register, providerName } = parts;
  const bodies = new Map(configuration.entities.map(({ id, organization }) => [id, organization.name.it]));
  return new ReadingRoom({
    store,
    clock,
    register,
    seals: sealOptions(configuration, parts),
    consultations: new Consultations({
      store,
      clock,
      keys,
      trail: new AuditTrail(keys),
      rules: configuration.register.consultations,
    }),
    async names(clientIds) {
      const services = await clientNames(store.db, clientIds);
      return {
        client: (id) => services.get(id)?.it ?? id,
        provider: (entityId) => providerName(entityId) ?? entityId,
        entity: (id) => bodies.get(id) ?? id,
      };
    },
  });
}
