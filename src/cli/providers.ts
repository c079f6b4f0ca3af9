import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { pinsOf, refreshProviders, switchProvider } from '../admin/provider-desk.ts';
import { AuditTrail } from '../audit/trail.ts';
import { loadConfiguration } from '../config/load.ts';
import { providerEntries } from '../gateway/calendar.ts';
import { assembleFederation, federationWarnings } from '../gateway/federation.ts';
import { calendarOn, pressing, problemOf } from '../keys/calendar.ts';
import { loadKeys } from '../keys/directory.ts';
import { systemClock } from '../operations/clock.ts';
import { createLog } from '../operations/log.ts';
import type { Federation, Refreshed } from '../sources/spid/federation/federation.ts';
import { openStore } from '../store/store.ts';
import { pinsFault, runPins } from './pins.ts';
import { complain, day, noAction, print, show, table } from './output.ts';

export const USAGE = `providers list               who is listed, in use or not, until when their keys
providers refresh            asks the registry now and shows what changed; running processes follow within seconds
providers disable ENTITYID   takes one out of use; --notice-it TEXT, --notice-en TEXT: what citizens read meanwhile
providers enable ENTITYID    takes it back

providers pins                     AgID's certificates: which count, what waits, who signed a list that was refused
providers pins add FILE            proposes a certificate (PEM); it counts once somebody has approved it
providers pins remove FINGERPRINT  proposes that a certificate counts no more
providers pins approve ID          lets a proposal take effect alone, as operator: --reason TEXT, for the audit trail;
                                   to add one also --fingerprint SHA256, as AgID gave it
providers pins withdraw ID         takes a proposal back
providers pins reset               back to the configuration's certificates, after an alteration: --reason TEXT

Options: --config gateway.yaml, --json. Exit codes: 0 done, 1 refused, or something to be seen to, 2 wrongly called.
`;

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
      fingerprint: { type: 'string' },
      reason: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
    },
  });
  const [action = '', entityId, ...more] = positionals;
  if (action === 'pins') {
    const fault = pinsFault(positionals.slice(1), values.reason);
    if (fault !== undefined) return complain('providers', fault);
  }
  const switching = action === 'disable' || action === 'enable';
  if (!switching && !['list', 'refresh', 'pins'].includes(action)) return noAction('providers', action);
  if (action !== 'pins' && (switching !== (entityId !== undefined) || more.length > 0))
    return complain(
      'providers',
      `${action}: ${switching ? 'name one provider by its entityID' : 'takes no name'}`,
    );
  const configuration = loadConfiguration(values.config, environment);
  const keys = loadKeys(configuration.keys.directory, configuration.keys);
  const store = await openStore(configuration.store.url, systemClock);
  try {
    const log = createLog({ level: 'silent' });
    const federation = assembleFederation(configuration, { clock: systemClock, log }, { store, keys });
    await federation.load();
    const room = { federation, store, trail: new AuditTrail(keys), clock: systemClock };
    const by = { actor: { kind: 'operator', name: userInfo().username }, via: 'command-line' } as const;
    if (action === 'pins') {
      const { fingerprint, reason, json } = values;
      return await runPins(positionals.slice(1), { pins: pinsOf(room), by, fingerprint, reason, json });
    }
    if (action === 'list') return await list(federation, values.json);
    if (action === 'refresh') {
      const refreshed = await refreshProviders(room, by);
      await federation.refreshDisplays();
      return showRefreshed(refreshed, values.json);
    }
    const notice = { it: values['notice-it'], en: values['notice-en'] ?? values['notice-it'] };
    const off = action === 'disable';
    await switchProvider(room, entityId ?? '', off ? notice : undefined, by);
    show(values.json, { provider: entityId, disabled: off }, [
      off
        ? `${entityId} is out of use: not offered, no requests to it, no answers from it. Undo: providers enable`
        : `${entityId} is in use.`,
    ]);
    return 0;
  } finally {
    await store.close();
  }
}

async function list(federation: Federation, json: boolean): Promise<number> {
  const { providers } = federation;
  const off = new Map(providers.switchedOff().map((one) => [one.entityId, one.since]));
  const [rows, warnings] = [
    providers
      .all()
      .map(({ entityId, name, certificates }) => ({
        entityId,
        name: federation.displays?.nameOf(entityId) ?? name,
        disabledSince: off.get(entityId) ?? null,
        keysUntil: certificates.map(({ notAfter }) => day(notAfter)).sort(),
      }))
      .sort((a, b) => a.name.localeCompare(b.name, 'it')),
    [
      ...(await federationWarnings(federation)),
      ...federation.problems.map(({ file, problem }) => `${file}: ${problem}`),
      ...pressing(calendarOn(providerEntries(providers), systemClock.now())).map(
        (entry) => `${entry.id}: its last certificate ${problemOf(entry)}`,
      ),
    ],
  ];
  if (json) {
    print(JSON.stringify({ providers: rows, warnings }, null, 2));
    return warnings.length === 0 ? 0 : 1;
  }
  const today = day(systemClock.now());
  const lines = rows.map(({ entityId, name, disabledSince, keysUntil }) => [
    name,
    disabledSince ? `off since ${day(disabledSince)}` : 'in use',
    keysUntil.map((until) => (until < today ? `${until} (over)` : until)).join(', '),
    entityId,
  ]);
  for (const line of table([['provider', 'state', 'keys until', 'entityID'], ...lines])) print(line);
  if (warnings.length > 0) print(`\nTo be seen to:\n${warnings.map((one) => `  ${one}`).join('\n')}`);
  return warnings.length === 0 ? 0 : 1;
}

function showRefreshed({ outcome, problem, changes }: Refreshed, json: boolean): number {
  if (json) print(JSON.stringify({ outcome, problem, changes }, null, 2));
  else {
    print(problem ? `${outcome}: ${problem}. What was in use before stays in use.` : outcome);
    for (const { provider, change, detail } of changes) print(`  ${change}  ${provider}  ${detail}`);
  }
  return problem === undefined ? 0 : 1;
}
