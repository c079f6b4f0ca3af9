import { sendSecretNotices } from '../clients/secret-notices.ts';
import type { Configuration } from '../config/schema.ts';
import { smtpMailer } from '../operations/mail.ts';
import { regularly } from '../operations/regularly.ts';
import type { Store } from '../store/store.ts';
import type { GatewayOptions } from './parts.ts';

const HOUR_MS = 60 * 60 * 1000;

/**
 * Tells contacts of secrets that end soon, now and every hour until stopped; nobody where there is no mail server.
 * @returns stops it, once what is under way has ended
 */
export function tellContacts(
  { mail, publicUrl }: Configuration,
  { clock, log, store }: GatewayOptions & { readonly store: Store },
): () => Promise<void> {
  if (!mail) return async () => {};
  const mailer = smtpMailer(mail);
  const chore = regularly(
    HOUR_MS,
    () => sendSecretNotices({ store, clock, log, mailer, publicUrl }),
    (error) => log.failure(error, { reference: 'secret-notices' }),
  );
  void chore.run();
  return chore.stop;
}
