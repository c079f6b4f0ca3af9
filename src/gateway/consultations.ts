import { AuditTrail } from '../audit/trail.ts';
import { clientNames } from '../clients/names.ts';
import type { Configuration } from '../config/schema.ts';
import { EntityRegister } from '../entities/register.ts';
import { attributesOfClaims } from '../identity/claims.ts';
import type { KeyRing } from '../keys/directory.ts';
import type { Clock } from '../operations/clock.ts';
import type { Log } from '../operations/log.ts';
import { Consultations } from '../register/consultation/consultations.ts';
import { ReadingRoom } from '../register/consultation/reading-room.ts';
import type { Register } from '../register/register.ts';
import type { Store } from '../store/store.ts';
import { messages } from '../web/messages/index.ts';
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
  const entities = new EntityRegister(store, clock, configuration.publicUrl);
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
      // Also of bodies that take part no more.
      const kept = (await entities.fresh()).kept();
      const bodies = new Map(kept.map(({ declaration: { id, organization } }) => [id, organization.name.it]));
      const { attributes } = messages('it');
      const words: ReadonlyMap<string, string> = new Map(Object.entries(attributes));
      return {
        client: (id) => services.get(id)?.it ?? id,
        provider: (entityId) => providerName(entityId) ?? entityId,
        entity: (id) => bodies.get(id) ?? id,
        attribute: (name) => words.get(name) ?? name,
        claims: (claims) =>
          attributesOfClaims(claims, configuration.claims.prefix).map((name) => attributes[name]),
      };
    },
  });
}
