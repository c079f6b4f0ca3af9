import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inspectRegister } from '../../register/inspect.ts';
import { registeredEntities, type Verification } from '../../register/verify.ts';
import { print, withRegister } from './open.ts';

/** `register verify`: whether anything was removed, altered, moved or dated back. @returns 1 when something was */
export async function runVerify(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      entity: { type: 'string' },
      seals: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const outside = values.seals === undefined ? [] : sealsIn(values.seals);
  return withRegister(values.config, environment, async ({ store, register }) => {
    const entities = values.entity === undefined ? await registeredEntities(store.db) : [values.entity];
    const found: Verification[] = [];
    for (const entity of entities)
      found.push(await inspectRegister(store.db, entity, register.keys.of(entity), outside));
    if (values.json) print(JSON.stringify(found, null, 2));
    else found.forEach(report);
    return found.every(({ faults }) => faults.length === 0) ? 0 : 1;
  });
}

/** A file as `register seal --all` prints it: one seal on a line. */
function sealsIn(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean);
}

function report({ entityId, entries, last, faults }: Verification): void {
  if (faults.length === 0) {
    print(`${entityId}: ${entries} entries, whole up to number ${last.seq} (${last.hash})`);
    return;
  }
  print(`${entityId}: ${entries} entries, NOT WHOLE:`);
  for (const { seq, kind, detail } of faults) print(`  number ${seq}: ${kind} – ${detail}`);
}
