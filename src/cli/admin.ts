import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { Administrators } from '../admin/administrators.ts';
import { Invitations } from '../admin/invitations.ts';
import { AuditTrail } from '../audit/trail.ts';
import { loadConfiguration } from '../config/load.ts';
import type { Configuration } from '../config/schema.ts';
import { loadKeys } from '../keys/directory.ts';
import { systemClock } from '../operations/clock.ts';
import { openStore } from '../store/store.ts';
import { noAction } from './output.ts';

export const USAGE = `admin invite     a one-time code for an administrator of the whole gateway, the first or the next (docs/console.md)

Options: --config gateway.yaml. Exit codes: 0 done, 1 refused, 2 wrongly called.
`;

/** `admin invite`: a one-time code for a union administrator, the first or the next. */
export async function runAdmin(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { config: { type: 'string', default: 'gateway.yaml' } },
  });
  if (positionals.length !== 1 || positionals[0] !== 'invite')
    return noAction('admin', positionals.join(' '));
  const configuration = loadConfiguration(values.config, environment);
  const code = await administratorCode(configuration);
  process.stdout.write(
    `Within 24 hours, open ${configuration.publicUrl}/admin/invitation, sign in and enter this code:\n\n  ${code}\n\nIt makes you administrator of the whole gateway, and works once.\n`,
  );
  return 0;
}

/** A one-time code for a union administrator, the first or the next; noted in the audit trail. */
export async function administratorCode(configuration: Configuration): Promise<string> {
  const keys = loadKeys(configuration.keys.directory, configuration.keys);
  const store = await openStore(configuration.store.url, systemClock);
  try {
    const trail = new AuditTrail(keys);
    const administrators = new Administrators(store, keys, trail, systemClock);
    const invitations = new Invitations({ store, keys, trail, clock: systemClock, administrators });
    const actor = { kind: 'operator', name: userInfo().username } as const;
    return await invitations.firstAdministrator({ actor, via: 'command-line' });
  } finally {
    await store.close();
  }
}
