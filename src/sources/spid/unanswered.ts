import type { SpidOptions } from './options.ts';
import { find } from './pending.ts';

/** Requests looked at in one go. */
const BATCH = 100;

/** From their end on, requests are remembered for a day (pending.ts): within it each is noted once. */
const NOTED_MS = 2 * 24 * 60 * 60 * 1000;

/**
 * Registers that a request was never answered in its time: the citizen gave up at the provider, or the provider did
 * not like the request (spid-register-and-logout, 1). Called every few minutes, by any number of processes.
 * @returns how many
 */
export async function registerUnanswered(options: Options): Promise<number> {
  let count = 0;
  for (let due = await unanswered(options); due.length > 0; due = await unanswered(options))
    // One at a time: logins need the connections too, and the end of the same chain.
    for (const id of due) if (await register(options, id)) count += 1;
  return count;
}

type Options = Pick<SpidOptions, 'store' | 'register' | 'clock'>;

/** Some of those that nobody has noted yet. */
async function unanswered({ store, clock }: Options): Promise<string[]> {
  const due = await store.db
    .selectFrom('pending_requests')
    .select('id')
    .where('source', '=', 'spid')
    .where('consumed_at', 'is', null)
    .where('expires_at', '<=', clock.now().getTime())
    .where('id', 'not in', (noted) =>
      noted.selectFrom('used_once').select('used_once.id').where('kind', '=', 'spid-unanswered'),
    )
    .limit(BATCH)
    .execute();
  return due.map(({ id }) => id);
}

/** @returns false when another process was first */
function register({ store, register, clock }: Options, id: string): Promise<boolean> {
  const now = clock.now();
  return store.transaction(async (transaction) => {
    const first = await transaction
      .insertInto('used_once')
      .values({ kind: 'spid-unanswered', id, expires_at: now.getTime() + NOTED_MS })
      .onConflict((conflict) => conflict.columns(['kind', 'id']).doNothing())
      .executeTakeFirst();
    const pending = await find(transaction, id);
    if (first.numInsertedOrUpdatedRows !== 1n || !pending) return false;
    await register.append(transaction, {
      transactionId: pending.transactionId,
      reference: pending.reference,
      at: now,
      kind: 'no-answer',
      source: 'spid',
      entityId: pending.entityId,
      clientId: pending.clientId,
      provider: pending.provider,
      requestId: pending.id,
      outcome: 'unanswered',
      evidence: { until: pending.expiresAt.toISOString() },
    });
    return true;
  });
}
