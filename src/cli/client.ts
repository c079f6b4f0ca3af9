import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { AuditTrail } from '../audit/trail.ts';
import { InvalidClient } from '../clients/changes.ts';
import { ClientSecrets } from '../clients/secrets.ts';
import { loadConfiguration } from '../config/load.ts';
import { clientChanges } from '../gateway/clients.ts';
import { registrationTokens } from '../gateway/registration.ts';
import { withWorkbench } from '../gateway/workbench.ts';
import { systemClock } from '../operations/clock.ts';
import { Refused } from '../operations/errors.ts';
import { ACTIONS } from './client/actions.ts';
import { complain, named, noAction } from './output.ts';

export const USAGE = `client list [TEXT]              services, also those of the configuration file; --entity ID
client show ID                  one service: state, secrets (never their text), what keeps it from going live
client add FILE                 register a service: YAML or JSON as under "clients"; prints its secret, once
client update ID FILE           change it; --version N refuses if somebody changed version N meanwhile
client rotate-secret ID         one more secret, printed once; --days N it ends by itself, --old-days N the others do
client submit|approve|suspend|resume|test|retire ID    its state: ask for approval, live, suspended, back to the test stage
client approve-change|withdraw-change ID CHANGE    a change that waits for a second person; without CHANGE it is shown
client registration-token      lets a program register services: --entity ID --hosts A,B; --days N (30), --uses N (1)
client registration-tokens     those that were issued; their text was printed once
client revoke-registration-token ID   nobody registers anything with it any more
client export [ID …]            their declarations, without secrets, as YAML: for import or the configuration file
client import FILE              register what is new under "clients:", change what differs; --dry-run only says so

FILE may be - for standard input. Options: --config gateway.yaml, --json.
Exit codes: 0 done, 1 refused, 2 wrongly called. Secrets are printed on standard output and nowhere else.
`;

/** `client ACTION …`: services, on the same code as console and API. Those of the configuration file are changed there. */
export async function runClient(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      entity: { type: 'string' },
      version: { type: 'string' },
      days: { type: 'string' },
      'old-days': { type: 'string' },
      hosts: { type: 'string' },
      uses: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const [name = '', ...names] = positionals;
  const action = named(ACTIONS, name);
  if (!action) return noAction('client', name);
  const [least, most] = action.names;
  if (names.length < least || names.length > most)
    return complain(
      'client',
      `${name}: found ${names.length} names after it; allowed: ${allowedNames(least, most)}`,
    );
  const numbers = [values.version, values.days, values['old-days'], values.uses];
  if (numbers.some((text) => text !== undefined && !/^\d{1,9}$/.test(text)))
    return complain('client', '--version, --days, --old-days and --uses: whole numbers');
  const [version, days, oldDays, uses] = numbers.map((text) =>
    text === undefined ? undefined : Number(text),
  );
  const configuration = loadConfiguration(values.config, environment);
  return withWorkbench(configuration, { clock: systemClock, follow: true }, ({ store, keys, entities }) => {
    const trail = new AuditTrail(keys);
    const run = action.run({
      clients: clientChanges(configuration, {
        store,
        keys,
        entities,
        clock: systemClock,
        trail,
        secrets: new ClientSecrets(store, systemClock),
      }),
      tokens: registrationTokens(configuration, { store, trail, clock: systemClock, entities }),
      hosts: values.hosts?.split(',').map((host) => host.trim()),
      uses,
      names,
      version,
      days,
      oldDays,
      entity: values.entity,
      clock: systemClock,
      dryRun: values['dry-run'],
      json: values.json,
      by: { actor: { kind: 'operator', name: userInfo().username }, via: 'command-line' },
    });
    return run.catch(refuseLineByLine);
  });
}

function allowedNames(least: number, most: number): string {
  if (most === Infinity) return `${least} or more`;
  return least === most ? String(least) : `${least} or ${most}`;
}

/** Ten wrong addresses are ten lines. */
function refuseLineByLine(error: unknown): never {
  if (!(error instanceof InvalidClient)) throw error;
  const lines = error.lines.map((line) => `  ${line}`);
  throw new Refused(error.code, `the service breaks rules; nothing was written:\n${lines.join('\n')}`, {
    status: error.status,
    cause: error,
  });
}
