import type { AuditTrail } from '../audit/trail.ts';
import { ClientChanges, type ClientChangesOptions } from '../clients/changes.ts';
import type { ClientSecrets } from '../clients/secrets.ts';
import type { Configuration } from '../config/schema.ts';
import type { KeyRing } from '../keys/directory.ts';
import type { Clock } from '../operations/clock.ts';
import type { Store } from '../store/store.ts';
import { offeredTo } from './declared.ts';
import { isProduction } from './life-cycle.ts';

interface ClientParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly trail: AuditTrail;
  readonly secrets: ClientSecrets;
  readonly entities: ClientChangesOptions['entities'];
  readonly keys: Pick<KeyRing, 'personHash'>;
}

/** Changing clients under the rules of this gateway: for console, API and command line. */
export function clientChanges(configuration: Configuration, parts: ClientParts): ClientChanges {
  const { keys, ...rest } = parts;
  return new ClientChanges({
    ...{ ...rest, personHash: keys.personHash, offered: offeredTo(configuration) },
    trial: !isProduction(configuration),
    fourEyes: configuration.portal.fourEyes,
  });
}
