import type { Context } from 'koa';
import { Refused } from '../operations/errors.ts';
import type { AuthorizationRequest } from '../provider/facts.ts';
import type { Login } from '../sources/source.ts';
import { languageOf } from '../web/language.ts';
import { choose } from './choose.ts';
import { depart } from './depart.ts';
import type { LoginRoom } from './room.ts';

/**
 * First page of a login. Whether the browser's session suffices has been decided already (reuse.ts): who gets here has
 * to prove who she is, by the provider the service named (`idp_hint`) or by one she chooses.
 */
export async function start(ctx: Context, room: LoginRoom, uid: string): Promise<void> {
  const { request, login } = await openLogin(ctx, room, uid);
  const hinted = request.idpHint;
  // Someone who came back to choose again is not sent where she came from.
  const choosing = 'choose' in ctx.query;
  const known =
    hinted !== undefined &&
    room.sources.some((source) => source.offers(login).some(({ id }) => id === hinted));
  if (known && !choosing) await depart(ctx, room, login, hinted);
  else choose(ctx, room, login);
}

/**
 * The login behind a page, for the browser it began in.
 * @throws Refused `login_unknown`
 */
export async function openLogin(
  ctx: Context,
  room: LoginRoom,
  uid: string,
): Promise<{ request: AuthorizationRequest; login: Login }> {
  const request = await room.provider.authorization(ctx, uid);
  const { client } = request;
  if (!room.entities.has(client.entity))
    throw new Refused('login_unknown', 'the entity of the client was removed');
  const record = await room.logins.open(
    {
      uid,
      clientId: client.id,
      entityId: client.entity,
      returnAddress: { redirectUri: request.redirectUri, state: request.state },
    },
    room.clock.now(),
  );
  return {
    request,
    login: {
      uid,
      reference: record.reference,
      client,
      level: request.level,
      forceAuthn: request.prompts.includes('login') || request.maxAge !== undefined,
      attributes: request.attributes,
      language: languageOf(ctx, request.uiLocales),
    },
  };
}
