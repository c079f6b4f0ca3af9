import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Server as NetServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
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

/** How long connections that were on their way get to arrive, in milliseconds. */
const DRAIN_MS = 150;

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
    stop: async () => {
      stopping = true;
      // Who connected before the signal may still wait in the kernel's queue: let them in first.
      await delay(DRAIN_MS);
      await new Promise<void>((resolve) => {
        const idle = setInterval(() => server.closeIdleConnections(), DRAIN_MS);
        const giveUp = setTimeout(() => server.closeAllConnections(), GRACE_MS);
        // http's own close() also ends connections whose request has arrived but has not been read yet.
        NetServer.prototype.close.call(server, () => {
          clearInterval(idle);
          clearTimeout(giveUp);
          resolve();
        });
      });
    },
  };
}
