import { startDemo } from '../../src/demo/start.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { createLog } from '../../src/operations/log.ts';

/**
 * The demo in a process of its own, reached through a proxy: the certificate authority of the proxy can only be made
 * known to Node before it starts (NODE_EXTRA_CA_CERTS). Argument: the first port of its own three; the public ones follow.
 */
const port = Number(process.argv[2]);
const demo = await startDemo({
  port,
  publicUrls: {
    gatewayUrl: `https://localhost:${port + 3}`,
    identityProviderUrl: `https://127.0.0.1:${port + 4}`,
    suapUrl: `https://localhost:${port + 5}`,
  },
  clock: systemClock,
  log: createLog({ level: 'info' }),
});
process.stdout.write('ready\n');
process.once('SIGTERM', () => void demo.stop());
