import type { Context } from 'koa';
import { refusalOf } from './admit.ts';
import { showFailure } from './problems.ts';
import { loginPath, type LoginRoom } from './room.ts';

/**
 * The same-site step after the assertion: only the browser that began the login has its cookie (docs/adr/0002). Hands
 * the identity to the OpenID Provider, which sends the citizen back to the service. Coming here twice is harmless.
 * @throws Refused `login_unknown` in another browser, or when the login has ended
 */
export async function finish(ctx: Context, room: LoginRoom, uid: string): Promise<void> {
  const { client, attributes } = await room.provider.authorization(ctx, uid);
  const login = await room.logins.find(room.queryable, uid);
  const identity = login?.identityId ? await room.identities.find(login.identityId) : undefined;
  // Somebody else answered than the one whose session was to be added to: then everything has to be asked for.
  if (!login || !identity || !attributes.every((name) => identity.asked.includes(name))) {
    ctx.redirect(`${loginPath(uid)}?choose`);
    return;
  }
  const refusal = refusalOf(identity, client, room.clock.now());
  const step = {
    entityId: login.entityId,
    clientId: client.id,
    testing: identity.test === true,
    source: identity.source,
    provider: identity.provider,
    level: identity.level,
  };
  if (refusal) {
    const { reference } = login;
    room.counts.add({ ...step, step: 'failed', code: refusal.code });
    room.log.event({ event: 'login_refused', reference, client: client.id, code: refusal.code });
    await showFailure(ctx, room, { ...refusal, status: 403, loginUid: uid, reference });
    return;
  }
  if (await room.logins.complete(uid, room.clock.now())) room.counts.add({ ...step, step: 'entered' });
  room.log.event({
    event: 'login_completed',
    reference: login.reference,
    client: client.id,
    level: identity.level,
  });
  await room.provider.complete(ctx, uid, identity);
}
