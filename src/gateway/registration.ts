import type Router from '@koa/router';
import { AuditTrail } from '../audit/trail.ts';
import { RegistrationTokens } from '../clients/registration-tokens.ts';
import type { ClientSecrets } from '../clients/secrets.ts';
import type { Configuration } from '../config/schema.ts';
import type { RateLimits } from '../operations/rate-limits.ts';
import { mountRegistration } from '../provider/registration.ts';
import { clientChanges } from './clients.ts';
import type { GatewayOptions, Parts } from './parts.ts';

/** Lets programs register services, where the configuration says so. */
export function offerRegistration(
  router: Router,
  configuration: Configuration,
  { clock, log }: GatewayOptions,
  parts: Pick<Parts, 'store' | 'keys' | 'entities'> & {
    readonly secrets: ClientSecrets;
    readonly limits: RateLimits;
  },
): void {
  if (!configuration.dynamicRegistration) return;
  const { store, keys, entities, secrets, limits } = parts;
  const trail = new AuditTrail(keys);
  mountRegistration(router, {
    clients: clientChanges(configuration, { store, clock, trail, entities, secrets, keys }),
    tokens: new RegistrationTokens({ store, trail, clock, entities }),
    ...{ limits, clock, log },
  });
}
