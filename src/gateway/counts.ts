import type { LoginCounts } from '../figures/login-counts.ts';
import type { Log } from '../operations/log.ts';
import { regularly } from '../operations/regularly.ts';
import type { Entry } from '../register/entry.ts';
import { isTest } from '../sources/spid/test-login.ts';

/**
 * What is registered of the way to a provider and back is also what is counted of it, whatever the source.
 * @param isTestProvider test providers answer for services in the test stage, and for no others (docs/adr/0066)
 */
export function countEntry(
  counts: Pick<LoginCounts, 'add'>,
  entry: Entry,
  isTestProvider: (entityId: string) => boolean,
): void {
  const { kind, entityId, clientId, source, provider, level, outcome } = entry;
  // Nobody asked for it, or a service that is none, or the register itself: no login of a citizen.
  if (clientId === undefined || isTest({ clientId }) || source === 'register') return;
  const testing = provider !== undefined && isTestProvider(provider);
  const found = { entityId, clientId, testing, source, provider, level };
  if (kind === 'request') counts.add({ ...found, step: 'chosen' });
  if (kind === 'response') counts.add({ ...found, step: 'returned' });
  if (kind === 'no-answer' || (kind === 'response' && outcome !== 'accepted'))
    counts.add({ ...found, step: 'failed', code: outcome });
}

/** How much a process that is killed forgets at most, in milliseconds. */
const FLUSH_EVERY_MS = 5_000;

/**
 * Adds what was counted to the store every few seconds, and once more at the end.
 * @returns stops it
 */
export function keepCounts(counts: LoginCounts, log: Log): () => Promise<void> {
  const chore = regularly(
    FLUSH_EVERY_MS,
    () => counts.flush(),
    (error) => log.failure(error, { reference: 'counts' }),
  );
  return async () => {
    await chore.stop();
    await chore.run();
  };
}
