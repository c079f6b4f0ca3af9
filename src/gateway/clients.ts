import { AuditTrail } from '../audit/trail.ts';
import { ClientChanges } from '../clients/changes.ts';
import { followDeclared } from '../clients/declared.ts';
import type { DeclaredClient } from '../clients/register.ts';
import { FourEyes } from '../clients/four-eyes.ts';
import { Proposals } from '../clients/proposals.ts';
import type { ServiceBody } from '../clients/rules.ts';
import type { ClientSecrets } from '../clients/secrets.ts';
import type { Configuration } from '../config/schema.ts';
import type { EntityDeclaration } from '../entities/entity.ts';
import type { EntityRegister } from '../entities/register.ts';
import type { KeyRing } from '../keys/directory.ts';
import type { Clock } from '../operations/clock.ts';
import type { Log } from '../operations/log.ts';
import type { Store } from '../store/store.ts';
import { offeredTo } from './declared.ts';
import { isProduction } from './life-cycle.ts';

interface ClientParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly trail: AuditTrail;
  readonly secrets: ClientSecrets;
  readonly entities: Pick<EntityRegister, 'get' | 'inForce' | 'allInForce'>;
  /** Bodies as they are about to be, where a plan says so. */
  readonly wanted?: readonly EntityDeclaration[];
  readonly keys: Pick<KeyRing, 'personHash' | 'cipher'>;
}

/** Changing clients under the rules of this gateway: for console, API and command line. */
export function clientChanges(configuration: Configuration, parts: ClientParts): ClientChanges {
  const { keys, entities, wanted = [], ...rest } = parts;
  return new ClientChanges({
    ...rest,
    proposals: new Proposals(keys.cipher),
    offered: offeredTo(configuration),
    entities: { get: (id) => bodyOf(id, entities, wanted) },
    trial: !isProduction(configuration),
    fourEyes: new FourEyes(configuration.portal.fourEyes, keys.personHash),
  });
}

/**
 * A body as services are held to it: by the attribute sets in force, for requests are made from nothing else. Before any
 * is, services can be prepared by what is declared; nobody can sign in yet.
 */
function bodyOf(
  id: string,
  entities: ClientParts['entities'],
  wanted: readonly EntityDeclaration[],
): ServiceBody | undefined {
  const declared = wanted.find((one) => one.id === id) ?? entities.get(id);
  if (!declared) return undefined;
  // In force everywhere, or, during acceptance, at one provider.
  const published = entities.inForce(id, '') ?? entities.allInForce(id)[0];
  return {
    id,
    attributeSets: published?.attributeSets ?? declared.attributeSets,
    declaredSets: declared.attributeSets,
  };
}

/**
 * Makes the services of the configuration file be those it declares. What is wrong as things stand (attributes that no
 * metadata in force has) keeps one service as it was and nothing else from starting.
 * @returns ids of services that are not as the file declares them
 */
export async function followClients(
  configuration: Configuration,
  parts: Omit<ClientParts, 'wanted' | 'trail'> & { readonly keys: KeyRing; readonly log: Log },
  declared: readonly DeclaredClient[],
): Promise<readonly string[]> {
  const { store, clock, secrets, keys, log } = parts;
  const trail = new AuditTrail(keys);
  const clients = clientChanges(configuration, { ...parts, trail });
  const notFollowed = await followDeclared({ store, clock, secrets, trail, clients }, declared);
  for (const { id, violations } of notFollowed) {
    const problem = violations.map(({ key, allowed }) => `${key}: allowed: ${allowed}`).join('; ');
    log.event({ event: 'client_not_followed', client: id, problem });
  }
  return notFollowed.map(({ id }) => id);
}
