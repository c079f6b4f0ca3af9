import { Unavailable } from './errors.ts';
import { EVENTS, type Log, type LogEvent } from './log.ts';
import type { Metrics } from './metrics.ts';

/** A log that also counts: what is worth a line is worth a figure, and nobody has to say it twice. */
export function countedLog(log: Log, metrics: Metrics): Log {
  for (const event of Object.keys(EVENTS)) metrics.expect('gateway_events_total', { event });
  for (const outcome of ['unchanged', 'changed', 'refused', 'unreachable'])
    metrics.expect('gateway_registry_looks_total', { outcome });
  const counted: Log = {
    event(event) {
      metrics.count('gateway_events_total', { event: event.event });
      const step = loginStep(event);
      if (event.event === 'registry_looked')
        metrics.count('gateway_registry_looks_total', { outcome: event.outcome });
      if (step) metrics.count('gateway_logins_total', step);
      log.event(event);
    },
    failure(error, context) {
      // Nothing of ours has to be mended. What else is unavailable may be a database that somebody altered.
      if (error instanceof Unavailable && error.code.startsWith('store_')) {
        counted.event({ event: 'store_trouble', reference: context.reference, code: error.code });
        return;
      }
      metrics.count('gateway_failures_total', {});
      log.failure(error, context);
    },
  };
  return counted;
}

/** Where the level or the provider is not known. */
const UNKNOWN = 'unknown';

function loginStep(event: LogEvent) {
  if (event.event === 'spid_request_sent')
    return { step: 'departed', provider: event.provider, level: event.level, outcome: 'sent' };
  if (event.event === 'spid_response_accepted')
    return { step: 'answered', provider: event.provider, level: event.level, outcome: 'accepted' };
  if (event.event === 'spid_anomaly')
    return { step: 'answered', provider: event.provider, level: UNKNOWN, outcome: event.code };
  if (event.event === 'spid_response_refused') {
    const provider = event.provider ?? UNKNOWN;
    return { step: 'answered', provider, level: UNKNOWN, outcome: event.check };
  }
  if (event.event === 'login_completed')
    return { step: 'completed', provider: UNKNOWN, level: event.level, outcome: 'accepted' };
  return undefined;
}
