import { createServer, request } from 'node:http';
import { startGateway } from '../../src/gateway.ts';
import type { Clock } from '../../src/operations/clock.ts';
import { createLog } from '../../src/operations/log.ts';
import { startTestGateway, type TestGateway } from './gateway.ts';

/** Two gateways over one key directory and one store, behind a proxy that sends each request to the other one. */
export interface Twins extends TestGateway {
  /** `host:port` of each. */
  readonly both: readonly [string, string];
}

export async function startTwins(
  options: Parameters<typeof startTestGateway>[0] & { readonly clock: Clock },
): Promise<Twins> {
  const first = await startTestGateway({
    ...options,
    change: (input) => {
      const changed = options.change?.(input) ?? input;
      return { ...changed, listen: { host: 'localhost', port: 0 } };
    },
  });
  const second = await startGateway(first.configuration, {
    clock: options.clock,
    log: options.log ?? createLog({ level: 'silent' }),
  });
  const both = [first.listening, second.listening] as const;
  let turn = 0;
  const proxy = createServer((incoming, answer) => {
    const [host, port] = (both[turn++ % 2] ?? '').split(/:(?=\d+$)/);
    const { method, url, headers } = incoming;
    const onward = request(
      { host: host?.replace(/^\[|\]$/g, ''), port, method, path: url, headers },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.rawHeaders);
        response.pipe(answer);
      },
    );
    onward.on('error', () => answer.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(Number(new URL(first.url).port), 'localhost', resolve));
  return {
    ...first,
    both,
    async stop() {
      await new Promise((resolve) => {
        proxy.close(resolve);
        proxy.closeAllConnections();
      });
      await second.stop();
      await first.stop();
    },
  };
}
