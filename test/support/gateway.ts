import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkConfiguration } from '../../src/config/load.ts';
import type { Configuration, ConfigurationInput } from '../../src/config/schema.ts';
import type { CookieJar } from '../../src/demo/cookies.ts';
import { Driver } from '../../src/demo/driver.ts';
import { createDemoProvider } from '../../src/demo/identity-provider.ts';
import { demoConfiguration } from '../../src/demo/start.ts';
import { startGateway, type Gateway } from '../../src/gateway.ts';
import { systemClock, type Clock } from '../../src/operations/clock.ts';
import { createLog, type Log } from '../../src/operations/log.ts';
import { listen, type Listening } from '../../src/operations/server.ts';
import { loadAssets } from '../../src/web/static/assets.ts';
import { freePorts } from './demo.ts';
import { keysFor } from './shared-keys.ts';

/** Read once for all providers of a test file. */
const ASSETS = loadAssets();

export type ClientInput = NonNullable<ConfigurationInput['clients']>[number];

export interface RegistryInput {
  readonly url: string;
  /** Files with certificates. */
  readonly trustedSigners: string[];
}

/** The sources of a configuration, with a registry besides the files of providers. */
export function withRegistry({ sources }: ConfigurationInput, registry: RegistryInput): typeof sources {
  const { spid } = sources;
  return { ...sources, spid: { ...spid, identityProviders: { ...spid.identityProviders, registry } } };
}

/** A gateway with clients of the test's own and two identity providers, all over real HTTP. */
export interface TestGateway {
  readonly url: string;
  /** `host:port` where it listens. */
  readonly listening: string;
  readonly configuration: Configuration;
  readonly providers: readonly [string, string];
  /** A citizen's browser at an authorization request: returns the address of the client that she ends at. */
  login(
    authorizationUrl: string,
    options?: { browser?: Driver; user?: string; provider?: string },
  ): Promise<URL>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startTestGateway(options: {
  readonly clients: readonly ClientInput[];
  readonly storeUrl: string;
  readonly change?: (input: ConfigurationInput) => ConfigurationInput;
  /** Metadata of identity providers of the test's own. */
  readonly trusted?: readonly string[];
  readonly clock?: Clock;
  /** Of the identity providers; the real time unless given. */
  readonly providerClock?: Clock;
  readonly log?: Log;
}): Promise<TestGateway> {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-test-'));
  const port = await freePorts(3);
  const url = `http://localhost:${port}`;
  const providers: [string, string] = [`http://127.0.0.1:${port + 1}`, `http://127.0.0.1:${port + 2}`];
  const base = demoConfiguration(
    { gatewayUrl: url, suapUrl: 'http://localhost:1' },
    { port, storeUrl: options.storeUrl },
    'unused',
  );
  const input = { ...base, clients: [...options.clients] };
  const configuration = checkConfiguration(options.change?.(input) ?? input, {
    file: 'test',
    directory,
    environment: {},
  });
  await keysFor(configuration);
  mkdirSync(join(directory, 'idp'));
  for (const [at, metadata] of (options.trusted ?? []).entries())
    writeFileSync(join(directory, 'idp', `trusted-${at}.xml`), metadata);
  const servers: Listening[] = [];
  for (const [at, provider] of providers.entries()) {
    const { app, metadata } = await createDemoProvider({
      url: provider,
      assets: ASSETS,
      clock: options.providerClock ?? systemClock,
      allowedIssuers: configuration.entities.map(({ entityId }) => entityId),
    });
    writeFileSync(join(directory, 'idp', `${at}.xml`), metadata);
    servers.push(await listen(app.callback(), '127.0.0.1', port + 1 + at));
  }
  const start = () =>
    startGateway(configuration, {
      clock: options.clock ?? systemClock,
      log: options.log ?? createLog({ level: 'silent' }),
    });
  let gateway: Gateway = await start();
  return {
    url,
    get listening() {
      return gateway.listening;
    },
    configuration,
    providers,
    login: (authorizationUrl, how = {}) =>
      login(authorizationUrl, [url, ...providers], how.provider ?? providers[0], how),
    async restart() {
      await gateway.stop();
      gateway = await start();
    },
    async stop() {
      await gateway.stop();
      await Promise.all(servers.map((server) => server.stop()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Thrown to stop the browser where the client would take over. */
class ClientReached extends Error {
  readonly url: URL;

  constructor(url: URL) {
    super('the client is reached');
    this.url = url;
  }
}

/**
 * A browser that stops at the first address that belongs to none of these origins.
 * @param meanwhile what happens before each of its requests
 */
export function browserWithin(
  origins: readonly string[],
  cookies?: CookieJar,
  meanwhile?: (url: URL) => Promise<void>,
): Driver {
  const before = async (url: URL) => {
    if (!origins.includes(url.origin)) throw new ClientReached(url);
    await meanwhile?.(url);
  };
  return new Driver(before, systemClock, cookies);
}

/** Runs steps until the browser gets to the client. */
export async function untilClient(steps: () => Promise<unknown>): Promise<URL> {
  try {
    await steps();
  } catch (error) {
    if (error instanceof ClientReached) return error.url;
    throw error;
  }
  throw new Error('the browser never got to the client');
}

function login(
  authorizationUrl: string,
  origins: readonly string[],
  provider: string,
  { browser = browserWithin(origins), user = 'anna.rossi' }: { browser?: Driver; user?: string },
): Promise<URL> {
  return untilClient(async () => {
    await browser.visit('authorization request', authorizationUrl);
    await browser.press('choose the provider', provider);
    // By Redirect there is no page in between.
    if (browser.page.html.includes('name="SAMLRequest"')) await browser.press('send the request');
    await browser.press('choose the persona', user);
    await browser.press('consent', user);
    await browser.press('send the response');
  });
}
