import { differences } from '../audit/difference.ts';
import type { By } from '../audit/entry.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { Violation } from '../entities/rules.ts';
import type { Clock } from '../operations/clock.ts';
import type { Store, Transaction } from '../store/store.ts';
import type { ClientChanges } from './changes.ts';
import { InvalidClient } from './changes.ts';
import type { Client } from './client.ts';
import { writeHistory } from './history.ts';
import type { DeclaredClient } from './register.ts';
import { columnsOf, registered } from './registered.ts';
import type { ClientSecrets } from './secrets.ts';

const BY: By = { actor: { kind: 'configuration', name: 'configuration file' }, via: 'configuration' };

interface Room {
  readonly store: Store;
  readonly clock: Clock;
  readonly trail: AuditTrail;
  readonly secrets: ClientSecrets;
  /** Judges by what is in force now. */
  readonly clients: Pick<ClientChanges, 'check'>;
}

/** A client that stays as it was, for what the file declares of it breaks a rule as things stand. */
export interface NotFollowed {
  readonly id: string;
  readonly violations: readonly Violation[];
}

/**
 * Makes the clients of the configuration file be exactly those declared: each with its version and its entry in the
 * audit trail, and neither where nothing differs. Whatever number of processes does it at once, it is done once.
 * @returns those that could not be followed
 */
export async function followDeclared(
  room: Room,
  declared: readonly DeclaredClient[],
): Promise<NotFollowed[]> {
  const notFollowed: NotFollowed[] = [];
  for (const one of declared) {
    const violations = await follow(room, one);
    if (violations.length > 0) notFollowed.push({ id: one.client.id, violations });
  }
  await removeOthers(
    room,
    declared.map(({ client: { id } }) => id),
  );
  return notFollowed;
}

/** @returns what is wrong; then nothing was written */
async function follow(room: Room, { client, secrets }: DeclaredClient): Promise<readonly Violation[]> {
  return room.store.transaction(async (transaction) => {
    const now = room.clock.now().getTime();
    // The row is the lock: of several processes that start at once the others find it done.
    const row = await transaction
      .updateTable('clients')
      .set({ id: client.id })
      .where('id', '=', client.id)
      .returningAll()
      .executeTakeFirst();
    const before = row && registered(row);
    const same =
      before?.origin === 'configuration' && differences(before.client, client).length === 0
        ? before
        : undefined;
    if (!same) {
      const violations = violationsOf(room.clients, client);
      if (violations.length > 0) return violations;
    }
    const after = same ?? { client, state: before?.state ?? 'live', version: (before?.version ?? 0) + 1 };
    if (!same) {
      const values = {
        ...columnsOf(client),
        origin: 'configuration',
        state: after.state,
        version: after.version,
        updated_at: now,
      };
      const written = await transaction
        .insertInto('clients')
        .values({ id: client.id, created_at: now, epoch: now, ...values })
        .onConflict((conflict) =>
          before ? conflict.column('id').doUpdateSet(values) : conflict.column('id').doNothing(),
        )
        .executeTakeFirst();
      // Somebody else, who has the same file, came first.
      if (written.numInsertedOrUpdatedRows !== 1n) return [];
    }
    const changed = await room.secrets.replace(transaction, client.id, secrets);
    if (!same) {
      const action = before ? 'client.update' : 'client.create';
      await writeHistory(room, transaction, { action, before, after, author: undefined }, BY);
    }
    if (before && changed.added.length + changed.ended.length > 0)
      await note(room, transaction, 'client.change-secrets', client, { after: changed });
    return [];
  });
}

/** What the file has no more is gone, with its secrets; the audit trail keeps what it was. */
async function removeOthers(room: Room, ids: readonly string[]): Promise<void> {
  await room.store.transaction(async (transaction) => {
    const gone = await transaction
      .deleteFrom('clients')
      .where('origin', '=', 'configuration')
      .$if(ids.length > 0, (query) => query.where('id', 'not in', ids))
      .returningAll()
      .execute();
    for (const { client, state } of gone.map(registered))
      await note(room, transaction, 'client.remove', client, { before: { ...client, state } });
  });
}

async function note(
  { trail, clock }: Room,
  transaction: Transaction,
  action: string,
  { id, entity }: Client,
  what: { readonly before?: object; readonly after?: object },
): Promise<void> {
  await trail.append(transaction, {
    at: clock.now(),
    action,
    entityId: entity,
    target: { kind: 'client', id },
    ...what,
    ...BY,
  });
}

function violationsOf(clients: Room['clients'], client: Client): readonly Violation[] {
  try {
    clients.check(client);
    return [];
  } catch (error) {
    if (error instanceof InvalidClient) return error.violations;
    throw error;
  }
}
