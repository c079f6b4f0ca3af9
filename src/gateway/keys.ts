import type { Configuration } from '../config/schema.ts';
import type { KeySet, RotatingKeys } from '../keys/rotating-keys.ts';
import { addTurns, retireTurns } from '../keys/rotation.ts';
import { scheduledTurn, type NextTurn } from '../keys/schedule.ts';
import { Misconfigured } from '../operations/errors.ts';
import type { Log } from '../operations/log.ts';
import type { GatewayOptions, Parts } from './parts.ts';

/** How soon a process knows a key that another one has made, in milliseconds: well within the shortest notice. */
const LOOK_EVERY_MS = 10_000;

/**
 * The keys that sign and are understood now, for whoever asks at every request. The directory is looked at again when
 * the last look was long ago; where it cannot be read, the keys that are known go on.
 */
export function followKeys(keys: RotatingKeys, { clock, log }: GatewayOptions): () => KeySet {
  let lookedAt = clock.now().getTime();
  return () => {
    const now = clock.now();
    if (Math.abs(now.getTime() - lookedAt) >= LOOK_EVERY_MS) {
      lookedAt = now.getTime();
      try {
        keys.reload();
      } catch (error) {
        report(error, log);
      }
    }
    return keys.at(now);
  };
}

/** Makes the keys that the schedule wants by now, puts aside those that nothing needs any more, says what ends soon. */
export async function tendKeys(
  { keys: place }: Configuration,
  { keys, calendar }: Pick<Parts, 'keys' | 'calendar'>,
  { clock, log }: GatewayOptions,
): Promise<void> {
  try {
    keys.saml.reload();
    keys.rotating.reload();
    const now = clock.now();
    const next = place.rotation.automatic
      ? scheduledTurn(keys.rotating.facts(now), place.rotation, now)
      : undefined;
    if (next) await makeTurn(place, next, { clock, log });
    const aside = retireTurns(place.directory, now);
    if (aside.length > 0) log.event({ event: 'keys_set_aside', files: aside.join(' ') });
    keys.rotating.reload();
  } catch (error) {
    report(error, log);
  }
  calendar.tend({ clock, log });
}

async function makeTurn(
  { directory, passphrase, previousPassphrase }: Configuration['keys'],
  next: NextTurn,
  { clock, log }: GatewayOptions,
): Promise<void> {
  const files = await addTurns(directory, {
    ...next,
    passphrase,
    previousPassphrase,
    now: clock.now(),
  });
  if (files.length > 0)
    log.event({ event: 'keys_made', files: files.join(' '), from: next.from.toISOString() });
}

function report(error: unknown, log: Log): void {
  if (error instanceof Misconfigured)
    log.event({ event: 'key_problem', kind: 'directory', id: error.code, problem: error.message });
  // The directory may not be read, or is gone.
  else if (error instanceof Error && 'syscall' in error && 'path' in error)
    log.event({ event: 'key_problem', kind: 'directory', id: 'keys_missing', problem: error.message });
  else log.failure(error, { reference: 'keys' });
}
