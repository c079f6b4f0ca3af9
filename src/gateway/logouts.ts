import type { Log } from '../operations/log.ts';
import { regularly } from '../operations/regularly.ts';
import type { OpenIdProvider } from '../provider/provider.ts';

/** How often the queue is looked at, in milliseconds. */
const EVERY_MS = 1000;

/**
 * Tells services of logouts, from now until stopped.
 * @returns stops it, once what is under way has ended
 */
export function tellServices(
  provider: Pick<OpenIdProvider, 'deliverNotices'>,
  log: Log,
): () => Promise<void> {
  const tell = async () => {
    for (const { clientId, attempts, failure, givenUp } of await provider.deliverNotices()) {
      log.event(
        failure === undefined
          ? { event: 'logout_told', client: clientId, attempts }
          : {
              event: givenUp ? 'logout_given_up' : 'logout_not_told',
              client: clientId,
              attempts,
              reason: failure,
            },
      );
    }
  };
  return regularly(EVERY_MS, tell, (error) => log.failure(error, { reference: 'logout-notices' })).stop;
}
