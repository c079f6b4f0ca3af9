import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { Refused } from '../operations/errors.ts';
import { newReference } from '../operations/reference.ts';
import type { PortalSession } from '../portal/sessions.ts';
import { frameFor } from '../web/app.ts';
import { applyPolicy } from '../web/headers.ts';
import { html } from '../web/html.ts';
import { languageOf } from '../web/language.ts';
import { consoleMessages } from '../web/messages/console.ts';
import { OPERATIONS } from './operations.ts';
import { mountInvitation } from './invitation-door.ts';
import { consolePage } from './pages/frame.ts';
import { confirmedPage, keptFormPage } from './pages/kept-form.ts';
import { noRolePage } from './pages/no-role.ts';
import { scopeOf } from './roles.ts';
import type { Answer, ConsoleRoom, ConsoleRoute, Visit } from './room.ts';
import { administratorRoutes } from './routes/administrators.ts';
import { auditRoutes } from './routes/audit.ts';
import { invitationRoutes } from './routes/invitations.ts';
import { keyRoutes } from './routes/keys.ts';
import { entityRoutes } from './routes/entities.ts';
import { loginRoutes } from './routes/logins.ts';
import { pinRoutes } from './routes/pins.ts';
import { providerRoutes } from './routes/providers.ts';
import { registrationTokenRoutes } from './routes/registration-tokens.ts';
import { reportRoutes } from './routes/reports.ts';
import { registerRoutes } from './routes/register.ts';
import { serviceRoutes } from './routes/services.ts';
import { settingsRoutes } from './routes/settings.ts';
import { traceRoutes } from './routes/trace.ts';

/** Dangerous acts need an authentication not older than this, in minutes. */
const CONFIRMED_MINUTES = 10;

/** Where somebody authenticates anew for a form that waits in another tab. */
const CONFIRM = '/confirm';

/** In the address that somebody comes back to who had to authenticate anew: her act was not done, and has to be repeated. */
const REPEAT = 'repeat';

/** Every page and act of the console: who may do what is said by the operation of each. */
export function consoleRoutes(room: ConsoleRoom): ConsoleRoute[] {
  return [
    ...serviceRoutes(room),
    ...registrationTokenRoutes(room),
    ...entityRoutes(room),
    ...providerRoutes(room),
    ...pinRoutes(room),
    ...loginRoutes(room),
    ...traceRoutes(room),
    ...registerRoutes(room),
    ...reportRoutes(room),
    ...administratorRoutes(room),
    ...invitationRoutes(room),
    ...keyRoutes(room),
    ...auditRoutes(room),
    ...settingsRoutes(room),
  ];
}

/** The console at /admin. */
export function mountConsole(router: Router, room: ConsoleRoom): void {
  const { door } = room;
  const at = door.area.path;
  door.mount(router);
  router.get(at, async (ctx) => {
    const session = await door.enter(ctx);
    if (!session) return;
    const grants = await room.administrators.grantsOf(session.person);
    if (grants.length === 0) showNoRole(ctx, room, session);
    else ctx.redirect(`${at}/services`);
  });
  router.get(`${at}${CONFIRM}`, async (ctx) => {
    const session = await door.enter(ctx);
    if (!session || !(await door.confirmed(ctx, session, CONFIRMED_MINUTES, ctx.path))) return;
    applyPolicy(ctx, { leadsTo: [] }, room.web.publicUrl);
    ctx.type = 'html';
    ctx.body = confirmedPage(frameFor(ctx, room.web, languageOf(ctx)));
  });
  mountInvitation(router, room);
  for (const route of consoleRoutes(room)) {
    router[route.method === 'GET' ? 'get' : 'post'](`${at}${route.path}`, (ctx) =>
      run(ctx, ctx.params, room, route),
    );
  }
}

/** Of a form whether it is only to be shown anew. */
interface Received {
  readonly session: PortalSession | undefined;
  readonly fields: Visit['fields'];
  readonly shows?: boolean;
}

async function run(
  ctx: Context,
  params: Readonly<Record<string, string>>,
  room: ConsoleRoom,
  route: ConsoleRoute,
): Promise<void> {
  const { door } = room;
  const form: Received | undefined =
    route.method === 'POST'
      ? await formOf(ctx, params, room, route)
      : { session: await door.enter(ctx), fields: new Map() };
  if (!form?.session) return;
  const { session, fields, shows = false } = form;
  const by = {
    actor: { kind: 'person', person: session.person, name: session.name },
    via: 'console',
    address: ctx.ip,
  } as const;
  const grants = await room.administrators.grantsOf(session.person);
  const scope = scopeOf(grants, OPERATIONS[route.operation]);
  if (!scope) {
    await room.store.transaction((transaction) =>
      room.trail.append(transaction, {
        at: room.clock.now(),
        action: route.operation,
        outcome: 'refused',
        ...by,
      }),
    );
    showNoRole(ctx, room, session);
    return;
  }
  const visit: Visit = { session, grants, scope, by, params, fields, language: languageOf(ctx) };
  if (shows && route.again) {
    await send(ctx, room, visit, await route.again(visit));
    return;
  }
  if (route.confirmedFrom && !(await isConfirmed(ctx, room, visit, route))) return;
  await send(ctx, room, visit, await answerOrRefusal(route, visit, ctx));
}

