import { parseArgs } from 'node:util';
import { loadConfiguration } from '../config/load.ts';
import { startGateway } from '../gateway.ts';
import { systemClock } from '../operations/clock.ts';
import { createLog } from '../operations/log.ts';

export const USAGE = `start    runs the gateway until SIGTERM or SIGINT; requests in flight are answered first

Options: --config gateway.yaml. Exit codes: 0 stopped, 1 could not start, 2 wrongly called.
`;

/** `npm start`: runs the gateway until it is asked to stop; requests in flight are answered first. */
export async function runStart(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({ args, options: { config: { type: 'string', default: 'gateway.yaml' } } });
  const configuration = loadConfiguration(values.config, environment);
  const log = createLog({ level: configuration.logging.level });
  const gateway = await startGateway(configuration, { clock: systemClock, log });
  process.stdout.write(
    `The gateway answers at ${configuration.publicUrl} (listening on ${gateway.listening})\n`,
  );
  await stopSignal();
  await gateway.stop();
  return 0;
}

export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}
