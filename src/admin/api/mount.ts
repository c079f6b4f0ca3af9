import type Router from '@koa/router';
import type { Context } from 'koa';
import { readBody } from '../../operations/body.ts';
import { Refused } from '../../operations/errors.ts';
import { addressKey } from '../../operations/rate-limits.ts';
import { bodyText, jsonValue } from '../../operations/text.ts';
import { OPERATIONS } from '../operations.ts';
import { isForOneBody, isRole, scopeOf, type Grant, type Scope } from '../roles.ts';
import { Idempotency, type KeptAnswer } from './idempotency.ts';
import { describeApi } from './openapi.ts';
import { showProblem } from './problems.ts';
import { API_PATH } from './resource.ts';
import type { ApiAnswer, ApiRoom, ApiRoute, ApiVisit } from './route.ts';
import { administratorRoutes } from './routes/administrators.ts';
import { auditRoutes } from './routes/audit.ts';
import { entityRoutes } from './routes/entities.ts';
import { invitationRoutes } from './routes/invitations.ts';
import { metadataRoutes } from './routes/metadata.ts';
import { overviewRoutes } from './routes/overview.ts';
import { pinRoutes } from './routes/pins.ts';
import { providerRoutes } from './routes/providers.ts';
import { registrationTokenRoutes } from './routes/registration-tokens.ts';
import { reportRoutes } from './routes/reports.ts';
import { serviceRoutes } from './routes/services.ts';

/** In bytes, no less than a form of the console: a service with its logo, its keys and a hundred addresses. */
const LARGEST_BODY = 256 * 1024;

/** Everything the API can do: who may do what is said by the operation of each. */
export function apiRoutes(room: ApiRoom): ApiRoute[] {
  return [
    ...serviceRoutes(room),
    ...registrationTokenRoutes(room),
    ...entityRoutes(room),
    ...metadataRoutes(room),
    ...providerRoutes(room),
    ...pinRoutes(room),
    ...administratorRoutes(room),
    ...invitationRoutes(room),
    ...overviewRoutes(room),
    ...reportRoutes(room),
    ...auditRoutes(room),
  ];
}

/** The administration API: what the console does, for programs. */
export function mountApi(router: Router, room: ApiRoom): void {
  const routes = apiRoutes(room);
  const idempotency = new Idempotency(room);
  const description = JSON.stringify(describeApi(routes, room.web.publicUrl));
  router.get(`${API_PATH}/openapi.json`, (ctx) => {
    ctx.type = 'json';
    ctx.body = description;
  });
  for (const route of routes) {
    router.register(`${API_PATH}${route.path}`, [route.method], (ctx) =>
      answering(ctx, room, () => run(ctx, ctx.params, { room, idempotency, route })),
    );
  }
  router.all(`${API_PATH}/{*rest}`, (ctx) =>
    answering(ctx, room, async () => {
      const methods = routes
        .filter(({ path }) => pathPattern(path).test(ctx.path))
        .map(({ method }) => method);
      if (methods.length === 0) throw new Refused('route_unknown', 'there is no such path', { status: 404 });
      ctx.set('Allow', methods.join(', '));
      throw new Refused('method_not_allowed', `here only: ${methods.join(', ')}`, { status: 405 });
    }),
  );
}

async function answering(ctx: Context, room: ApiRoom, work: () => Promise<void>): Promise<void> {
  try {
    const wait = await room.web.limits.take('services', addressKey(ctx.ip));
    if (wait !== undefined) {
      ctx.set('Retry-After', String(wait));
      throw new Refused('too_many_requests', 'more requests in a minute than are allowed', { status: 429 });
    }
    await work();
  } catch (error) {
    showProblem(ctx, room.web.log, error);
  }
}

async function run(
  ctx: Context,
  params: Readonly<Record<string, string>>,
  { room, idempotency, route }: { room: ApiRoom; idempotency: Idempotency; route: ApiRoute },
): Promise<void> {
  const { clientId, scope, by } = await admitted(ctx, room, route);
  const text = route.request ? await readJson(ctx) : '';
  const visit = { scope, by, params, query: queryOf(ctx, route), body: undefined };
  const work = async () => {
    const current = await route.current?.(visit);
    if (current !== undefined) refuseUnlessCurrent(ctx.get('if-match'), current);
    return route.answer({ ...visit, current, body: text === '' ? undefined : jsonValue(text) });
  };
  const key = ctx.get('idempotency-key');
  if (route.method !== 'POST' || key === '') {
    const answer = await work();
    send(ctx, kept(route, answer, room, visit), answer.secret);
    return;
  }
  let secret: string | null | undefined;
  const first = await idempotency.once(clientId, key, [ctx.method, ctx.path, text], async () => {
    const answer = await work();
    ({ secret } = answer);
    return kept(route, answer, room, visit);
  });
  send(ctx, first, secret);
}

