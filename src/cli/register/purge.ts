import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { retentionMonths } from '../../gateway/register.ts';
import { destroyDue, dueThrough, planDestruction } from '../../register/retention.ts';
import { registeredEntities } from '../../register/verify.ts';
import { print } from '../output.ts';
import { operator, withRegister } from './open.ts';

/** `register purge`: destroys what its time is over of, as the daily job does; `--dry-run` only says what it would. */
export async function runPurge(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      'dry-run': { type: 'boolean', default: false },
      'despite-audit-faults': { type: 'boolean', default: false },
    },
  });
  return withRegister(values.config, environment, async (room) => {
    for (const entity of await registeredEntities(room.store.db)) {
      const through = dueThrough(room.clock.now(), retentionMonths(room.configuration, entity));
      const { destroyed, held } = values['dry-run']
        ? await planDestruction(room.store.db, entity, through)
        : await destroyDue(
            room,
            entity,
            through,
            operator(userInfo().username),
            values['despite-audit-faults'],
          );
      const done = values['dry-run'] ? 'would be destroyed' : 'destroyed';
      print(`${entity}: ${destroyed} entries up to ${through} ${done}, ${held} kept by a legal hold`);
    }
    return 0;
  });
}
