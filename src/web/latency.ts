import type { Middleware } from 'koa';
import type { Metrics } from '../operations/metrics.ts';

/** Methods that are told apart; a sender may invent others. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Addresses that no route of ours answers, by the beginning of their path. */
const ELSEWHERE = [
  '/oidc/auth',
  '/oidc/token',
  '/oidc/userinfo',
  '/oidc/jwks',
  '/oidc/logout',
  '/.well-known/openid-configuration',
  '/oidc',
  '/assets',
];

/** How long answers take, by method, route and kind of status. Routes are patterns of ours, never what a sender wrote. */
export function measureLatency(metrics: Metrics): Middleware {
  return async (ctx, next) => {
    const started = performance.now();
    ctx.res.once('close', () => {
      const matched: unknown = ctx['_matchedRoute'];
      const beginning = ELSEWHERE.find((path) => ctx.path === path || ctx.path.startsWith(`${path}/`));
      metrics.observe(
        'gateway_http_request_duration_seconds',
        {
          method: METHODS.has(ctx.method) ? ctx.method : 'other',
          // The route that takes every address (metadata is served where an entityID says) tells nothing apart.
          route: typeof matched === 'string' && !matched.includes('*') ? matched : (beginning ?? 'other'),
          status: `${Math.floor(ctx.res.statusCode / 100)}xx`,
        },
        (performance.now() - started) / 1000,
      );
    });
    await next();
  };
}
