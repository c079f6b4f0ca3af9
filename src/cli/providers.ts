import { parseArgs } from 'node:util';
import { loadConfiguration } from '../config/load.ts';
import { providerEntries } from '../gateway/calendar.ts';
import { assembleFederation, federationWarnings } from '../gateway/federation.ts';
import { calendarOn, pressing, problemOf } from '../keys/calendar.ts';
import { systemClock, type Clock } from '../operations/clock.ts';
import { createLog } from '../operations/log.ts';
import type { Federation, Refreshed } from '../sources/spid/federation/federation.ts';
import { openStore } from '../store/store.ts';

/**
 * `providers list` shows the SPID identity providers; `disable` and `enable` take one out of use and back, in every
 * running process within seconds; `refresh` asks the registry now.
 * @returns 0 done, 1 not done or something to be seen to, 2 wrongly called
 */
export async function runProviders(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      'notice-it': { type: 'string', default: '' },
      'notice-en': { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [action = '', entityId, ...more] = positionals;
  const switching = action === 'disable' || action === 'enable';
  if (!switching && action !== 'list' && action !== 'refresh')
    return complain('say what to do: list, disable ENTITYID, enable ENTITYID or refresh');
  if (switching !== (entityId !== undefined) || more.length > 0)
    return complain(`${action}: ${switching ? 'name one provider by its entityID' : 'takes no name'}`);
  const configuration = loadConfiguration(values.config, environment);
  const store = await openStore(configuration.store.url, systemClock);
  try {
    const log = createLog({ level: 'silent' });
    const federation = assembleFederation(configuration, { clock: systemClock, log }, store);
    await federation.load();
    if (action === 'refresh') {
      const refreshed = await federation.refresh();
      await federation.refreshDisplays();
      return showRefreshed(refreshed, values.json);
    }
    if (action === 'list') return await list(federation, values.json);
    const notice = { it: values['notice-it'], en: values['notice-en'] ?? values['notice-it'] };
    return await switchProvider(federation, action === 'disable', entityId ?? '', notice, systemClock);
  } finally {
    await store.close();
  }
}

async function list(federation: Federation, json: boolean): Promise<number> {
  const { providers } = federation;
  const off = new Map(providers.switchedOff().map((one) => [one.entityId, one.since]));
  const [rows, warnings] = [
    providers.all().map(({ entityId, name, certificates }) => ({
      ...{ entityId, name, disabledSince: off.get(entityId) ?? null },
      keysUntil: certificates.map(({ notAfter }) => day(notAfter)),
    })),
    [
      ...(await federationWarnings(federation)),
      ...pressing(calendarOn(providerEntries(providers), systemClock.now())).map(
        (entry) => `${entry.id}: its last certificate ${problemOf(entry)}`,
      ),
    ],
  ];
  if (json) {
    print(JSON.stringify({ providers: rows, warnings }, null, 2));
    return warnings.length === 0 ? 0 : 1;
  }
  for (const { entityId, name, disabledSince, keysUntil } of rows) {
    const state = disabledSince ? `off since ${day(disabledSince)}` : 'in use';
    print(`${name.padEnd(20)}  ${state.padEnd(20)}  keys until ${keysUntil.join(', ')}  ${entityId}`);
  }
  if (warnings.length > 0) print(`\nTo be seen to:\n${warnings.map((one) => `  ${one}`).join('\n')}`);
  return warnings.length === 0 ? 0 : 1;
}

async function switchProvider(
  { providers, switches }: Federation,
  off: boolean,
  entityId: string,
  notice: { readonly it: string; readonly en: string },
  clock: Clock,
): Promise<number> {
  if (!off) {
    const done = await switches.enable(entityId);
    print(done ? `${entityId} is in use again.` : `${entityId} was in use already.`);
    return done ? 0 : 1;
  }
  if (!providers.listed(entityId)) {
    complain(`disable: ${entityId} is not listed; "providers list" shows who is`);
    return 1;
  }
  await switches.disable(entityId, notice, clock.now());
  print(
    `${entityId} is out of use: not offered, no requests to it, no answers from it. Undo: providers enable`,
  );
  return 0;
}

function showRefreshed({ outcome, problem, changes }: Refreshed, json: boolean): number {
  if (json) print(JSON.stringify({ outcome, problem, changes }, null, 2));
  else {
    print(problem ? `${outcome}: ${problem}. What was in use before stays in use.` : outcome);
    for (const { provider, change, detail } of changes) print(`  ${change}  ${provider}  ${detail}`);
  }
  return problem === undefined ? 0 : 1;
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function complain(message: string): number {
  process.stderr.write(`providers: ${message}\n`);
  return 2;
}
