import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createDemoProvider } from '../../src/demo/identity-provider.ts';
import { demoConfiguration } from '../../src/demo/start.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { listen, type Listening } from '../../src/operations/server.ts';
import { loadAssets } from '../../src/web/static/assets.ts';
import { freePorts } from './demo.ts';
import { yaml } from './yaml.ts';

const MAIN = resolve(import.meta.dirname, '../../src/main.ts');

/** The gateway as it runs in production: a process of its own, which can be killed. */
export class GatewayProcess {
  readonly #directory: string;
  #process: ChildProcess | undefined;
  kills = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws Error when it does not run */
  get pid(): number {
    if (this.#process?.pid === undefined) throw new Error('the gateway does not run');
    return this.#process.pid;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [MAIN, 'start'], {
      cwd: this.#directory,
      stdio: ['ignore', 'pipe', 'inherit'],
      // It starts again and again: the second time without compiling anything.
      env: { ...process.env, NODE_COMPILE_CACHE: join(this.#directory, 'compiled') },
    });
    this.#process = child;
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('The gateway answers')) return;
    }
    throw new Error('the gateway did not start');
  }

  async run(command: string[]): Promise<void> {
    const child = spawn(process.execPath, [MAIN, ...command], { cwd: this.#directory });
    await once(child, 'exit');
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    const child = this.#process;
    if (!child) return null;
    this.kills++;
    const exit = once(child, 'exit');
    child.kill(signal);
    const [code] = (await exit) as [number | null];
    return code;
  }
}

/** A gateway in a process of its own, with the demo's identity provider in this one. */
export interface GatewayInProcess {
  readonly gateway: GatewayProcess;
  readonly directory: string;
  readonly gatewayUrl: string;
  readonly identityProviderUrl: string;
  /** Where the demo's service would be. */
  readonly suapUrl: string;
  readonly clientSecret: string;
  stop(): Promise<void>;
}

/** @param trusted metadata of identity providers of the caller's own */
export async function startGatewayProcess(
  storeUrl: string,
  trusted: readonly string[] = [],
): Promise<GatewayInProcess> {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-process-'));
  const port = await freePorts(3);
  const urls = { gatewayUrl: `http://localhost:${port}`, suapUrl: `http://localhost:${port + 2}` };
  const identityProviderUrl = `http://127.0.0.1:${port + 1}`;
  const clientSecret = 'a secret for this test only';
  const configuration = demoConfiguration(urls, { port, storeUrl }, clientSecret);
  writeFileSync(join(directory, 'gateway.yaml'), yaml({ ...configuration, logging: { level: 'silent' } }));
  const provider = await createDemoProvider({
    url: identityProviderUrl,
    assets: loadAssets(),
    clock: systemClock,
    allowedIssuers: [`${urls.gatewayUrl}/spid`],
  });
  mkdirSync(join(directory, 'idp'));
  for (const [at, metadata] of [provider.metadata, ...trusted].entries())
    writeFileSync(join(directory, 'idp', `${at}.xml`), metadata);
  const server: Listening = await listen(provider.app.callback(), '127.0.0.1', port + 1);
  const gateway = new GatewayProcess(directory);
  await gateway.run(['keys', 'create', '--bits', '2048']);
  await gateway.start();
  return {
    gateway,
    directory,
    identityProviderUrl,
    clientSecret,
    ...urls,
    async stop() {
      await gateway.kill('SIGTERM');
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
