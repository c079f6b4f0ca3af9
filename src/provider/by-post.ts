import type { Middleware } from 'koa';
import { readBody } from '../operations/body.ts';
import { Refused } from '../operations/errors.ts';
import { ENDPOINTS } from './endpoints.ts';

/** Longer a URL is cut off by some proxy or browser on the way, in bytes. */
const LARGEST_REQUEST = 8 * 1024;
const PATHS: readonly string[] = [ENDPOINTS.authorization, ENDPOINTS.end_session];

/**
 * Requests that a browser brings by POST (OpenID Connect Core 3.1.2.1, RP-Initiated Logout 2) go on by GET: a form of
 * another site carries no session cookie of ours, and the redirect does. So the cookie need not be weakened.
 */
export const requestsByPost: Middleware = async (ctx, next) => {
  if (ctx.method !== 'POST' || !PATHS.includes(ctx.path)) {
    await next();
    return;
  }
  if (!ctx.is('application/x-www-form-urlencoded'))
    throw new Refused('not_a_form', 'only application/x-www-form-urlencoded is accepted', { status: 415 });
  const body = await readBody(ctx.req, LARGEST_REQUEST);
  // Parsed and written anew: nothing but parameters gets into the address.
  const parameters = new URLSearchParams(body.toString('utf8'));
  ctx.status = 303;
  ctx.set('Location', `${ctx.path}?${parameters.toString()}`);
  ctx.body = '';
};
