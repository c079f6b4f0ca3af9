import type { Listening } from '../operations/server.ts';

/** Where this process reaches itself: known once it listens. */
export function ownAddress() {
  let url: string | undefined;
  return {
    listening: ({ address, port }: Listening) => {
      const host = address.slice(0, -`:${port}`.length);
      const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
      url = `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
    },
    url: () => {
      if (url === undefined) throw new Error('asked for before the server listens');
      return url;
    },
  };
}
