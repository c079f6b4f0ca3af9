import type Router from '@koa/router';
import { AuditTrail } from '../audit/trail.ts';
import { RegistrationTokens } from '../clients/registration-tokens.ts';
import type { ClientSecrets } from '../clients/secrets.ts';
import type { Configuration } from '../config/schema.ts';
import type { RateLimits } from '../operations/rate-limits.ts';
import { mountRegistration } from '../provider/registration.ts';
import { clientChanges } from './clients.ts';
import type { GatewayOptions, Parts } from './parts.ts';

/** Initial access tokens under the rules of this gateway: for console, API, command line and those who use them. */
export function registrationTokens(
  { dynamicRegistration }: Configuration,
  parts: Omit<ConstructorParameters<typeof RegistrationTokens>[0], 'offered'>,
): RegistrationTokens {
  return new RegistrationTokens({ ...parts, offered: dynamicRegistration });
}

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
    tokens: registrationTokens(configuration, { store, trail, clock, entities }),
    limits,
    clock,
    log,
  });
}
