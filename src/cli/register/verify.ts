import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { sealOptions } from '../../gateway/register.ts';
import { Misconfigured } from '../../operations/errors.ts';
import { createLog } from '../../operations/log.ts';
import { holdFaults, type HoldFault } from '../../register/holds.ts';
import { inspectRegister } from '../../register/inspect.ts';
import { readSeal } from '../../register/seal.ts';
import { registeredEntities, type Verification } from '../../register/verify.ts';
import { print } from '../output.ts';
import { refuseUnknownEntity, withRegister } from './open.ts';

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
  const outside = values.seals === undefined ? [] : await sealsIn(values.seals);
  return withRegister(values.config, environment, async (room) => {
    const { store, register, trail } = room;
    if (values.entity !== undefined) await refuseUnknownEntity(room, values.entity);
    const entities = values.entity === undefined ? await registeredEntities(store.db) : [values.entity];
    // A register that is gone as a whole is named by its seals alone.
    const sealed = outside.filter(({ entity }) => values.entity === undefined || entity === values.entity);
    const found: Verification[] = [];
    const { timestampServer } = sealOptions(room.configuration, {
      ...room,
      log: createLog({ level: 'silent' }),
    });
    const authorities = timestampServer?.trusted ?? [];
    const holds = await holdFaults(store.db, trail);
    for (const entity of new Set([...entities, ...sealed.map((seal) => seal.entity)])) {
      const seals = outside.map(({ jws }) => jws);
      const inspected = await inspectRegister(store.db, entity, register.keys.of(entity), seals, authorities);
      found.push(withHolds(inspected, holds));
    }
    if (values.json) print(JSON.stringify(found, null, 2));
    else if (found.length === 0) print('Nothing is registered yet.');
    else found.forEach(report);
    return found.every(({ faults }) => faults.length === 0) ? 0 : 1;
  });
}

/** A hold that was altered is named with every register that it may have been for. */
function withHolds(register: Verification, holds: readonly HoldFault[]): Verification {
  const { entityId, faults } = register;
  const theirs = holds
    .filter((hold) => hold.entityId === undefined || hold.entityId === entityId)
    .map(({ detail }) => ({ entityId, seq: 0, kind: 'hold' as const, detail }));
  return { ...register, faults: [...theirs, ...faults] };
}

/**
 * A file as `register seal --all` prints it: one seal on a line.
 * @throws Misconfigured `seals_file` for anything else, so that the wrong file does not pass for a register that is whole
 */
async function sealsIn(file: string): Promise<{ readonly entity: string; readonly jws: string }[]> {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const allowed = 'seals as "register seal --all" prints them, one on a line';
  if (lines.length === 0)
    throw new Misconfigured('seals_file', `${file}: found nothing; allowed: ${allowed}`);
  return Promise.all(
    lines.map(async (jws, at) => {
      try {
        return { entity: (await readSeal(jws)).said.register, jws };
      } catch (cause) {
        throw new Misconfigured('seals_file', `${file}: line ${at + 1}: found no seal; allowed: ${allowed}`, {
          cause,
        });
      }
    }),
  );
}

function report({ entityId, entries, last, faults }: Verification): void {
  if (faults.length === 0) {
    print(`${entityId}: ${entries} entries, whole up to number ${last.seq} (${last.hash})`);
    return;
  }
  print(`${entityId}: ${entries} entries, NOT WHOLE:`);
  for (const { seq, kind, detail } of faults)
    print(kind === 'hold' ? `  ${detail}` : `  number ${seq}: ${kind} – ${detail}`);
}
