import type { Context, Middleware } from 'koa';
import { addressKey, type RateLimits } from '../operations/rate-limits.ts';

/** Where services call, not browsers: they get JSON. */
const SERVICES = /^\/oidc\/(token|par|introspect|revoke|userinfo|register)$/;
/** Where a browser makes us sign, verify, encrypt or write. */
const BROWSERS = /^(\/oidc\/(auth|logout)|\/login\/|\/spid\/)/;

/**
 * Holds back whoever asks for more than one address has reason to, before anything costly happens.
 * @param page shows the refusal to a browser
 */
export function limitPerAddress(limits: RateLimits, page: (ctx: Context) => void): Middleware {
  return async (ctx, next) => {
    const services = SERVICES.test(ctx.path);
    const limited = services || BROWSERS.test(ctx.path);
    const wait = limited && (await limits.take(services ? 'services' : 'browsers', addressKey(ctx.ip)));
    if (!wait) {
      await next();
      return;
    }
    if (services) {
      ctx.status = 429;
      // It is the same for everybody, and the script of a single-page application has to be able to read it.
      ctx.set({ 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'Retry-After' });
      ctx.body = { error: 'temporarily_unavailable', error_description: 'too_many_requests' };
    } else page(ctx);
    ctx.set('Retry-After', String(wait));
  };
}
