import type { Identity } from '../identity/identity.ts';
import type { RecordedIdentity } from '../identity/identities.ts';
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
  const base = login.baseIdentityId
    ? await room.identities.find(login.baseIdentityId, transaction)
    : undefined;
  const expiresAt = new Date(room.clock.now().getTime() + room.standingMs(identity.level));
  const to = { personId, entityId: login.entityId, expiresAt };
  const identityId = await room.identities.record(transaction, addedTo(base, identity, to), to);
  await room.logins.attach(transaction, uid, identityId);
  return continuation(uid);
}

/**
 * Where only what was missing had been asked for, what the session held already is still hers: of the same person, in
 * the name of the same body, as the same kind of identity. Level and time are those of the new proof.
 */
function addedTo(
  base: RecordedIdentity | undefined,
  identity: Identity,
  to: { readonly personId: string; readonly entityId: string },
): Identity {
  if (base?.personId !== to.personId || base.entityId !== to.entityId || base.kind !== identity.kind)
    return identity;
  return {
    ...identity,
    attributes: { ...base.attributes, ...identity.attributes },
    asked: [...new Set([...base.asked, ...identity.asked])],
  };
}

export function continuation(uid: string): string {
  return `${loginPath(uid)}/finish`;
}
