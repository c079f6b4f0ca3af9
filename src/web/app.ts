import Router from '@koa/router';
import Koa, { type Context, type Middleware } from 'koa';
import type Keygrip from 'keygrip';
import type { Language } from '../identity/language.ts';
import { Refused, Unavailable } from '../operations/errors.ts';
import type { Log } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';
import type { RateLimits } from '../operations/rate-limits.ts';
import { newReference } from '../operations/reference.ts';
import { isEncodedText } from '../operations/text.ts';
import { limitPerAddress } from './limits.ts';
import type { ProblemReason } from './messages/problem-text.ts';
import type { Brand } from './brand.ts';
import { applyPolicy, securityHeaders } from './headers.ts';
import { alternateUrl, languageOf } from './language.ts';
import { measureLatency } from './latency.ts';
import type { PageFrame } from './layout.ts';
import { problemPage } from './pages/problem.ts';
import type { Assets } from './static/assets.ts';

export interface WebOptions {
  readonly publicUrl: string;
  /** The client's address is in X-Forwarded-For, put there by our own proxy. */
  readonly behindProxy: boolean;
  readonly brand: Brand;
  readonly assets: Assets;
  readonly cookieKeys: Keygrip;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly limits: RateLimits;
}

/** The application, in the order in which a request passes: origin, headers, problems, assets, our pages, the provider. */
export function createApp(options: WebOptions, router: Router, provider: Middleware): Koa {
  const app = new Koa();
  app.keys = options.cookieKeys;
  app.proxy = true; // what the forwarding headers say is what fixOrigin has put there
  app.maxIpsCount = 1; // of the addresses in X-Forwarded-For our proxy wrote the last; anybody may write the others
  app.silent = true; // koa would print the error; ours is logged below without what a citizen sent
  app.use(measureLatency(options.metrics));
  app.use(fixOrigin(options));
  app.use(securityHeaders(options.publicUrl));
  app.use((ctx, next) => withProblems(ctx, options, next));
  app.use(refuseMalformedAddress);
  app.use(options.assets.middleware);
  app.use(
    limitPerAddress(options.limits, (ctx) => showProblem(ctx, options, 429, 'too-many', 'too_many_requests')),
  );
  app.use(router.routes());
  app.use(provider);
  return app;
}

/** A router whose paths are compared exactly. */
export function createRouter(): Router {
  return new Router({ sensitive: true, strict: true });
}

/** What is looked up by a part of an address would be asked of a store that cannot hold it. No path of ours has controls. */
const refuseMalformedAddress: Middleware = (ctx, next) => {
  if (/%[01][0-9a-f]|%7f/i.test(ctx.path) || !isEncodedText(ctx.path))
    throw new Refused('path_malformed', 'control characters in the path, or not UTF-8');
  if (!isEncodedText(ctx.querystring))
    throw new Refused('query_malformed', 'U+0000 in the query, or not UTF-8');
  return next();
};

/** The gateway's own address is configuration: whatever Host or X-Forwarded-* say, every URL is built from it. */
function fixOrigin({ publicUrl, behindProxy }: WebOptions): Middleware {
  const { host, protocol } = new URL(publicUrl);
  return (ctx, next) => {
    const { headers } = ctx.req;
    headers.host = host;
    headers['x-forwarded-host'] = host;
    headers['x-forwarded-proto'] = protocol.slice(0, -1);
    if (!behindProxy) delete headers['x-forwarded-for'];
    return next();
  };
}

/** The frame of pages that belong to no login. */
export function frameFor(
  ctx: Context,
  options: Pick<WebOptions, 'brand' | 'assets'>,
  language: Language,
): PageFrame {
  return {
    language,
    brand: options.brand,
    asset: options.assets.url,
    alternateUrl: ctx.method === 'GET' && !namesAPerson(ctx) ? alternateUrl(ctx, language) : undefined,
  };
}

/** An ID token, or a name, that a service has put into an address is not to get into links of ours. */
function namesAPerson(ctx: Context): boolean {
  return /[?&](?:id_token|logout)_hint=/.test(ctx.originalUrl);
}

/** Turns what goes wrong into a page with a support reference; nobody ever sees an exception. */
async function withProblems(ctx: Context, options: WebOptions, next: () => Promise<unknown>): Promise<void> {
  try {
    await next();
    if (ctx.status === 404 && ctx.body === undefined && ctx.respond !== false)
      showProblem(ctx, options, 404, 'not-found', 'not_found');
  } catch (error) {
    if (error instanceof Refused) {
      const reason = error.code === 'body_too_large' ? 'too-large' : 'bad-request';
      showProblem(ctx, options, error.status, reason, error.code, error.reference);
      return;
    }
    const reference = newReference();
    options.log.failure(error, { reference });
    const status = error instanceof Unavailable ? error.status : 500;
    showProblem(
      ctx,
      options,
      status,
      'internal',
      error instanceof Unavailable ? error.code : 'internal',
      reference,
    );
  }
}

/** A problem page outside any login. */
export function showProblem(
  ctx: Context,
  options: Pick<WebOptions, 'brand' | 'assets' | 'log' | 'publicUrl'>,
  status: number,
  reason: ProblemReason,
  code: string,
  reference = newReference(),
): void {
  options.log.event({
    event: 'request_refused',
    reference,
    code,
    status,
    method: ctx.method,
    route: routeOf(ctx),
  });
  ctx.status = status;
  applyPolicy(ctx, { leadsTo: [] }, options.publicUrl);
  const page = problemPage(frameFor(ctx, options, languageOf(ctx)), {
    reason,
    variables: { service: '', level: 2 },
    reference,
    forDevelopers: reason === 'client-fault' ? code : undefined,
    actions: { home: { url: '/', service: false } },
  });
  ctx.type = 'html';
  ctx.body = page;
}

/** The first part of the path: the rest may hold identifiers. */
function routeOf(ctx: Context): string {
  return /^\/[a-z.-]{0,20}/.exec(ctx.path)?.[0] ?? '/';
}
