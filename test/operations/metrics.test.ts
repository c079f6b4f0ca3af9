import { describe, expect, it } from 'vitest';
import { countedLog } from '../../src/operations/counted-log.ts';
import { createLog } from '../../src/operations/log.ts';
import { createMetrics } from '../../src/operations/metrics.ts';

const silent = createLog({ level: 'silent' });

/** The lines of one metric, without its comments. */
async function lines(metrics: ReturnType<typeof createMetrics>, name: string): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => line.startsWith(name));
}

describe('metrics', () => {
  it('tell the rest where one of them cannot be read', async () => {
    const metrics = createMetrics();
    metrics.count('gateway_failures_total', {});
    metrics.beforeReading(() => Promise.reject(new Error('the store is away')));
    metrics.beforeReading(() => metrics.replace('gateway_providers', [[{ state: 'in use' }, 2]]));
    expect(await lines(metrics, 'gateway_failures_total')).toEqual(['gateway_failures_total 1']);
    expect(await lines(metrics, 'gateway_providers')).toEqual(['gateway_providers{state="in use"} 2']);
  });

  it('count what is logged, by name', async () => {
    const metrics = createMetrics();
    const log = countedLog(silent, metrics);
    log.event({ event: 'purged', rows: 1 });
    log.event({ event: 'purged', rows: 1 });
    const events = await lines(metrics, 'gateway_events_total');
    expect(events.filter((line) => !line.endsWith(' 0'))).toEqual(['gateway_events_total{event="purged"} 2']);
    // An alarm on an increase needs to see where it began.
    expect(events).toContain('gateway_events_total{event="access_reported"} 0');
  });

  it('count the steps of a login, with the provider, the level and how it went', async () => {
    const metrics = createMetrics();
    const log = countedLog(silent, metrics);
    const common = { reference: 'K7QF-3MZP', entity: 'unione', client: 'suap', provider: 'https://idp.it' };
    log.event({ event: 'spid_request_sent', ...common, level: 2 });
    log.event({ event: 'spid_response_accepted', ...common, level: 2 });
    log.event({ event: 'spid_anomaly', ...common, code: 'spid_nr25' });
    log.event({ event: 'spid_response_refused', reference: 'x', entity: 'unione', check: 'S1', reason: 'y' });
    log.event({ event: 'login_completed', reference: 'x', client: 'suap', level: 2 });
    const series = (step: string, provider: string, level: string, outcome: string) =>
      `gateway_logins_total{step="${step}",provider="${provider}",level="${level}",outcome="${outcome}"} 1`;
    expect(await lines(metrics, 'gateway_logins_total')).toEqual([
      series('departed', 'https://idp.it', '2', 'sent'),
      series('answered', 'https://idp.it', '2', 'accepted'),
      series('answered', 'https://idp.it', 'unknown', 'spid_nr25'),
      series('answered', 'unknown', 'unknown', 'S1'),
      series('completed', 'unknown', '2', 'accepted'),
    ]);
  });

  it('count failures', async () => {
    const metrics = createMetrics();
    countedLog(silent, metrics).failure(new Error('x'), { reference: 'x' });
    expect(await lines(metrics, 'gateway_failures_total')).toEqual(['gateway_failures_total 1']);
  });

  it('never grow without end: from a thousand series on the labels are "other"', async () => {
    const metrics = createMetrics();
    for (let at = 0; at < 1010; at++) metrics.count('gateway_events_total', { event: `e${at}` });
    metrics.count('gateway_events_total', { event: 'e1' });
    const found = await lines(metrics, 'gateway_events_total');
    expect(found).toHaveLength(1001);
    expect(found).toContain('gateway_events_total{event="other"} 10');
    expect(found).toContain('gateway_events_total{event="e1"} 2');
  });

  it('forget the values of a gauge that are no longer listed, and read it when somebody looks', async () => {
    const metrics = createMetrics();
    let keys = ['a', 'b'];
    metrics.beforeReading(() =>
      metrics.replace(
        'gateway_key_expiry_timestamp_seconds',
        keys.map((id) => [{ kind: 'saml', id }, 7] as const),
      ),
    );
    expect(await lines(metrics, 'gateway_key_expiry')).toHaveLength(2);
    keys = ['b'];
    expect(await lines(metrics, 'gateway_key_expiry')).toEqual([
      'gateway_key_expiry_timestamp_seconds{kind="saml",id="b"} 7',
    ]);
  });
});
