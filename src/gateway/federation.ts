import { AGID_REGISTRY, type Configuration } from '../config/schema.ts';
import type { Log } from '../operations/log.ts';
import { isLoopback } from '../operations/loopback.ts';
import type { Metrics } from '../operations/metrics.ts';
import { Outbound } from '../operations/outbound.ts';
import { regularly } from '../operations/regularly.ts';
import { ProviderDisplays } from '../sources/spid/displays/displays.ts';
import { Federation } from '../sources/spid/federation/federation.ts';
import { RegistryPins } from '../sources/spid/federation/pins.ts';
import type { Store } from '../store/store.ts';
import type { GatewayOptions, Parts } from './parts.ts';
import { certificateIn, configuredPins } from './pins.ts';

/**
 * Where the identity providers come from, as the configuration wants it.
 * @throws Misconfigured `trusted_signer` naming a certificate that cannot be read
 */
export function assembleFederation(
  configuration: Configuration,
  { clock, log }: GatewayOptions,
  { store, keys }: Pick<Parts, 'store' | 'keys'>,
): Federation {
  const { directory, trustedSigners, registry } = configuration.sources.spid.identityProviders;
  const signers = trustedSigners.map((file) => certificateIn(file).publicKey);
  const configured = configuredPins(configuration);
  return new Federation({
    store,
    clock,
    log,
    displays: displaysFor(configuration, { clock, log }, store),
    directory: { path: directory, signers: signers.length > 0 ? signers : undefined },
    registry: registry && {
      url: registry.url,
      pins: new RegistryPins({ url: registry.url, configured, store, keys, clock }),
      outbound: new Outbound(configuration.outbound),
      refreshMs: registry.refreshMinutes * 60_000,
    },
  });
}

/** AgID's list for buttons (spid-registry-and-idps, 1.1). */
const AGID_DISPLAYS = 'https://registry.spid.gov.it/entities-idp?&output=json&custom=info_display_base';

/** Names and logos of providers, where the configuration wants them or the registry is AgID's own. */
function displaysFor(
  { publicUrl, sources, outbound }: Configuration,
  { clock, log }: GatewayOptions,
  store: Store,
): ProviderDisplays | undefined {
  const { registry } = sources.spid.identityProviders;
  const url = registry?.displayList ?? (registry?.url === AGID_REGISTRY && AGID_DISPLAYS);
  if (!url) return undefined;
  return new ProviderDisplays({
    url,
    trial: isLoopback(new URL(publicUrl).hostname),
    outbound: new Outbound(outbound),
    store,
    clock,
    log,
  });
}

/** How soon a process takes up what another one decided about identity providers, in milliseconds. */
const FOLLOW_EVERY_MS = 3_000;

/**
 * Keeps the list of identity providers up to date, from now until stopped.
 * @returns stops it, once what is under way has ended
 */
export function followFederation(federation: Federation, log: Log): () => Promise<void> {
  return regularly(
    FOLLOW_EVERY_MS,
    () => federation.follow(),
    (error) => log.failure(error, { reference: 'federation' }),
  ).stop;
}

/** For `/health/ready`. */
export async function federationWarnings(federation: Federation): Promise<string[]> {
  const warnings = await federation.warnings();
  return warnings.map(({ problem }) => problem);
}

/** Read anew every time somebody looks. */
export function measureFederation(metrics: Metrics, federation: Federation): void {
  metrics.beforeReading(async () => {
    const { providers } = federation;
    const { created, confirmed } = await federation.registryTimes();
    metrics.replace(
      'gateway_registry_timestamp_seconds',
      [
        ['created', created],
        ['confirmed', confirmed],
      ].flatMap(([what, at]) =>
        at instanceof Date ? [[{ what: String(what) }, at.getTime() / 1000] as const] : [],
      ),
    );
    metrics.replace('gateway_providers', [
      [{ state: 'in use' }, providers.inUse().length],
      [{ state: 'switched off' }, providers.switchedOff().length],
    ]);
    metrics.replace(
      'gateway_provider_certificate_expiry_timestamp_seconds',
      providers
        .all()
        .flatMap(({ entityId, certificates }) =>
          certificates.map(
            ({ fingerprint, notAfter }) =>
              [
                { provider: entityId, certificate: fingerprint.slice(0, 16) },
                notAfter.getTime() / 1000,
              ] as const,
          ),
        ),
    );
  });
}
