import { createServer } from 'node:net';
import { startDemo, type Demo, type DemoOptions } from '../../src/demo/start.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { createLog } from '../../src/operations/log.ts';

/** The demo on free neighbouring ports. */
export async function startDemoAnywhere(options: Partial<DemoOptions> = {}): Promise<Demo> {
  const port = options.port ?? (await freePorts(options.testStage ? 4 : 3));
  return startDemo({ clock: systemClock, log: createLog({ level: 'silent' }), ...options, port });
}

/** The first of some neighbouring ports that are all free now. */
export async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const first = await freePort();
    const others = await Promise.all(Array.from({ length: count - 1 }, (_, at) => isFree(first + at + 1)));
    if (first + count < 65_535 && others.every(Boolean)) return first;
  }
  throw new Error(`no ${count} neighbouring ports are free`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
