import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A listener that messages name in entities, schemas and keys, and that nobody must ever call. */
export interface Canary {
  readonly port: number;
  /** Connections so far. */
  readonly calls: () => number;
  stop(): Promise<void>;
}

export async function openCanary(): Promise<Canary> {
  let calls = 0;
  const server = createServer((socket: Socket) => {
    calls++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    calls: () => calls,
    stop: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}
