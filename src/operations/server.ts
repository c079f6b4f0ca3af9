import { randomUUID } from 'node:crypto';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Server as NetServer, type AddressInfo, type Socket } from 'node:net';
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
  /** The path of our own last request. */
  const last = `/${randomUUID()}`;
  const sockets = new Set<Socket>();
  const server: Server = createServer((request, response) => {
    // A kept-alive connection would otherwise carry on with a server that is leaving.
    if (stopping) response.setHeader('Connection', 'close');
    response.once('close', () => {
      // Answers that began before the signal leave their connections open.
      if (stopping) setImmediate(() => server.closeIdleConnections());
    });
    if (stopping && request.url === last) response.end();
    else handler(request, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
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
      // Who connected before the signal may still wait in the kernel's queue. It is first in, first out: once a request
      // of our own has been answered, all those before it are in.
      await answered(bound, last);
      await new Promise<void>((resolve) => {
        const giveUp = setTimeout(() => server.closeAllConnections(), GRACE_MS);
        // http's own close() also ends connections whose request has arrived but has not been read yet.
        NetServer.prototype.close.call(server, () => {
          clearTimeout(giveUp);
          resolve();
        });
        server.closeIdleConnections();
        // Browsers connect ahead of requests that they may never send.
        for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      });
    },
  };
}

/** Asks ourselves. Where that fails there is nobody waiting that could be let in. */
function answered({ address, port, family }: AddressInfo, path: string): Promise<void> {
  const anywhere = { '0.0.0.0': '127.0.0.1', '::': '::1' } as Record<string, string | undefined>;
  return new Promise((resolve) => {
    const options = { host: anywhere[address] ?? address, port, path, agent: false, timeout: GRACE_MS };
    const asked = get({ ...options, family: family === 'IPv6' ? 6 : 4 }, (answer) => {
      answer.resume();
      answer.once('close', resolve);
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve());
  });
}
