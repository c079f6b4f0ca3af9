import { readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import type { Configuration } from '../config/schema.ts';
import { MetadataVersions } from '../entities/metadata-versions.ts';
import type { Log } from '../operations/log.ts';
import { buildMetadata, sealMetadata } from '../sources/spid/metadata.ts';
import { IdentityProviders } from '../sources/spid/registry.ts';
import { spidSource } from '../sources/spid/source.ts';
import type { IdentitySource } from '../sources/source.ts';
import type { GatewayOptions, Parts } from './parts.ts';
import { loadTestLogins } from './test-logins.ts';

/** SPID as the configuration wants it. */
export function assembleSpid(
  configuration: Configuration,
  { clock, log }: GatewayOptions,
  { entities, keys, store, register }: Parts,
): IdentitySource {
  const { publicUrl } = configuration;
  const spid = configuration.sources.spid;
  const versions = new MetadataVersions(store, clock);
  const providers = loadProviders(spid.identityProviders, log);
  return spidSource({
    ...{ publicUrl, entities, store, register, log, clock },
    providers,
    tests: loadTestLogins(spid.testLogin, providers, keys.cipher, { clock, log }),
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

function loadProviders(
  from: Configuration['sources']['spid']['identityProviders'],
  log: Log,
): IdentityProviders {
  const providers = new IdentityProviders();
  const signers = from.trustedSigners.map((file) => new X509Certificate(readFileSync(file)).publicKey);
  const problems = providers.addDirectory(from.directory, signers.length > 0 ? signers : undefined);
  for (const problem of problems) log.event({ event: 'metadata_problem', ...problem });
  log.event({ event: 'providers_loaded', count: providers.all().length });
  return providers;
}
