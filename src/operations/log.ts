import { pino, type DestinationStream } from 'pino';

/**
 * Everything that may be logged, and no more: a closed set of events made of identifiers, codes and counts. Personal
 * data has no field to get in by (spid-register-and-logout, 1).
 */
export type LogEvent =
  | { readonly event: 'started'; readonly url: string }
  | { readonly event: 'stopped' }
  | { readonly event: 'providers_loaded'; readonly count: number }
  | { readonly event: 'metadata_problem'; readonly file: string; readonly problem: string }
  | {
      readonly event: 'spid_request_sent';
      readonly reference: string;
      readonly entity: string;
      readonly client: string;
      readonly provider: string;
      readonly level: number;
    }
  | {
      readonly event: 'spid_response_accepted';
      readonly reference: string;
      readonly entity: string;
      readonly client: string;
      readonly provider: string;
      readonly level: number;
    }
  | {
      readonly event: 'spid_response_refused';
      readonly reference: string;
      readonly entity: string;
      readonly check: string;
      readonly reason: string;
      readonly client?: string | undefined;
      readonly provider?: string | undefined;
    }
  | {
      readonly event: 'spid_anomaly';
      readonly reference: string;
      readonly entity: string;
      readonly code: string;
      readonly client: string;
      readonly provider: string;
    }
  | {
      readonly event: 'spid_logout';
      readonly entity: string;
      readonly outcome: string;
      readonly provider?: string | undefined;
    }
  | {
      readonly event: 'login_completed';
      readonly reference: string;
      readonly client: string;
      readonly level: number;
    }
  | {
      readonly event: 'request_refused';
      readonly reference: string;
      readonly code: string;
      readonly status: number;
      readonly method: string;
      readonly route: string;
    }
  | {
      readonly event: 'oidc_error';
      readonly code: string;
      readonly detail?: string | undefined;
      readonly client?: string | undefined;
    }
  | { readonly event: 'purged'; readonly rows: number };

export interface Log {
  event(event: LogEvent): void;
  /** An error nobody foresaw: its class, code and place. Its message is left out: it may quote what a citizen sent. */
  failure(error: unknown, context: { readonly reference: string }): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

const WARNINGS: ReadonlySet<LogEvent['event']> = new Set([
  'spid_response_refused',
  'metadata_problem',
  'request_refused',
  'oidc_error',
]);

/** JSON lines on standard output (or `destination`), one per event. */
export function createLog(options: {
  readonly level: LogLevel;
  readonly destination?: DestinationStream;
}): Log {
  const logger = pino(
    { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    options.destination ?? pino.destination({ sync: true }),
  );
  return {
    event(event) {
      logger[WARNINGS.has(event.event) ? 'warn' : 'info'](event);
    },
    failure(error, context) {
      logger.error({ event: 'failure', ...context, ...place(error) });
    },
  };
}

function place(error: unknown): { name: string; code?: string; at: string[] } {
  if (!(error instanceof Error)) return { name: typeof error, at: [] };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { name: error.name, ...code, at: frames.slice(0, 8).map((line) => line.trim()) };
}
