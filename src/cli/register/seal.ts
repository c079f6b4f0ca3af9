import { parseArgs } from 'node:util';
import { sealOptions } from '../../gateway/register.ts';
import { createLog } from '../../operations/log.ts';
import { sealHead, sealsOf } from '../../register/seal.ts';
import { registeredEntities } from '../../register/verify.ts';
import { print } from '../output.ts';
import { withRegister } from './open.ts';

/**
 * `register seal`: seals every chain now and prints the new seals; `--all` prints every seal there is. What it prints is
 * for keeping somewhere else (`register verify --seals FILE`).
 */
export async function runSeal(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      all: { type: 'boolean', default: false },
    },
  });
  return withRegister(values.config, environment, async (room) => {
    const log = createLog({ level: 'silent' });
    const options = sealOptions(room.configuration, { ...room, log });
    for (const entity of await registeredEntities(room.store.db)) {
      const sealed = await sealHead(options, entity, room.register.keys.of(entity));
      const all = values.all ? await sealsOf(room.store.db, entity) : [];
      (values.all ? all.map(({ jws }) => jws) : sealed).forEach(print);
    }
    return 0;
  });
}
