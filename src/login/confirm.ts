import type { Context } from 'koa';
import type { RecordedIdentity } from '../identity/identities.ts';
import { readOwnForm } from '../web/form.ts';
import { confirmPage } from '../web/pages/confirm.ts';
import type { Login } from '../sources/source.ts';
import { releasedBy } from './choose.ts';
import { allowLeaving, brandOf, frameOf, loginPath, nameOf, type LoginRoom } from './room.ts';

/** Before a session is reused, where the service or its request (`prompt=consent`) wants that: as whom she enters. */
export function askToConfirm(ctx: Context, room: LoginRoom, login: Login, identity: RecordedIdentity): void {
  const { client, language } = login;
  allowLeaving(ctx, room, client);
  ctx.type = 'html';
  ctx.body = confirmPage(frameOf(room, ctx, language), {
    service: nameOf(client, language),
    brand: brandOf(client, language),
    name: shortName(identity),
    ...releasedBy(login),
    action: `${loginPath(login.uid)}/confirm`,
    otherUrl: `${loginPath(login.uid)}?choose`,
  });
}

/**
 * She is the one: goes on with the session she has.
 * @throws Refused `login_unknown`
 */
export async function confirm(ctx: Context, room: LoginRoom, uid: string): Promise<void> {
  await readOwnForm(ctx, room.publicUrl);
  await room.provider.authorization(ctx, uid);
  await room.logins.complete(uid, room.clock.now());
  await room.provider.confirm(ctx, uid);
}

function shortName({ attributes: { name, familyName } }: RecordedIdentity): string | undefined {
  if (!name) return undefined;
  return familyName ? `${name} ${familyName.slice(0, 1)}.` : name;
}
