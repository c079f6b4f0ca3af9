import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Misconfigured } from './errors.ts';

/** A listening HTTP server that stops without dropping anybody. */
export interface Listening {
  /** `host:port` as bound. */
  readonly address: string;
  readonly port: number;
  /** Takes no new request, answers those in flight, then closes every connection. */
  stop(): Promise<void>;
}

/** How long a request in flight may take after the stop signal, in milliseconds. */
const GRACE_MS = 20_000;

/**
 * Listens on host and port (0: any free one).
 * @throws Misconfigured when the address is taken or not ours
 */
export async function listen(
  handler: (request: IncomingMessage, response: ServerResponse) => unknown,
  host: string,
  port: number,
): Promise<Listening> {
  let stopping = false;
  const server: Server = createServer((request, response) => {
    // A kept-alive connection would otherwise carry on with a server that is leaving.
    if (stopping) response.setHeader('Connection', 'close');
    handler(request, response);
  });
  // A client that trickles its headers or body must not hold a connection for ever.
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 5_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' ? 'is already in use' : `cannot be used (${error.code})`;
      reject(new Misconfigured('listen', `listen: ${host}:${port} ${taken}; choose another host or port`));
    });
    server.listen(port, host, resolve);
  });
  const bound = server.address() as AddressInfo;
  return {
    address: `${host}:${bound.port}`,
    port: bound.port,
    stop: () => {
      stopping = true;
      return new Promise<void>((resolve) => {
        const giveUp = setTimeout(() => server.closeAllConnections(), GRACE_MS);
        server.close(() => {
          clearTimeout(giveUp);
          resolve();
        });
        server.closeIdleConnections();
      });
    },
  };
}
