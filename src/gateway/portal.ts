import type Router from '@koa/router';
import { ACCESSES } from '../accesses/area.ts';
import { mountAccesses } from '../accesses/accesses.ts';
import { mountApi } from '../admin/api/mount.ts';
import { administrationApi } from '../admin/api/resource.ts';
import { Administrators } from '../admin/administrators.ts';
import { CONSOLE } from '../admin/area.ts';
import { mountConsole } from '../admin/console.ts';
import { Invitations } from '../admin/invitations.ts';
import type { ConsoleRoom } from '../admin/room.ts';
import { ServiceDesk } from '../admin/service-desk.ts';
import { AuditTrail } from '../audit/trail.ts';
import type { ClientRegister } from '../clients/register.ts';
import type { Configuration } from '../config/schema.ts';
import type { Entity } from '../entities/entity.ts';
import { MetadataLifeCycle } from '../entities/life-cycle.ts';
import type { EntityRegister } from '../entities/register.ts';
import { Misconfigured } from '../operations/errors.ts';
import type { Area } from '../portal/area.ts';
import { ownClient } from '../portal/client.ts';
import { Door } from '../portal/portal.ts';
import type { OpenIdProvider } from '../provider/provider.ts';
import { spidKeys } from '../sources/spid/publisher.ts';
import type { WebOptions } from '../web/app.ts';
import { clientChanges } from './clients.ts';
import { openReadingRoom } from './consultations.ts';
import { isProduction } from './life-cycle.ts';
import type { GatewayOptions, Parts } from './parts.ts';
import { registrationTokens } from './registration.ts';

/** Every area of the gateway's own pages. */
const AREAS: readonly Area[] = [CONSOLE, ACCESSES];

export interface PortalParts extends Omit<Parts, 'clients'>, GatewayOptions {
  readonly web: Omit<WebOptions, 'cookieKeys'>;
  readonly registered: ClientRegister;
  readonly provider: Pick<OpenIdProvider, 'machineToken' | 'logoutPath'>;
  readonly selfUrl: () => string;
}

/**
 * The gateway's own pages, and the clients by which people sign in to them.
 * @throws Misconfigured when `portal.entity` is no entity
 */
export async function assemblePortal(
  router: Router,
  configuration: Configuration,
  parts: PortalParts,
): Promise<void> {
  const { publicUrl } = configuration;
  const { registered, entities, keys } = parts;
  const entity = portalEntity(configuration, entities);
  await registered.seed(AREAS.map((area) => ownClient(area, entity, publicUrl, keys)));
  mountAdministration(router, configuration, parts);
  mountPersonalArea(router, configuration, parts);
}

/** In whose name people sign in to the gateway's own pages. */
function portalEntity({ portal, entities }: Configuration, register: EntityRegister): Entity {
  const wanted = portal.entity ?? entities[0]?.id ?? '';
  const entity = register.get(wanted);
  if (entity) return entity;
  const allowed = register.list().map(({ id }) => id);
  throw new Misconfigured(
    'configuration_invalid',
    `portal.entity: found "${wanted}"; allowed: ${allowed.join(', ')}`,
  );
}

function doorOf(area: Area, { claims }: Configuration, parts: PortalParts): Door {
  const { web, store, keys, clock, selfUrl, provider } = parts;
  return new Door(area, {
    web,
    store,
    keys,
    clock,
    selfUrl,
    claimsPrefix: claims.prefix,
    logoutPath: (parameters) => provider.logoutPath(parameters),
  });
}

/** The console for people and the API for programs: the same acts, under the same rules. */
function mountAdministration(router: Router, configuration: Configuration, parts: PortalParts): void {
  const { keys, provider } = parts;
  const { resource } = administrationApi(configuration.publicUrl);
  const room = consoleRoom(configuration, parts, resource);
  mountConsole(router, room);
  mountApi(router, {
    ...room,
    cipher: keys.cipher,
    token: (value) => provider.machineToken(value, resource),
  });
}

function consoleRoom(configuration: Configuration, parts: PortalParts, resource: string): ConsoleRoom {
  const { web, store, clock, log, entities, counts, keys, register, federation, calendar } = parts;
  const { providers } = federation;
  const trail = new AuditTrail(keys);
  const { secrets } = parts.registered;
  const clients = clientChanges(configuration, { store, clock, trail, entities, secrets, keys });
  const administrators = new Administrators(store, keys, trail, clock);
  const forTests = configuration.sources.spid.identityProviders.test;
  return {
    web,
    store,
    clock,
    trail,
    entities,
    counts,
    register,
    clients,
    federation,
    administrators,
    door: doorOf(CONSOLE, configuration, parts),
    registrationTokens: registrationTokens(configuration, { store, clock, trail, entities }),
    settings: configuration.settings,
    personHash: keys.personHash,
    desk: new ServiceDesk(clients, administrators, resource),
    invitations: new Invitations({ store, keys, trail, clock, administrators }),
    lifeCycle: new MetadataLifeCycle(entities, spidKeys(configuration.publicUrl, entities, keys.saml), {
      store,
      clock,
      production: isProduction(configuration),
    }),
    reading: openReadingRoom(configuration, {
      store,
      clock,
      log,
      keys,
      register,
      providerName: (id) => providers.listed(id)?.name,
    }),
    providerName: (id) => providers.listed(id)?.name ?? id,
    canTry: () => providers.inUse().some(({ entityId }) => forTests.includes(entityId)),
    calendar: () => calendar.on(clock.now()),
  };
}

/** "I miei accessi". */
function mountPersonalArea(router: Router, configuration: Configuration, parts: PortalParts): void {
  const { web, store, clock, log, keys, federation } = parts;
  mountAccesses(router, {
    web,
    store,
    clock,
    log,
    claimsPrefix: configuration.claims.prefix,
    door: doorOf(ACCESSES, configuration, parts),
    personHash: keys.personHash,
    providerName: (entityId) => federation.providers.listed(entityId)?.name,
  });
}
