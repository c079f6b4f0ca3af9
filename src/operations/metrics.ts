import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

interface MetricRule {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

/**
 * Everything that is measured: a closed table, as for the log. Labels are identifiers of ours (providers, clients,
 * routes, codes), never of a citizen; a value that is not in the table has no place to go.
 */
export const METRICS = {
  gateway_events_total: { kind: 'counter', help: 'Events of the log, by name', labels: ['event'] },
  gateway_failures_total: { kind: 'counter', help: 'Errors that nobody foresaw', labels: [] },
  gateway_logins_total: {
    kind: 'counter',
    help: 'Steps of logins: departed, answered, completed; outcome is accepted, an anomaly code or the check that refused',
    labels: ['step', 'provider', 'level', 'outcome'],
  },
  gateway_register_entries_total: {
    kind: 'counter',
    help: 'Entries written to the transaction register',
    labels: ['kind'],
  },
  gateway_http_request_duration_seconds: {
    kind: 'histogram',
    help: 'From the arrival of a request to the end of its answer',
    labels: ['method', 'route', 'status'],
  },
  gateway_register_rows: { kind: 'gauge', help: 'Entries in the register of a body', labels: ['entity'] },
  gateway_register_oldest_month_timestamp_seconds: {
    kind: 'gauge',
    help: 'When the oldest month begins of which the register of a body still has entries',
    labels: ['entity'],
  },
  gateway_register_overdue_rows: {
    kind: 'gauge',
    help: 'Entries that should have been destroyed by now; what a legal hold keeps is not among them',
    labels: ['entity'],
  },
  gateway_register_seal_timestamp_seconds: {
    kind: 'gauge',
    help: 'When the register of a body was last sealed; 0 before its first seal',
    labels: ['entity'],
  },
  gateway_registry_looks_total: {
    kind: 'counter',
    help: 'Looks at the registry of identity providers: unchanged, changed, refused or unreachable',
    labels: ['outcome'],
  },
  gateway_registry_timestamp_seconds: {
    kind: 'gauge',
    help: 'When the list of identity providers in use was made, and when the registry last confirmed it',
    labels: ['what'],
  },
  gateway_providers: {
    kind: 'gauge',
    help: 'Identity providers, in use or switched off',
    labels: ['state'],
  },
  gateway_provider_certificate_expiry_timestamp_seconds: {
    kind: 'gauge',
    help: 'When a signing certificate of an identity provider ends',
    labels: ['provider', 'certificate'],
  },
  gateway_key_expiry_timestamp_seconds: {
    kind: 'gauge',
    help: 'When a key or certificate that the gateway depends on ends, or its change is due',
    labels: ['kind', 'id'],
  },
} as const satisfies Readonly<Record<string, MetricRule>>;

type Table = typeof METRICS;
type Named<K extends MetricRule['kind']> = {
  [N in keyof Table]: Table[N]['kind'] extends K ? N : never;
}[keyof Table];
type Labels<N extends keyof Table> = Readonly<Record<Table[N]['labels'][number], string | number>>;

/** What the gateway counts and measures, for Prometheus. */
export interface Metrics {
  count<N extends Named<'counter'>>(name: N, labels: Labels<N>): void;
  /** Shows a counter as 0 before anything is counted: only then does its first step count as an increase. */
  expect<N extends Named<'counter'>>(name: N, labels: Labels<N>): void;
  /** @param value seconds */
  observe<N extends Named<'histogram'>>(name: N, labels: Labels<N>, value: number): void;
  /** Replaces every value of a gauge: what is no longer listed is no longer shown. */
  replace<N extends Named<'gauge'>>(name: N, values: readonly (readonly [Labels<N>, number])[]): void;
  /** Runs before every reading: for gauges that are worth knowing only when somebody looks. */
  beforeReading(read: () => void | Promise<void>): void;
  /** All of it, in Prometheus's text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Most series of one metric: labels are bounded by what they mean, this holds should one of them not be. */
const MOST_SERIES = 1000;
/** What the labels of a metric that has too many series become. */
const OTHER = 'other';

/** In seconds: pages are fast, a signature check takes milliseconds, a provider's registry may take long. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** @param options.process also the process's own figures: memory, CPU time, lag of the event loop */
export function createMetrics(options: { readonly process: boolean } = { process: false }): Metrics {
  const registry = new Registry();
  if (options.process) collectDefaultMetrics({ register: registry });
  const series = new Map<string, Set<string>>();
  const readings: (() => void | Promise<void>)[] = [];
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  for (const [name, { kind, help, labels }] of Object.entries<MetricRule>(METRICS)) {
    const common = { name, help, labelNames: [...labels], registers: [registry] };
    if (kind === 'counter') counters.set(name, new Counter(common));
    else if (kind === 'gauge') gauges.set(name, new Gauge(common));
    else histograms.set(name, new Histogram({ ...common, buckets: BUCKETS }));
  }

  /** The labels as given, or all of them "other" once a metric has grown too wide. */
  function bounded(name: string, labels: Readonly<Record<string, string | number>>) {
    const known = series.get(name) ?? new Set();
    series.set(name, known);
    const key = JSON.stringify(Object.entries(labels));
    if (!known.has(key) && known.size >= MOST_SERIES)
      return Object.fromEntries(Object.keys(labels).map((label) => [label, OTHER]));
    known.add(key);
    return labels;
  }

  return {
    count: (name, labels) => counters.get(name)?.inc(bounded(name, labels)),
    expect: (name, labels) => counters.get(name)?.inc(bounded(name, labels), 0),
    observe: (name, labels, value) => histograms.get(name)?.observe(bounded(name, labels), value),
    replace(name, values) {
      const gauge = gauges.get(name);
      gauge?.reset();
      for (const [labels, value] of values.slice(0, MOST_SERIES)) gauge?.set(labels, value);
    },
    beforeReading: (read) => void readings.push(read),
    async text() {
      // What cannot be read, because the store is away, stays as it was: the rest is wanted then more than ever.
      for (const read of readings) {
        try {
          await read();
        } catch {
          continue;
        }
      }
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}
