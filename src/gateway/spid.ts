import type { Configuration } from '../config/schema.ts';
import { MetadataVersions } from '../entities/metadata-versions.ts';
import { buildMetadata, sealMetadata } from '../sources/spid/metadata.ts';
import { spidSource } from '../sources/spid/source.ts';
import type { IdentitySource } from '../sources/source.ts';
import type { GatewayOptions, Parts } from './parts.ts';
import { loadTestLogins } from './test-logins.ts';

/** SPID as the configuration wants it. */
export function assembleSpid(
  configuration: Configuration,
  { clock, log }: GatewayOptions,
  { entities, keys, store, register, federation }: Parts,
): IdentitySource {
  const { publicUrl } = configuration;
  const spid = configuration.sources.spid;
  const versions = new MetadataVersions(store, clock);
  return spidSource({
    ...{ publicUrl, entities, store, register, log, clock },
    providers: federation.providers,
    tests: loadTestLogins(spid.testLogin, federation.providers, keys.cipher, { clock, log }),
    signingKey: (entity) => keys.saml(entity.id),
    metadata: (entity) => {
      const key = keys.saml(entity.id);
      const certificates = [key.certificate];
      return versions.current(entity.id, buildMetadata(entity, publicUrl, certificates, ''), () =>
        sealMetadata(entity, publicUrl, certificates, key),
      );
    },
    binding: spid.binding,
    comparison: spid.comparison,
    skewSeconds: spid.skewSeconds,
    requestMinutes: spid.requestMinutes,
  });
}
