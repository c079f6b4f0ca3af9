import { decodeJwt } from 'jose';
import type { Middleware } from 'koa';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { identityOf } from './account.ts';
import { idHash } from './adapter.ts';
import type { Recorder } from './recorder.ts';

/** Tells the recorder of redeemed codes, of userinfo answers and of logouts, before the browser or the client hears of them. */
export function recordReleases(provider: Provider, recorder: Recorder): void {
  provider.use((async (ctx: KoaContextWithOIDC, next) => {
    await next();
    if (ctx.status >= 400 || !ctx.oidc) return;
    const { route, entities, session } = ctx.oidc;
    const token = entities.AccessToken;
    if (route === 'userinfo' && token?.grantId && token.clientId) {
      await recorder.released({
        grantId: token.grantId,
        clientId: token.clientId,
        tokenHash: idHash(token.jti),
        claims: namesIn(ctx.body),
      });
    }
    const code = entities.AuthorizationCode;
    const identity = identityOf(entities.Account);
    if (route === 'token' && code?.clientId && identity) recorder.redeemed(identity, code.clientId);
    if (route === 'end_session_confirm' && session?.uid && ctx.oidc.params?.['logout'] !== undefined) {
      await recorder.loggedOut({
        sessionUid: session.uid,
        sessionHash: idHash(session.uid),
        clientIds: Object.keys(session.authorizations ?? {}),
      });
    }
  }) as Middleware as never);
}

/** The names in a userinfo answer. What is encrypted for the client is closed to us too: then there are none. */
function namesIn(body: unknown): string[] {
  if (typeof body === 'string') return body.split('.').length === 3 ? Object.keys(decodeJwt(body)) : [];
  return typeof body === 'object' && body !== null ? Object.keys(body) : [];
}
