import type { Clock } from '../operations/clock.ts';
import { Unavailable } from '../operations/errors.ts';
import type { Log } from '../operations/log.ts';
import type { Mailer, Message } from '../operations/mail.ts';
import type { Store } from '../store/store.ts';
import type { Client } from './client.ts';

/** So many days before a secret ends its service's contacts are told, once each. */
const STAGES = [30, 7, 1] as const;

const DAY_MS = 24 * 60 * 60 * 1000;
/** Who has begun to send and has not ended by then was cut off, in milliseconds. */
const SENDING_MS = 5 * 60 * 1000;

interface Room {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly mailer: Mailer;
  readonly publicUrl: string;
}

interface Due {
  readonly secretId: string;
  readonly stage: number;
  readonly ends: Date;
  readonly client: Client;
}

/**
 * Tells the contacts of services whose secrets end soon. Of several processes one sends each notice; what could not be
 * sent is tried again at the next call; who was not running for weeks sends the latest notice only.
 */
export async function sendSecretNotices(room: Room): Promise<void> {
  for (const due of await dueNotices(room)) {
    if (!(await claim(room, due))) continue;
    const { log } = room;
    const about = { client: due.client.id, days: due.stage };
    try {
      await room.mailer.send(notice(due, room.publicUrl));
      await settle(room, due, { sent_at: room.clock.now().getTime() });
      log.event({ event: 'secret_notice_sent', ...about });
    } catch (error) {
      await settle(room, due, { claimed_until: 0 });
      if (!(error instanceof Unavailable)) throw error;
      log.event({ event: 'secret_notice_not_sent', ...about, reason: error.message });
    }
  }
}

async function dueNotices({ store, clock }: Room): Promise<Due[]> {
  const now = clock.now().getTime();
  const rows = await store.db
    .selectFrom('client_secrets')
    .innerJoin('clients', 'clients.id', 'client_secrets.client_id')
    .select(['client_secrets.id', 'client_secrets.expires_at', 'clients.metadata'])
    .where('client_secrets.expires_at', '>', now)
    .where('client_secrets.expires_at', '<=', now + STAGES[0] * DAY_MS)
    .where('clients.state', '!=', 'retired')
    .execute();
  return rows.flatMap(({ id, expires_at, metadata }) => {
    const client = JSON.parse(metadata) as Client;
    const left = ((expires_at ?? 0) - now) / DAY_MS;
    const stage = STAGES.findLast((days) => left <= days);
    if (stage === undefined || !client.contacts?.length) return [];
    return [{ secretId: id, stage, ends: new Date(expires_at ?? 0), client }];
  });
}

/** @returns whether it is for this process to send */
async function claim({ store, clock }: Room, { secretId, stage }: Due): Promise<boolean> {
  const now = clock.now().getTime();
  const claimed = await store.db
    .insertInto('secret_notices')
    .values({ secret_id: secretId, days: stage, claimed_until: now + SENDING_MS, sent_at: null })
    .onConflict((conflict) =>
      conflict
        .columns(['secret_id', 'days'])
        .doUpdateSet({ claimed_until: now + SENDING_MS })
        .where('secret_notices.sent_at', 'is', null)
        .where('secret_notices.claimed_until', '<=', now),
    )
    .executeTakeFirst();
  return claimed.numInsertedOrUpdatedRows === 1n;
}

async function settle(
  { store }: Room,
  { secretId, stage }: Due,
  change: { readonly sent_at: number } | { readonly claimed_until: number },
): Promise<void> {
  await store.db
    .updateTable('secret_notices')
    .set(change)
    .where('secret_id', '=', secretId)
    .where('days', '=', stage)
    .execute();
}

/** In both languages: who reads it may be a supplier anywhere. */
function notice({ client, secretId, stage, ends }: Due, publicUrl: string): Message {
  const { id, name, contacts = [] } = client;
  const date = (locale: string) =>
    new Intl.DateTimeFormat(locale, {
      dateStyle: 'long',
      timeStyle: 'short',
      timeZone: 'Europe/Rome',
    }).format(ends);
  const page = `${publicUrl}/admin/services/${id}`;
  return {
    to: contacts,
    id: `${secretId}.${stage}`,
    subject: `${name.it}: un segreto finisce il ${date('it-IT')}`,
    text: `Un segreto del servizio «${name.it}» (${id}) finisce il ${date('it-IT')} (ora italiana). Da quel momento
il gateway ${publicUrl} non lo accetta più e, se il servizio non ne usa un altro, nessuno può entrarvi.

Che cosa fare: aggiungi un segreto nella console (${page}), mettilo nella
configurazione del servizio, e lascia finire il vecchio. Se il servizio ne usa già uno nuovo, non serve altro.

---

A secret of the service "${name.en}" (${id}) ends on ${date('en-GB')} (time in Italy). From then on the
gateway ${publicUrl} does not accept it, and nobody can enter the service unless it uses another one.

What to do: add a secret in the console (${page}), put it into the
configuration of the service, and let the old one end. If the service uses a new one already, nothing is needed.
`,
  };
}
