import type { By } from '../audit/entry.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { Clock } from '../operations/clock.ts';
import type { Transaction } from '../store/store.ts';
import type { Handover } from './developers.ts';
import type { RegisteredClient } from './registered.ts';

/** A client at one moment of its life. */
type Moment = Pick<RegisteredClient, 'client' | 'state' | 'version'>;

/** What became of a client: a version of it and an entry in the audit trail. */
export interface ClientEvent {
  readonly action: string;
  readonly before: Moment | undefined;
  readonly after: Moment;
  /** Keyed hash of who wrote what the version says; undefined where it was no person. */
  readonly author: string | undefined;
  /** The proposal that this was, where somebody else had made one. */
  readonly proposal?: string;
  /** Who developed it and who does from now on, where that is what changed. */
  readonly handover?: Handover;
}

/** Writes down what became of a client, in the transaction that makes it true. */
export async function writeHistory(
  { clock, trail }: { readonly clock: Clock; readonly trail: AuditTrail },
  transaction: Transaction,
  { action, before, after, author, proposal, handover }: ClientEvent,
  by: By,
): Promise<void> {
  const { client, state, version } = after;
  const now = clock.now();
  await transaction
    .insertInto('client_versions')
    .values({
      client_id: client.id,
      version,
      state,
      metadata: JSON.stringify(client),
      author_hash: author ?? null,
      at: now.getTime(),
    })
    .execute();
  await trail.append(transaction, {
    at: now,
    action,
    entityId: client.entity,
    target: { kind: 'client', id: client.id },
    ...(before
      ? { before: { ...before.client, state: before.state, ...(handover && { developer: handover.from }) } }
      : {}),
    after: {
      ...client,
      state,
      ...(proposal === undefined ? {} : { proposal }),
      ...(handover && { developer: handover.to }),
    },
    ...by,
  });
}
