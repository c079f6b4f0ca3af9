import type { Context } from 'koa';
import type { RecordedIdentity } from '../identity/identities.ts';
import { Refused } from '../operations/errors.ts';
import type { AuthorizationRequest } from '../provider/facts.ts';
import type { Login } from '../sources/source.ts';
import { languageOf } from '../web/language.ts';
import { choose, type Continuation } from './choose.ts';
import { askToConfirm } from './confirm.ts';
import { depart } from './depart.ts';
import { sourcesFor, type LoginRoom } from './room.ts';

/**
 * First page of a login. Whether the browser's session suffices has been decided already (reuse.ts): who gets here has
 * to prove who she is, by the provider the service named (`idp_hint`) or by one she chooses.
 */
export async function start(ctx: Context, room: LoginRoom, uid: string): Promise<void> {
  const open = await openLogin(ctx, room, uid);
  const { request, login } = open;
  const hinted = request.idpHint;
  // Someone who came back to choose again is not sent where she came from.
  const choosing = 'choose' in ctx.query;
  const known =
    hinted !== undefined &&
    sourcesFor(room, login).some((source) => source.offers(login).some(({ id }) => id === hinted));
  if (known && !choosing) {
    await departFor(ctx, room, open, hinted);
    return;
  }
  const held = request.heldIdentity ? await room.identities.find(request.heldIdentity) : undefined;
  if (request.prompt === 'consent' && held && !choosing) askToConfirm(ctx, room, login, held);
  else await choose(ctx, room, login, choosing ? undefined : continuable(request, held));
}

/** What a session lacks that one more step at the same provider can add. */
function continuable(
  { missing }: AuthorizationRequest,
  held: RecordedIdentity | undefined,
): Continuation | undefined {
  if (!held || (missing !== 'level' && missing !== 'fresh-authentication' && missing !== 'attributes'))
    return undefined;
  return { missing, provider: held.provider };
}

/**
 * Leaves for a provider. Whoever goes on with the one she came in by is asked for what is missing only; from anybody
 * else everything is asked.
 */
export async function departFor(
  ctx: Context,
  room: LoginRoom,
  { request, login, answered, baseIdentityId }: OpenLogin,
  provider: string,
): Promise<void> {
  const held = request.heldIdentity ? await room.identities.find(request.heldIdentity) : undefined;
  const adds = !answered && request.missing === 'attributes' && held?.provider === provider;
  const base = adds ? held.id : null;
  if (base !== baseIdentityId) await room.logins.build(login.uid, base);
  const attributes = adds ? login.attributes.filter((name) => !held.asked.includes(name)) : login.attributes;
  await depart(ctx, room, { ...login, attributes }, provider);
}

export interface OpenLogin {
  readonly request: AuthorizationRequest;
  readonly login: Login;
  /** A provider has answered already, and what it said did not do. */
  readonly answered: boolean;
  /** What was noted of it when it was opened: the identity that the next answer adds to. */
  readonly baseIdentityId: string | null;
}

/**
 * The login behind a page, for the browser it began in.
 * @throws Refused `login_unknown`
 */
export async function openLogin(ctx: Context, room: LoginRoom, uid: string): Promise<OpenLogin> {
  const request = await room.provider.authorization(ctx, uid);
  const { client } = request;
  if (!room.entities.get(client.entity))
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
  if (record.first)
    room.counts.add({
      step: 'shown',
      entityId: client.entity,
      clientId: client.id,
      testing: client.testing === true,
      level: request.level,
    });
  return {
    request,
    answered: record.identityId !== null,
    baseIdentityId: record.baseIdentityId,
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
