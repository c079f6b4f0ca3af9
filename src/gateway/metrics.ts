import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Configuration } from '../config/schema.ts';
import { listen, type Listening } from '../operations/server.ts';
import type { Metrics } from '../operations/metrics.ts';

/**
 * Serves `/metrics` on an address of its own, which no reverse proxy leads to (docs/adr/0020).
 * @returns undefined when the configuration wants none
 * @throws Misconfigured when the address is taken or not ours
 */
export async function serveMetrics(
  { metrics: wanted }: Pick<Configuration, 'metrics'>,
  metrics: Metrics,
): Promise<Listening | undefined> {
  if (!wanted) return undefined;
  return listen((request, response) => answer(request, response), wanted.host, wanted.port);

  function answer(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('Cache-Control', 'no-store');
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
    } else if (wanted?.token !== undefined && !isBearer(request.headers.authorization, wanted.token)) {
      response.writeHead(401, { 'WWW-Authenticate': 'Bearer' }).end();
    } else {
      metrics.text().then(
        (text) => response.writeHead(200, { 'Content-Type': metrics.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    }
  }
}

function isBearer(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}
