import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import type { Language } from '../identity/language.ts';
import { Refused } from '../operations/errors.ts';
import type { Departure, Login } from '../sources/source.ts';
import { applyPolicy } from '../web/headers.ts';
import { departPage } from '../web/pages/depart.ts';
import { problemFrame, sourcesFor, type LoginRoom } from './room.ts';

/**
 * Sends the browser to a provider. The source has written the pending request and its register entry before this
 * answers.
 * @throws Refused `unknown_provider` when no source offers it
 */
export async function depart(ctx: Context, room: LoginRoom, login: Login, offerId: string): Promise<void> {
  const source = sourcesFor(room, login).find((candidate) =>
    candidate.offers(login).some(({ id }) => id === offerId),
  );
  const offer = source?.offers(login).find(({ id }) => id === offerId);
  if (!source || !offer) throw new Refused('unknown_provider', 'no source offers this provider');
  send(ctx, room, await source.depart(login, offerId), offer.name, login.language);
}

/** Sends the browser off with a message for a provider, by the binding the source chose. */
export function send(
  ctx: Context,
  room: LoginRoom,
  departure: Departure,
  provider: string,
  language: Language,
): void {
  if (departure.kind === 'redirect') {
    ctx.status = 302; // AgID's checker reads the request from a 302 and from nothing else (spid-authn-request, 5)
    ctx.set('Location', departure.url);
    ctx.set('Referrer-Policy', 'no-referrer');
    ctx.body = '';
    return;
  }
  const nonce = randomBytes(16).toString('base64');
  applyPolicy(ctx, { nonce }, room.publicUrl);
  ctx.set('Referrer-Policy', 'no-referrer');
  ctx.type = 'html';
  ctx.body = departPage(problemFrame(room, language), {
    provider,
    action: departure.action,
    fields: departure.fields,
    nonce,
  });
}
