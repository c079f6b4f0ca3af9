import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A service's back-channel logout endpoint, over real HTTP: keeps what it is told, and can be out of order. */
export interface LogoutListener {
  readonly url: string;
  /** Logout tokens as received. */
  readonly tokens: readonly string[];
  /** How many requests came, answered or not. */
  readonly attempts: number;
  down: boolean;
  close(): Promise<void>;
}

export async function logoutListener(): Promise<LogoutListener> {
  const tokens: string[] = [];
  const state = { down: false, attempts: 0 };
  const server = createServer((request, response) => {
    state.attempts += 1;
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const token = new URLSearchParams(body).get('logout_token');
      if (!state.down && token) tokens.push(token);
      response.writeHead(state.down ? 503 : token ? 200 : 400).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/backchannel`,
    tokens,
    get attempts() {
      return state.attempts;
    },
    get down() {
      return state.down;
    },
    set down(value) {
      state.down = value;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
