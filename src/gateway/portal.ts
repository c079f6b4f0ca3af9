import type Router from '@koa/router';
import { CONSOLE } from '../admin/area.ts';
import { mountConsole } from '../admin/console.ts';
import type { ClientRegister } from '../clients/register.ts';
import type { Configuration } from '../config/schema.ts';
import { Misconfigured } from '../operations/errors.ts';
import type { Area } from '../portal/area.ts';
import { ownClient } from '../portal/client.ts';
import { Door } from '../portal/portal.ts';
import type { WebOptions } from '../web/app.ts';
import type { GatewayOptions, Parts } from './parts.ts';

/** Every area of the gateway's own pages. */
const AREAS: readonly Area[] = [CONSOLE];

export interface PortalParts extends Omit<Parts, 'clients'> {
  readonly web: Omit<WebOptions, 'cookieKeys'>;
  readonly registered: ClientRegister;
  readonly selfUrl: () => string;
}

/**
 * The gateway's own pages, and the clients by which people sign in to them.
 * @throws Misconfigured when `portal.entity` is no entity
 */
export async function assemblePortal(
  router: Router,
  configuration: Configuration,
  { clock }: GatewayOptions,
  { web, entities, keys, store, registered, selfUrl }: PortalParts,
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
  await registered.seed(
    AREAS.map((area) => ownClient(area, entity, configuration.publicUrl, keys)),
    'gateway',
  );
  const claimsPrefix = configuration.claims.prefix;
  const door = (area: Area) => new Door(area, { web, store, keys, clock, claimsPrefix, selfUrl });
  mountConsole(router, { web, door: door(CONSOLE) });
}
