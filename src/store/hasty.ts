import pg from 'pg';

/** Queries that are answered at once or not at all: for what a request may do without, and must not wait for. */
export interface HastyQueries {
  /** @throws when there is no answer within `PATIENCE_MS` */
  query(query: {
    readonly name?: string;
    readonly text: string;
    readonly values?: unknown[];
  }): Promise<{ rows: Record<string, unknown>[] }>;
}

const PATIENCE_MS = 500;

/** On connections of their own, so that neither these nor the others wait for each other. */
export function hastyQueries(url: string): HastyQueries & { close(): Promise<void> } {
  const pool = new pg.Pool({
    connectionString: url,
    max: 4,
    connectionTimeoutMillis: PATIENCE_MS,
    query_timeout: PATIENCE_MS,
  });
  pool.on('error', () => {}); // an idle connection broke; the next query reports real trouble
  return {
    query: ({ values, ...rest }) =>
      pool.query<Record<string, unknown>>({ ...rest, ...(values ? { values } : {}) }),
    close: () => pool.end(),
  };
}
