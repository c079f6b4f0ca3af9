import type { SpidOptions } from './options.ts';
import { find } from './pending.ts';

/** Requests looked at in one go. */
const BATCH = 500;

/** From their end on, requests are remembered for a day (pending.ts): within it each is noted once. */
const NOTED_MS = 2 * 24 * 60 * 60 * 1000;

/**
 * Registers that a request was never answered in its time: the citizen gave up at the provider, or the provider did
 * not like the request (spid-register-and-logout, 1). Called every few minutes, by any number of processes.
 * @returns how many
 */
export async function registerUnanswered(
  options: Pick<SpidOptions, 'store' | 'register' | 'clock'>,
): Promise<number> {
  const { store, register, clock } = options;
  const now = clock.now();
  const due = await store.db
    .selectFrom('pending_requests')
    .select('id')
    .where('source', '=', 'spid')
    .where('consumed_at', 'is', null)
    .where('expires_at', '<=', now.getTime())
    .where('id', 'not in', (noted) =>
      noted.selectFrom('used_once').select('used_once.id').where('kind', '=', 'spid-unanswered'),
    )
    .limit(BATCH)
    .execute();
  const noted = await Promise.all(
    due.map(({ id }) =>
      store.transaction(async (transaction) => {
        const first = await transaction
          .insertInto('used_once')
          .values({ kind: 'spid-unanswered', id, expires_at: now.getTime() + NOTED_MS })
          .onConflict((conflict) => conflict.columns(['kind', 'id']).doNothing())
          .executeTakeFirst();
        const pending = await find(transaction, id);
        if (first.numInsertedOrUpdatedRows !== 1n || !pending) return 0;
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
        return 1;
      }),
    ),
  );
  return noted.reduce<number>((sum, one) => sum + one, 0);
}
