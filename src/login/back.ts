import type { Context } from 'koa';
import { Refused } from '../operations/errors.ts';
import { readOwnForm } from '../web/form.ts';
import { errorFrom } from './problems.ts';
import type { LoginRoom } from './room.ts';

/**
 * Back to the service with a standard error. While the login lives the OpenID Provider sends it; afterwards we still
 * know the validated redirect URI and state, so a citizen who took too long is not stranded.
 */
export async function back(ctx: Context, room: LoginRoom, uid: string): Promise<void> {
  const form = await readOwnForm(ctx, room.publicUrl);
  const error = errorFrom(form.get('code'));
  try {
    await room.provider.abort(ctx, uid, error);
  } catch (cause) {
    if (!(cause instanceof Refused) || cause.code !== 'login_unknown') throw cause;
    const login = await room.logins.find(room.queryable, uid);
    if (!login) throw cause;
    const url = new URL(login.returnAddress.redirectUri);
    url.searchParams.set('error', 'temporarily_unavailable');
    url.searchParams.set('error_description', 'authentication_expired');
    if (login.returnAddress.state !== undefined) url.searchParams.set('state', login.returnAddress.state);
    url.searchParams.set('iss', room.publicUrl);
    ctx.status = 303;
    ctx.set('Location', url.href);
    ctx.body = '';
  }
}
