import type { ClientRegister } from '../clients/register.ts';
import type { Configuration } from '../config/schema.ts';
import { MetadataLifeCycle, previewed } from '../entities/life-cycle.ts';
import { spidKeys } from '../sources/spid/publisher.ts';
import { spidSource } from '../sources/spid/source.ts';
import type { IdentitySource } from '../sources/source.ts';
import { isProduction, metadataLifeCycle } from './life-cycle.ts';
import type { GatewayOptions, Parts } from './parts.ts';
import { loadTestLogins } from './test-logins.ts';

/** SPID as the configuration wants it. */
export async function assembleSpid(
  configuration: Configuration,
  { clock, log }: GatewayOptions,
  { entities, keys, store, register, federation }: Parts,
  clients: Pick<ClientRegister, 'find'>,
): Promise<IdentitySource> {
  const { publicUrl } = configuration;
  const spid = configuration.sources.spid;
  const publisher = spidKeys(publicUrl, entities, keys.saml);
  // A key that is missing is found now, not at the first login.
  for (const entity of entities.list()) publisher.content(entity);
  if (metadataLifeCycle(configuration) === 'automatic') {
    const production = isProduction(configuration);
    const lifeCycle = new MetadataLifeCycle(entities, publisher, { store, clock, production });
    for (const { id } of entities.list()) await lifeCycle.enforceDeclared(id);
    await entities.fresh();
  }
  return spidSource({
    publicUrl,
    entities,
    store,
    register,
    log,
    clock,
    signingKey: (entity, provider) => publisher.signingKey(entity, provider),
    providers: federation.providers,
    displays: federation.displays,
    tests: loadTestLogins(spid.testLogin, federation.providers, keys.cipher, { clock, log }),
    metadata: (entity) => entities.versions.served(entity.id),
    preview: (secret) => previewed(store, secret),
    isTestProvider: (entityId) => spid.identityProviders.test.includes(entityId),
    isTesting: async (clientId) => (await clients.find(clientId))?.testing ?? false,
    binding: (provider) => spid.exceptions[provider]?.binding ?? spid.binding,
    lenient: (provider) => spid.exceptions[provider]?.lenient ?? [],
    comparison: spid.comparison,
    skewSeconds: spid.skewSeconds,
    requestMinutes: spid.requestMinutes,
  });
}