/**
 * Who asks, and what of the union she may see.
 * @throws Refused `token_missing`, `token_invalid` (401), `role_missing` (403)
 */
async function admitted(ctx: Context, room: ApiRoom, route: ApiRoute) {
  const [, value] = /^Bearer ([\w.~+/-]+=*)$/i.exec(ctx.get('authorization')) ?? [];
  if (value === undefined)
    throw new Refused('token_missing', 'Authorization: Bearer, with a token for this API', { status: 401 });
  const token = await room.token(value);
  if (!token)
    throw new Refused('token_invalid', 'the token is unknown, has expired or is for something else', {
      status: 401,
    });
  const { id: clientId, entity } = token.client;
  const by = { actor: { kind: 'client', id: clientId }, via: 'api', address: ctx.ip } as const;
  const grants = token.scopes.filter(isRole).map((role): Grant => ({
    id: clientId,
    role,
    name: clientId,
    entityId: isForOneBody(role) ? entity : undefined,
  }));
  const scope: Scope | undefined = scopeOf(grants, OPERATIONS[route.operation]);
  if (scope) return { clientId, scope, by };
  await room.store.transaction((transaction) =>
    room.trail.append(transaction, {
      at: room.clock.now(),
      action: route.operation,
      outcome: 'refused',
      ...by,
    }),
  );
  const allowed = OPERATIONS[route.operation].join(', ');
  throw new Refused('role_missing', `the token's scope has none of: ${allowed}`, { status: 403 });
}

async function readJson(ctx: Context): Promise<string> {
  if (!ctx.is('application/json'))
    throw new Refused('not_json', 'only application/json is accepted', { status: 415 });
  return bodyText(await readBody(ctx.req, LARGEST_BODY));
}

/** @throws Refused `query_unknown` */
function queryOf(ctx: Context, { query = [] }: ApiRoute): ApiVisit<unknown>['query'] {
  const given = Object.entries(ctx.query);
  for (const [name, value] of given) {
    if (!(query as readonly string[]).includes(name) || typeof value !== 'string')
      throw new Refused('query_unknown', `query: allowed, once each: ${query.join(', ') || 'nothing'}`);
  }
  return Object.fromEntries(given);
}

/** @throws Refused `precondition_required` (428), `precondition_failed` (412) */
function refuseUnlessCurrent(given: string, current: string): void {
  if (given === '')
    throw new Refused('precondition_required', 'If-Match: the ETag of what you have seen', { status: 428 });
  const tags = given.split(',').map((tag) => tag.trim());
  if (!tags.includes(current))
    throw new Refused('precondition_failed', 'it was changed since you have seen it: read it again', {
      status: 412,
    });
}

/** An answer as it may be kept and given again. */
function kept(
  route: ApiRoute,
  { body, secret, etag, location, next, waits }: ApiAnswer,
  { web }: ApiRoom,
  { query }: Pick<ApiVisit<unknown>, 'query'>,
): KeptAnswer {
  const status = waits ? 202 : route.status;
  const nextPage = next && new URLSearchParams({ ...query, cursor: next }).toString();
  return {
    status,
    headers: {
      ...(etag ? { etag } : {}),
      ...(location ? { location: `${web.publicUrl}${API_PATH}${location}` } : {}),
      ...(nextPage ? { link: `<?${nextPage}>; rel="next"` } : {}),
    },
    body:
      status === 204
        ? ''
        : JSON.stringify(secret === undefined ? body : { ...(body as object), secret: null }),
  };
}

function send(ctx: Context, answer: KeptAnswer, secret: string | null | undefined): void {
  ctx.status = answer.status;
  ctx.set({ ...answer.headers });
  ctx.set('Cache-Control', 'no-store');
  if (answer.status === 204) return;
  ctx.type = 'json';
  ctx.body =
    typeof secret === 'string'
      ? JSON.stringify({ ...(JSON.parse(answer.body) as object), secret })
      : answer.body;
}

function pathPattern(path: string): RegExp {
  return new RegExp(`^${API_PATH}${path.replace(/:\w+/g, '[^/]+')}$`);
}
