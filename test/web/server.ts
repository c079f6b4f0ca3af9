import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Koa from 'koa';
import { afterEach } from 'vitest';

const running: Server[] = [];

afterEach(() => {
  for (const server of running.splice(0)) server.close().closeAllConnections();
});

/** The address at which an application really listens until the test is over. */
export async function serve(app: Koa): Promise<string> {
  const server = await new Promise<Server>((resolve) => {
    const starting = app.listen(0, '127.0.0.1', () => resolve(starting));
  });
  running.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
