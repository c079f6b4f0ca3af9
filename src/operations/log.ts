import { pino, type DestinationStream } from 'pino';

type Kind = 'text' | 'number' | 'text?';
interface EventRule {
  readonly severity: 'info' | 'warn';
  readonly fields: Readonly<Record<string, Kind>>;
}

/**
 * Everything that may be logged, and no more: a closed set of events made of identifiers, codes and counts. Personal
 * data has no field to get in by (spid-register-and-logout, 1). The types of the events come from this table, and it
 * is applied once more as they are written: what an object carries besides is left out.
 */
export const EVENTS = {
  started: { severity: 'info', fields: { url: 'text' } },
  stopped: { severity: 'info', fields: {} },
  providers_loaded: { severity: 'info', fields: { count: 'number' } },
  /** A look at the registry: unchanged, changed, refused or unreachable. */
  registry_looked: { severity: 'info', fields: { outcome: 'text', changes: 'number' } },
  /** What the registry gave is not used: what was in use before goes on. */
  registry_refused: { severity: 'warn', fields: { code: 'text', problem: 'text' } },
  /** A name or a logo that is not shown; what was shown before goes on. */
  display_refused: { severity: 'warn', fields: { code: 'text', problem: 'text', provider: 'text?' } },
  registry_changed: { severity: 'info', fields: { provider: 'text', change: 'text', detail: 'text' } },
  federation_warning: { severity: 'warn', fields: { problem: 'text' } },
  provider_switched: { severity: 'warn', fields: { provider: 'text', state: 'text' } },
  metadata_problem: { severity: 'warn', fields: { file: 'text', problem: 'text' } },
  clock_suspect: {
    severity: 'warn',
    fields: { offsetSeconds: 'number', providers: 'number', responses: 'number' },
  },
  test_login_open: { severity: 'warn', fields: { until: 'text', providers: 'number' } },
  /** Keys that sign tokens or cookies: made, in turn from a moment on, or put aside. */
  keys_made: { severity: 'info', fields: { files: 'text', from: 'text' } },
  keys_set_aside: { severity: 'info', fields: { files: 'text' } },
  key_problem: { severity: 'warn', fields: { kind: 'text', id: 'text', problem: 'text' } },
  spid_request_sent: {
    severity: 'info',
    fields: { reference: 'text', entity: 'text', client: 'text', provider: 'text', level: 'number' },
  },
  spid_response_accepted: {
    severity: 'info',
    fields: { reference: 'text', entity: 'text', client: 'text', provider: 'text', level: 'number' },
  },
  spid_response_refused: {
    severity: 'warn',
    fields: {
      reference: 'text',
      entity: 'text',
      check: 'text',
      reason: 'text',
      client: 'text?',
      provider: 'text?',
    },
  },
  /** A provider broke a rule that it is let off by configuration. */
  spid_rule_let_off: {
    severity: 'warn',
    fields: { reference: 'text', entity: 'text', provider: 'text?', rule: 'text' },
  },
  spid_anomaly: {
    severity: 'info',
    fields: { reference: 'text', entity: 'text', code: 'text', client: 'text', provider: 'text' },
  },
  spid_logout: { severity: 'info', fields: { entity: 'text', outcome: 'text', provider: 'text?' } },
  /** The store is slow or away: until it answers, each process counts requests for itself. */
  rate_limits_alone: { severity: 'warn', fields: { seconds: 'number' } },
  secret_notice_sent: { severity: 'info', fields: { client: 'text', days: 'number' } },
  secret_notice_not_sent: { severity: 'warn', fields: { client: 'text', days: 'number', reason: 'text' } },
  /** A service of the configuration file stays as it was: as things stand what the file declares breaks a rule. */
  client_not_followed: { severity: 'warn', fields: { client: 'text', problem: 'text' } },
  /** A program was not allowed to register a service. */
  registration_refused: { severity: 'warn', fields: { code: 'text', status: 'number' } },
  client_secret_guessed: { severity: 'warn', fields: { client: 'text', from: 'text' } },
  logout_told: { severity: 'info', fields: { client: 'text', attempts: 'number' } },
  logout_not_told: { severity: 'info', fields: { client: 'text', attempts: 'number', reason: 'text' } },
  logout_given_up: { severity: 'warn', fields: { client: 'text', attempts: 'number', reason: 'text' } },
  login_refused: { severity: 'info', fields: { reference: 'text', client: 'text', code: 'text' } },
  login_completed: { severity: 'info', fields: { reference: 'text', client: 'text', level: 'number' } },
  request_refused: {
    severity: 'warn',
    fields: { reference: 'text', code: 'text', status: 'number', method: 'text', route: 'text' },
  },
  /** The store does not do what was asked of it; under `reference` somebody or some work went without it. */
  store_trouble: { severity: 'warn', fields: { reference: 'text', code: 'text' } },
  oidc_error: { severity: 'warn', fields: { code: 'text', client: 'text?' } },
  access_reported: { severity: 'warn', fields: { client: 'text' } },
  register_sealed: { severity: 'info', fields: { entity: 'text', seq: 'number' } },
  register_destroyed: { severity: 'info', fields: { entity: 'text', month: 'text', rows: 'number' } },
  register_seal_late: { severity: 'warn', fields: { entity: 'text', hours: 'number' } },
  register_retention_late: { severity: 'warn', fields: { entity: 'text', month: 'text' } },
  purged: { severity: 'info', fields: { rows: 'number' } },
} as const satisfies Readonly<Record<string, EventRule>>;

