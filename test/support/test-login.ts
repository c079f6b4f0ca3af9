import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/operations/clock.ts';
import type { Log } from '../../src/operations/log.ts';
import type { TestProvider } from '../../src/selfcheck/provider.ts';
import { startTestGateway, type ClientInput } from './gateway.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

const SERVICE: ClientInput = {
  id: 'service',
  entity: 'unione',
  name: { it: 'Servizio' },
  homePage: 'http://127.0.0.1:1/',
  redirectUris: ['http://127.0.0.1:1/callback'],
  authMethod: 'none',
  attributes: [{ name: 'name', purpose: { it: 'salutare' } }],
};

const today = systemClock.now();

/** A day from today, as the configuration writes it. */
export const day = (ahead: number): string =>
  new Date(today.getTime() + ahead * DAY_MS).toISOString().slice(0, 10);

/** A gateway with test logins until a day, for a provider of the test's own, and with a clock to set. */
export async function startTestLoginGateway(
  directory: string,
  options: {
    readonly storeUrl: string;
    readonly provider: TestProvider;
    readonly until: string;
    readonly files?: readonly string[];
    readonly log?: Log;
  },
) {
  const { storeUrl, provider, until, log } = options;
  const file = join(directory, 'provider.xml');
  writeFileSync(file, provider.metadata);
  let now: Date | undefined;
  const clock = { now: () => now ?? systemClock.now() };
  const gateway = await startTestGateway({
    storeUrl,
    clock,
    clients: [SERVICE],
    ...(log ? { log } : {}),
    change: (input) => ({
      ...input,
      sources: {
        spid: { ...input.sources.spid, testLogin: { providers: [...(options.files ?? [file])], until } },
      },
    }),
  });
  return { gateway, clock, set: (to: Date | undefined) => (now = to) };
}
