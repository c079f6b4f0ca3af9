import { randomUUID } from 'node:crypto';
import type { Entity } from '../../entities/entity.ts';
import { Refused } from '../../operations/errors.ts';
import { newReference } from '../../operations/reference.ts';
import type { LogoutArrival } from './logout-message.ts';
import type { SpidOptions } from './options.ts';

/** What is kept of a message that proves nothing, in characters. */
const KEPT = 16 * 1024;

/**
 * Registers a logout message that was refused, as it arrived, and gives the refusal the support reference it is found
 * by (spid-register-and-logout, 1: also refused and replayed ones).
 * @returns what to throw
 */
export async function registerRefusedLogout(
  options: Pick<SpidOptions, 'store' | 'register' | 'clock'>,
  entity: Entity,
  arrival: LogoutArrival,
  refusal: Refused,
): Promise<Refused> {
  const reference = newReference();
  await options.store.transaction((transaction) =>
    options.register.append(transaction, {
      transactionId: randomUUID(),
      reference,
      at: options.clock.now(),
      kind: arrivedName(arrival) === 'SAMLResponse' ? 'logout-response' : 'logout-request',
      source: 'spid',
      entityId: entity.id,
      outcome: refusal.code,
      evidence: { binding: arrival.binding, ...asArrived(arrival) },
    }),
  );
  const { code, message, status } = refusal;
  return new Refused(code, message, { status, reference, cause: refusal });
}

function arrivedName(arrival: LogoutArrival): string {
  const names = arrival.binding === 'post' ? arrival.form : new URLSearchParams(arrival.rawQuery);
  return names.has('SAMLResponse') ? 'SAMLResponse' : 'SAMLRequest';
}

function asArrived(arrival: LogoutArrival): { readonly query: string } | { readonly form: string } {
  if (arrival.binding === 'redirect') return { query: arrival.rawQuery.slice(0, KEPT) };
  return { form: (arrival.form.get(arrivedName(arrival)) ?? '').slice(0, KEPT) };
}
