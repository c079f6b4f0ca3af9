import type Router from '@koa/router';
import { ACCESSES } from '../accesses/area.ts';
import { mountAccesses } from '../accesses/accesses.ts';
import { administrationApi } from '../admin/api/resource.ts';
import { mountApi } from '../admin/api/mount.ts';
import { Administrators } from '../admin/administrators.ts';
import { Invitations } from '../admin/invitations.ts';
import { CONSOLE } from '../admin/area.ts';
import { mountConsole } from '../admin/console.ts';
import { ServiceDesk } from '../admin/service-desk.ts';
import { AuditTrail } from '../audit/trail.ts';
import type { ClientRegister } from '../clients/register.ts';
import type { Configuration } from '../config/schema.ts';
import { MetadataLifeCycle } from '../entities/life-cycle.ts';
import { Misconfigured } from '../operations/errors.ts';
import type { Area } from '../portal/area.ts';
import { ownClient } from '../portal/client.ts';
import { Door } from '../portal/portal.ts';
import type { WebOptions } from '../web/app.ts';
import type { OpenIdProvider } from '../provider/provider.ts';
import { clientChanges } from './clients.ts';
import { openReadingRoom } from './consultations.ts';
import { spidKeys } from '../sources/spid/publisher.ts';
import { isProduction } from './life-cycle.ts';
import { registrationTokens } from './registration.ts';
import type { GatewayOptions, Parts } from './parts.ts';

/** Every area of the gateway's own pages. */
const AREAS: readonly Area[] = [CONSOLE, ACCESSES];

export interface PortalParts extends Omit<Parts, 'clients'> {
  readonly web: Omit<WebOptions, 'cookieKeys'>;
  readonly registered: ClientRegister;
  readonly provider: Pick<OpenIdProvider, 'machineToken'>;
  readonly selfUrl: () => string;
}

/**
 * The gateway's own pages, and the clients by which people sign in to them.
 * @throws Misconfigured when `portal.entity` is no entity
 */
export async function assemblePortal(
  router: Router,
  configuration: Configuration,
  { clock, log }: GatewayOptions,
  {
    web,
    entities,
    keys,
    store,
    counts,
    register,
    registered,
    selfUrl,
    federation,
    provider,
    calendar,
  }: PortalParts,
): Promise<void> {
  const wanted = configuration.portal.entity ?? configuration.entities[0]?.id ?? '';
  const entity = entities.get(wanted);
  if (!entity) {
    throw new Misconfigured(
      'configuration_invalid',
      `portal.entity: found "${wanted}"; allowed: ${entities
        .list()
        .map(({ id }) => id)
        .join(', ')}`,
    );
  }
  await registered.seed(AREAS.map((area) => ownClient(area, entity, configuration.publicUrl, keys)));
  const claimsPrefix = configuration.claims.prefix;
  const door = (area: Area) => new Door(area, { web, store, keys, clock, claimsPrefix, selfUrl });
  const trail = new AuditTrail(keys);
  const { secrets } = registered;
  const clients = clientChanges(configuration, { store, clock, trail, entities, secrets, keys });
  const { resource } = administrationApi(configuration.publicUrl);
  const administrators = new Administrators(store, keys, trail, clock);
  const administration = {
    ...{ web, store, clock, trail, entities, counts, register, clients, federation },
    registrationTokens: registrationTokens(configuration, { store, clock, trail, entities }),
    settings: configuration.settings,
    lifeCycle: new MetadataLifeCycle(entities, spidKeys(configuration.publicUrl, entities, keys.saml), {
      ...{ store, clock, production: isProduction(configuration) },
    }),
    providerName: (id: string) => federation.providers.listed(id)?.name ?? id,
    personHash: keys.personHash,
    reading: openReadingRoom(configuration, {
      ...{ store, clock, log, keys, register },
      providerName: (id) => federation.providers.listed(id)?.name,
    }),
    administrators,
    invitations: new Invitations({ store, keys, trail, clock, administrators }),
    desk: new ServiceDesk(clients, administrators, resource),
    canTry: () =>
      federation.providers
        .inUse()
        .some(({ entityId }) => configuration.sources.spid.identityProviders.test.includes(entityId)),
    calendar: () => calendar.on(clock.now()),
  };
  mountConsole(router, { ...administration, door: door(CONSOLE) });
  mountApi(router, {
    ...{ ...administration, cipher: keys.cipher },
    token: (value) => provider.machineToken(value, resource),
  });
  mountAccesses(router, {
    ...{ web, store, clock, log, claimsPrefix },
    door: door(ACCESSES),
    personHash: keys.personHash,
    providerName: (entityId) => federation.providers.listed(entityId)?.name,
  });
}
