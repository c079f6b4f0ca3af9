import { parseArgs } from 'node:util';
import { hashInput } from '../../identity/persons.ts';
import { liftHold, listHolds, placeHold, type HoldScope } from '../../register/holds.ts';
import { Refused } from '../../operations/errors.ts';
import { print } from '../output.ts';
import { complain, operator, refuseUnknownEntity, withRegister, type RegisterRoom } from './open.ts';
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
    const { store, trail, clock } = room;
    const act = { ...operator(by), at: clock.now() };
    if (action === 'lift' && id) {
      await store.transaction((transaction) => liftHold(transaction, trail, id, act));
      return 0;
    }
    if (action !== 'place' || !reason)
      return complain(
        'hold: place --reason TEXT --as NAME with --entity ID, --reference CODE or --person; lift ID --as NAME; list',
      );
    const scopes = await scopesOf(room, values);
    if (scopes.length === 0)
      return complain('hold place: give one of --entity ID, --reference CODE, --person');
    const placed = await store.transaction(async (transaction) => {
      const holds: string[] = [];
      for (const scope of scopes) holds.push(await placeHold(transaction, trail, scope, reason, act));
      return holds;
    });
    placed.forEach(print);
    return 0;
  });
}

/** Several, where a login had several transactions, or entries know a person by hashes under several keys. */
async function scopesOf(
  room: RegisterRoom,
  given: { readonly entity?: string; readonly reference?: string; readonly person: boolean },
): Promise<HoldScope[]> {
  const { store, register, keys } = room;
  if (given.entity !== undefined) {
    await refuseUnknownEntity(room, given.entity);
    return [{ entityId: given.entity }];
  }
  if (given.reference !== undefined) {
    const reference = given.reference.toUpperCase();
    const entries = await register.trace(store.db, reference);
    if (entries.length === 0)
      throw new Refused('reference_unknown', `nothing is registered under ${reference}`, { status: 404 });
    const transactions = new Set(entries.map(({ transactionId }) => transactionId));
    return [...transactions].map((transactionId) => ({ transactionId }));
  }
  if (!given.person) return [];
  const known = keys.personHash.candidates(hashInput(await personFromInput()));
  return known.map(({ hash }) => ({ personHash: hash }));
}
