import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { AuditTrail } from '../audit/trail.ts';
import { ClientSecrets } from '../clients/secrets.ts';
import { loadConfiguration, readDeclarations } from '../config/load.ts';
import type { Configuration } from '../config/schema.ts';
import { EntityChanges } from '../entities/changes.ts';
import type { EntityDeclaration } from '../entities/entity.ts';
import { clientChanges } from '../gateway/clients.ts';
import { carryOut, planOf, type Declarations, type Plan, type PlannedChange } from '../gateway/plan.ts';
import { withWorkbench, type Workbench } from '../gateway/workbench.ts';
import { systemClock } from '../operations/clock.ts';
import { Misconfigured, Refused } from '../operations/errors.ts';
import { complain, differenceLines, show } from './output.ts';

export const USAGE = `plan FILE              what would change for the bodies and services of a file to be as it says (docs/plan.md)
apply FILE             show it and do it; --plan DIGEST: only if it is what that plan said

--retire-missing       also retire services and end bodies that the file does not have (never those of gateway.yaml)
Options: --config gateway.yaml, --json. Exit codes of plan: 0 nothing would change, 3 something would;
of apply: 0 done; of both: 1 refused, nothing was written, 2 wrongly called.
`;

/** Something would change. Not 2, which says that a command was wrongly called. */
const CHANGES = 3;

/** `plan FILE`: shows what `apply` would do. */
export function runPlan(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  return run('plan', args, environment);
}

/** `apply FILE`: makes what a file says be so. */
export function runApply(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  return run('apply', args, environment);
}

async function run(
  command: 'plan' | 'apply',
  args: string[],
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      plan: { type: 'string' },
      'retire-missing': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) return complain(command, 'name one file');
  if (command === 'plan' && values.plan !== undefined) return complain(command, '--plan is for apply');
  const configuration = loadConfiguration(values.config, environment);
  const wanted = read(file);
  return withWorkbench(configuration, { clock: systemClock, follow: true }, async (bench) => {
    const parts = partsOf(configuration, bench, wanted);
    const plan = await planOf(
      wanted,
      { entities: bench.entities, clients: parts.clients },
      {
        retireMissing: values['retire-missing'],
      },
    );
    if (command === 'plan') {
      show(values.json, plan, [...planLines(plan), ...digestLine(plan)]);
      return plan.changes.length === 0 ? 0 : CHANGES;
    }
    if (values.plan !== undefined && values.plan !== plan.digest)
      throw new Refused(
        'plan_stale',
        `what would change is not what plan ${values.plan} said; nothing was written. Look at it anew: plan ${file}`,
        { status: 409 },
      );
    if (!values.json) show(false, plan, planLines(plan));
    const by = { actor: { kind: 'operator', name: userInfo().username }, via: 'command-line' } as const;
    const secrets = await carryOut(plan, parts, by);
    const done = plan.changes.length === 0 ? [] : ['Done.', ...entityHints(plan)];
    show(values.json, { ...plan, secrets: Object.fromEntries(secrets) }, [
      ...[...secrets].map(([id, secret]) => `client_secret of ${id}, not shown again: ${secret}`),
      ...done,
    ]);
    return 0;
  });
}

function partsOf(configuration: Configuration, { store, keys, entities }: Workbench, wanted: Declarations) {
  const trail = new AuditTrail(keys);
  return {
    entities: new EntityChanges(entities, trail, systemClock),
    clients: clientChanges(configuration, {
      store,
      keys,
      clock: systemClock,
      trail,
      secrets: new ClientSecrets(store, systemClock),
      entities,
      wanted: wanted.entities,
    }),
  };
}

function read(file: string): Declarations {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (cause) {
    throw new Misconfigured('file_missing', `${file}: cannot be read`, { cause });
  }
  const { entities, clients } = readDeclarations(file, text);
  return { entities: entities as readonly EntityDeclaration[], clients };
}

function planLines({ changes, leftAlone }: Plan): string[] {
  return [
    ...changes.flatMap((change) => [sentence(change), ...differenceLines(change.differences)]),
    ...leftAlone.map(
      ({ kind, id }) => `left alone, not in the file: ${kind} ${id} (--retire-missing ends it)`,
    ),
    ...(changes.length === 0 ? ['Nothing would change.'] : []),
  ];
}

function digestLine({ changes, digest }: Plan): string[] {
  return changes.length === 0 ? [] : ['', `Exactly this and nothing else: apply FILE --plan ${digest}`];
}

function sentence(change: PlannedChange): string {
  if (change.act === 'save entity') return `${change.before ? 'change' : 'add'} entity ${change.id}`;
  if (change.act === 'cease entity') return `end entity ${change.id}, for ever`;
  if (change.act === 'save client') return `${change.before ? 'change' : 'register'} client ${change.id}`;
  return `make client ${change.id} ${change.to}${change.to === 'retired' ? ', for ever' : ''}`;
}

/** What a body says is published by new metadata only. */
function entityHints({ changes }: Plan): string[] {
  return changes.flatMap(({ act, id }) => (act === 'save entity' ? [`Next: metadata draft ${id}`] : []));
}