/** Whether she has authenticated just now; if not she is asked to, and what she typed into a form that takes time is kept. */
async function isConfirmed(
  ctx: Context,
  room: ConsoleRoom,
  { session, params, fields }: Visit,
  { confirmedFrom, keptFor }: ConsoleRoute,
): Promise<boolean> {
  const { door } = room;
  const at = door.area.path;
  const back = `${at}${confirmedFrom?.(params) ?? ''}?${REPEAT}`;
  if (!keptFor || door.isRecent(session, CONFIRMED_MINUTES))
    return door.confirmed(ctx, session, CONFIRMED_MINUTES, back);
  ctx.status = 403;
  showKept(ctx, room, { why: 'old', door: `${at}${CONFIRM}`, action: `${at}${keptFor(params)}`, fields });
  return false;
}

function showKept(ctx: Context, { web }: ConsoleRoom, data: Parameters<typeof keptFormPage>[1]): void {
  applyPolicy(ctx, { leadsTo: [] }, web.publicUrl);
  ctx.type = 'html';
  const frame = { ...frameFor(ctx, web, languageOf(ctx)), alternateUrl: undefined };
  ctx.body = keptFormPage(frame, data);
}

/** A form of the session that is there; what was typed into a long one of another session is kept, on a page. */
async function formOf(
  ctx: Context,
  params: Readonly<Record<string, string>>,
  room: ConsoleRoom,
  { keptFor, confirmedFrom, again }: ConsoleRoute,
): Promise<Received | undefined> {
  const { door } = room;
  if (!keptFor) return door.form(ctx);
  const { session, fields, genuine } = await door.received(ctx);
  const action = `${door.area.path}${keptFor(params)}`;
  // To show a form anew does nothing that anybody could be lured into.
  const onlyShows = again !== undefined || confirmedFrom === undefined;
  const shows = onlyShows && ctx.path === action && fields.get('step') === 'change';
  if (session && (genuine || shows)) return { session, fields, shows };
  ctx.status = session ? 403 : 401;
  showKept(ctx, room, { why: 'over', door: door.area.path, action, fields });
  return undefined;
}

/** What cannot be done is said in words, on a page of the console. */
async function answerOrRefusal(route: ConsoleRoute, visit: Visit, ctx: Context): Promise<Answer> {
  try {
    return await route.answer(visit, ctx);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const text = consoleMessages[visit.language];
    const reasons: Readonly<Record<string, string>> = text.refusals;
    return {
      title: text.refused,
      status: error.status,
      body: html`<div role="alert"><p class="lead">${reasons[error.code] ?? text.refusedOtherwise}</p></div>`,
    };
  }
}

async function send(ctx: Context, room: ConsoleRoom, visit: Visit, answer: Answer): Promise<void> {
  const at = room.door.area.path;
  if ('goTo' in answer) {
    ctx.status = 303;
    ctx.redirect(`${at}${answer.goTo}`);
    return;
  }
  if ('file' in answer) {
    const { name, type, bytes } = answer.file;
    if (!(bytes instanceof Uint8Array)) await begun(bytes, room);
    ctx.attachment(name);
    ctx.type = type;
    ctx.body = bytes instanceof Uint8Array ? Buffer.from(bytes) : bytes;
    return;
  }
  ctx.status = answer.status ?? 200;
  applyPolicy(ctx, { leadsTo: [], ownScripts: answer.script !== undefined }, room.web.publicUrl);
  ctx.type = 'html';
  ctx.body = consolePage(frameFor(ctx, room.web, visit.language), {
    ...answer,
    notice: REPEAT in ctx.query ? consoleMessages[visit.language].repeat : undefined,
    at: ctx.path,
    visit,
  });
}

/** Waits for the first bytes of a file: what fails before them is said on a page; what fails later, in the log alone. */
async function begun(bytes: Readable, { web }: ConsoleRoom): Promise<void> {
  await once(bytes, 'readable');
  bytes.on('error', (error) => web.log.failure(error, { reference: newReference() }));
}

function showNoRole(ctx: Context, room: ConsoleRoom, session: PortalSession): void {
  ctx.status = 403;
  applyPolicy(ctx, { leadsTo: [] }, room.web.publicUrl);
  ctx.type = 'html';
  ctx.body = noRolePage(frameFor(ctx, room.web, languageOf(ctx)), {
    name: session.name,
    invitation: `${room.door.area.path}/invitation`,
    signOut: { action: `${room.door.area.path}/sign-out`, csrf: session.csrf },
  });
}
