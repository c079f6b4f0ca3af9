import type { Configuration } from '../config/schema.ts';
import { isLoopback } from '../operations/loopback.ts';

/** Whether real citizens are meant: then addresses of this machine have no place in metadata. */
export function isProduction({ publicUrl }: Pick<Configuration, 'publicUrl'>): boolean {
  return !isLoopback(new URL(publicUrl).hostname);
}

/**
 * How metadata comes into force. What nobody has said is decided by where the gateway runs: on one machine there is
 * no AgID to wait for.
 */
export function metadataLifeCycle(
  configuration: Pick<Configuration, 'publicUrl' | 'sources'>,
): 'automatic' | 'managed' {
  return configuration.sources.spid.metadata ?? (isProduction(configuration) ? 'managed' : 'automatic');
}
