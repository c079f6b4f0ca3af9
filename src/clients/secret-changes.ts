import type { By } from '../audit/entry.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { Clock } from '../operations/clock.ts';
import { Refused } from '../operations/errors.ts';
import type { Store, Transaction } from '../store/store.ts';
import type { Client } from './client.ts';
import { registeredClient } from './registered.ts';
import { isWorking, type ClientSecrets } from './secrets.ts';

interface Room {
  readonly store: Store;
  readonly clock: Clock;
  readonly secrets: ClientSecrets;
  readonly trail: AuditTrail;
}

/** How long secrets work. */
export interface SecretValidity {
  /** When the new one ends; without it, never by itself. */
  readonly until?: Date | undefined;
  /** When those that are there end at the latest; without it, they go on. */
  readonly othersUntil?: Date | undefined;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** @returns undefined for no number of days */
export function daysFrom(now: Date, days: number | undefined): Date | undefined {
  return days === undefined ? undefined : new Date(now.getTime() + days * DAY_MS);
}

/**
 * Adds a secret: old and new work side by side.
 * @returns its text, which nobody can read again
 * @throws Refused `client_unknown`, `client_fixed` (409), `client_without_secret` (409), `expiry_past` (422)
 */
export async function addSecret(room: Room, id: string, validity: SecretValidity, by: By): Promise<string> {
  const { store, secrets, clock } = room;
  const { client, origin } = await registeredClient(store.db, id);
  refuseFixed(origin);
  if (!client.authMethod.startsWith('client_secret'))
    throw new Refused('client_without_secret', 'this client uses no secret', { status: 409 });
  const { until, othersUntil } = validity;
  if (until && until <= clock.now())
    throw new Refused('expiry_past', 'a secret that has ended already is of no use', { status: 422 });
  return store.transaction(async (transaction) => {
    if (othersUntil) await secrets.limit(transaction, id, othersUntil);
    const secret = await secrets.add(transaction, id, until);
    const after = { secret: secret.id, until, othersUntil };
    await record(room, transaction, { action: 'client.add-secret', client, after }, by);
    return secret.text;
  });
}

/** @throws Refused `last_secret` (409): a client that uses secrets keeps one that works; `secret_unknown` (404) */
export async function endSecret(room: Room, id: string, secretId: string, by: By): Promise<void> {
  const { store, secrets, clock } = room;
  const { client, origin } = await registeredClient(store.db, id);
  refuseFixed(origin);
  await store.transaction(async (transaction) => {
    // The client's row is the lock: of two that end one secret each the second sees the first gone.
    await transaction.updateTable('clients').set({ id }).where('id', '=', id).execute();
    const all = await secrets.list(transaction, id);
    if (!all.some((secret) => secret.id === secretId))
      throw new Refused('secret_unknown', 'no such secret', { status: 404 });
    const working = all.filter((secret) => isWorking(secret, clock.now()));
    if (working.length === 1 && working[0]?.id === secretId)
      throw new Refused('last_secret', 'the last secret stays; add a new one first', { status: 409 });
    await secrets.end(transaction, id, secretId);
    await record(room, transaction, { action: 'client.end-secret', client, after: { secret: secretId } }, by);
  });
}

/** @throws Refused `client_fixed` (409) */
export function refuseFixed(origin: string): void {
  if (origin === 'configuration')
    throw new Refused('client_fixed', 'this client is changed in the configuration file', { status: 409 });
}

async function record(
  { trail, clock }: Room,
  transaction: Transaction,
  what: { readonly action: string; readonly client: Client; readonly after: object },
  by: By,
): Promise<void> {
  const { action, client, after } = what;
  await trail.append(transaction, {
    at: clock.now(),
    action,
    entityId: client.entity,
    target: { kind: 'client', id: client.id },
    after,
    ...by,
  });
}
