import type { Identity } from '../identity/identity.ts';
import type { Transaction } from '../store/store.ts';
import { loginPath, type LoginRoom } from './room.ts';

/**
 * A source has proved an identity: finds the person and attaches the identity to its login, inside the transaction
 * that claims the request and registers the answer. The browser is bound by the next step, not here.
 * @returns the path of that step
 */
export async function arrive(
  room: LoginRoom,
  transaction: Transaction,
  uid: string,
  identity: Identity,
): Promise<string> {
  const login = await room.logins.find(transaction, uid);
  if (!login) throw new Error('a pending request without its login');
  const personId = await room.persons.findOrCreate(transaction, identity.person);
  const expiresAt = new Date(room.clock.now().getTime() + room.standingMs(identity.level));
  const identityId = await room.identities.record(transaction, identity, {
    personId,
    entityId: login.entityId,
    expiresAt,
  });
  await room.logins.attach(transaction, uid, identityId);
  return continuation(uid);
}

export function continuation(uid: string): string {
  return `${loginPath(uid)}/finish`;
}