type EventName = keyof typeof EVENTS;
type Needed<F> = {
  readonly [K in keyof F as F[K] extends 'text?' ? never : K]: F[K] extends 'number' ? number : string;
};
type Optional<F> = { readonly [K in keyof F as F[K] extends 'text?' ? K : never]?: string | undefined };

/** One thing that happened, as its row of the table wants it. */
export type LogEvent = {
  [E in EventName]: { readonly event: E } & Needed<(typeof EVENTS)[E]['fields']> &
    Optional<(typeof EVENTS)[E]['fields']>;
}[EventName];

export interface Log {
  event(event: LogEvent): void;
  /** An error nobody foresaw: its class, code and place. Its message is left out: it may quote what a citizen sent. */
  failure(error: unknown, context: { readonly reference: string }): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** JSON lines on standard output (or `destination`), one per event. */
export function createLog(options: {
  readonly level: LogLevel;
  readonly destination?: DestinationStream;
}): Log {
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // "level" is the level of SPID here, as everywhere else.
      formatters: { level: (severity) => ({ severity }) },
    },
    options.destination ?? pino.destination({ sync: true }),
  );
  return {
    event(event) {
      const { severity, fields }: EventRule = EVENTS[event.event];
      logger[severity]({ event: event.event, ...allowed(event, fields) });
    },
    failure(error, { reference }) {
      logger.error({ event: 'failure', reference: harmless(reference), ...place(error) });
    },
  };
}

/** The fields of the table, each of the kind the table says; nothing else of the object. */
function allowed(event: object, fields: EventRule['fields']): Record<string, string | number> {
  const given = new Map<string, unknown>(Object.entries(event));
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, kind]): [string, string | number][] => {
      const value = given.get(name);
      if (kind === 'number') return typeof value === 'number' ? [[name, value]] : [];
      return typeof value === 'string' ? [[name, harmless(value)]] : [];
    }),
  );
}

const LONGEST_TEXT = 200;
/** What is looked through at all: nothing that is logged is longer, and looking costs time. */
const LONGEST_LOOK = 1000;

/** What a codice fiscale (also of those changed to avoid a clash), an e-mail address and a telephone number look like. */
const PERSONAL = [
  /[A-Z]{6}[\dLMNPQRSTUV]{2}[ABCDEHLMPRST][\dLMNPQRSTUV]{2}[A-Z][\dLMNPQRSTUV]{3}[A-Z]/gi,
  /[\w.+-]+@[\w-]+(\.[\w-]+)+/g,
  /\+\d[\d ]{7,}/g,
];

/** A second net under the closed set of fields: short, and without anything shaped like personal data. */
function harmless(text: string): string {
  const looked = text.slice(0, LONGEST_LOOK);
  return PERSONAL.reduce((rest, shape) => rest.replace(shape, '[removed]'), looked).slice(0, LONGEST_TEXT);
}

interface Place {
  readonly name: string;
  readonly code?: string;
  readonly at: readonly string[];
  readonly cause?: Place;
}

const MOST_FRAMES = 8;
const MOST_CAUSES = 3;
/** A line of a stack that ends in file, line and column. */
const FRAME = /^\s+at .*(?:file:|node:|\/).*:\d+:\d+\)?$/;

function place(error: unknown, causes = MOST_CAUSES): Place {
  if (!(error instanceof Error)) return { name: typeof error, at: [] };
  // The message stands in front of the frames and may look like one.
  const stack = (error.stack ?? '').replace(error.message, '');
  const frames = stack.split('\n').filter((line) => FRAME.test(line));
  return {
    name: harmless(error.name),
    ...('code' in error && typeof error.code === 'string' ? { code: harmless(error.code) } : {}),
    at: frames.slice(0, MOST_FRAMES).map((line) => harmless(line.trim())),
    ...(error.cause !== undefined && causes > 0 ? { cause: place(error.cause, causes - 1) } : {}),
  };
}
