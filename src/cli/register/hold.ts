import { parseArgs } from 'node:util';
import { hashInput } from '../../identity/persons.ts';
import { liftHold, listHolds, placeHold, type HoldScope } from '../../register/holds.ts';
import { complain, print, withRegister, type RegisterRoom } from './open.ts';
import { personFromInput } from './person.ts';

/** `register hold place|lift|list`: keeps from destruction what a court or an authority wants kept. */
export async function runHold(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      entity: { type: 'string' },
      reference: { type: 'string' },
      person: { type: 'boolean', default: false },
      reason: { type: 'string' },
      as: { type: 'string' },
    },
  });
  const [action, id] = positionals;
  const { reason, as: by } = values;
  return withRegister(values.config, environment, async (room) => {
    if (action === 'list') {
      print(JSON.stringify(await listHolds(room.store.db), null, 2));
      return 0;
    }
    if (!by) return complain('hold: say who you are with --as NAME');
    const act = { by, at: room.clock.now() };
    if (action === 'lift' && id) {
      await liftHold(room.store.db, id, act);
      return 0;
    }
    if (action !== 'place' || !reason)
      return complain(
        'hold: place --reason TEXT --as NAME with --entity ID, --reference CODE or --person; lift ID --as NAME; list',
      );
    const scope = await scopeOf(room, values);
    if (!scope) return complain('hold place: give one of --entity ID, --reference CODE, --person');
    print(await placeHold(room.store.db, scope, reason, act));
    return 0;
  });
}

async function scopeOf(
  { store, register, keys }: RegisterRoom,
  given: { readonly entity?: string; readonly reference?: string; readonly person: boolean },
): Promise<HoldScope | undefined> {
  if (given.entity !== undefined) return { entityId: given.entity };
  if (given.reference !== undefined) {
    const [entry] = await register.trace(store.db, given.reference.toUpperCase());
    return entry && { transactionId: entry.transactionId };
  }
  if (!given.person) return undefined;
  return { personHash: keys.personHash.hash(hashInput(await personFromInput())) };
}
