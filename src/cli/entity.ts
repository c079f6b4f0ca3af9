import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import type { By } from '../audit/entry.ts';
import { AuditTrail } from '../audit/trail.ts';
import { loadConfiguration, readEntityFile } from '../config/load.ts';
import { EntityChanges } from '../entities/changes.ts';
import type { EntityDeclaration } from '../entities/entity.ts';
import { testBody } from '../entities/test-body.ts';
import { withWorkbench, type Workbench } from '../gateway/workbench.ts';
import { systemClock } from '../operations/clock.ts';
import { Misconfigured, Refused } from '../operations/errors.ts';
import { complain, day, named, noAction, show, table } from './output.ts';

export const USAGE = `entity list                     every body, also those that take part no more
entity show ENTITY              its declaration
entity save FILE                add a body, or change one that was added so: YAML as under "entities"
entity test-body AGGREGATOR     add the invented body for AgID's acceptance tests (Avviso 22)
entity cease ENTITY             end its part; its entityID is never used again

Options: --config gateway.yaml, --json. Exit codes: 0 done, 1 refused, 2 wrongly called.
`;

type Action = (
  bench: Workbench,
  argument: string,
  call: { json: boolean; publicUrl: string; changes: EntityChanges; by: By },
) => Promise<number>;

/** The bodies of this gateway. Those of the configuration file are changed there. */
export async function runEntity(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      json: { type: 'boolean', default: false },
    },
  });
  const [action = '', argument = '', ...more] = positionals;
  const run = named(ACTIONS, action);
  if (!run) return noAction('entity', action);
  if (more.length > 0 || (action === 'list') !== (argument === ''))
    return complain('entity', action === 'list' ? 'list: takes no name' : `${action}: name exactly one`);
  const configuration = loadConfiguration(values.config, environment);
  return withWorkbench(configuration, { clock: systemClock, follow: true }, (bench) =>
    run(bench, argument, {
      json: values.json,
      publicUrl: configuration.publicUrl,
      changes: new EntityChanges(bench.entities, new AuditTrail(bench.keys), systemClock),
      by: { actor: { kind: 'operator', name: userInfo().username }, via: 'command-line' },
    }),
  );
}

const ACTIONS: Readonly<Record<string, Action>> = {
  async list({ entities }, _, { json }) {
    const rows = entities
      .kept()
      .map(({ declaration, origin, ceasedAt }) => [
        declaration.id,
        declaration.entityId,
        declaration.aggregator ?? 'itself',
        origin,
        ceasedAt ? `ceased ${day(ceasedAt)}` : 'takes part',
      ]);
    show(json, entities.kept(), table([['id', 'entityID', 'through', 'kept by', ''], ...rows]));
    return 0;
  },
  async show({ entities }, id, { json }) {
    const declaration = declarationOf(entities.kept(), id);
    show(json, declaration, [JSON.stringify(declaration, null, 2)]);
    return 0;
  },
  async save(_bench, file, { json, changes, by }) {
    const declaration = readEntityFile(file, read(file)) as EntityDeclaration;
    await changes.save(declaration, by);
    show(json, declaration, [`${declaration.id} is saved. Next: metadata draft ${declaration.id}`]);
    return 0;
  },
  async 'test-body'({ entities }, id, { json, publicUrl, changes, by }) {
    const declaration = testBody(declarationOf(entities.kept(), id), publicUrl);
    await changes.save(declaration, by);
    show(json, declaration, [`${declaration.id} is saved. Next: metadata draft ${declaration.id}`]);
    return 0;
  },
  async cease(_bench, id, { json, changes, by }) {
    await changes.cease(id, by);
    show(json, { id }, [`${id} takes part no more. Tell AgID to withdraw its metadata.`]);
    return 0;
  },
};

function declarationOf(kept: ReturnType<Workbench['entities']['kept']>, id: string): EntityDeclaration {
  const found = kept.find(({ declaration }) => declaration.id === id);
  if (found) return found.declaration;
  throw new Refused('entity_unknown', `there is no entity ${id}`, { status: 404 });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Misconfigured('file_missing', `${file}: cannot be read`, { cause });
  }
}
