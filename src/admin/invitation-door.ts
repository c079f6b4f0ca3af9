import type Router from '@koa/router';
import type { Context } from 'koa';
import { Refused } from '../operations/errors.ts';
import type { PortalSession } from '../portal/sessions.ts';
import { frameFor } from '../web/app.ts';
import { applyPolicy } from '../web/headers.ts';
import { languageOf } from '../web/language.ts';
import { closedLinkPage, invitationPage, linkPage, type InvitationProblem } from './pages/invitation.ts';
import type { ConsoleRoom } from './room.ts';

/**
 * Where whoever has a code or a link gets her role: the only pages of the console that need none. Opening a link does
 * nothing yet: what opens links by itself, such as a mail filter, uses none up.
 */
export function mountInvitation(router: Router, room: ConsoleRoom): void {
  const { door, invitations } = room;
  const path = `${door.area.path}/invitation`;

  router.get(path, async (ctx) => {
    const session = await door.enter(ctx);
    if (session) show(ctx, room, 200, invitationPage(pageFrame(ctx, room), about(session)));
  });

  router.get(`${path}/:code`, async (ctx) => {
    const session = await door.enter(ctx);
    if (!session) return;
    const code = ctx.params['code'] ?? '';
    try {
      const invitation = await invitations.look(code, session.person);
      const language = languageOf(ctx);
      const entity = room.entities.get(invitation.entityId)?.organization.displayName[language];
      const data = { ...about(session), invitation, code, entity: entity ?? invitation.entityId };
      show(ctx, room, 200, linkPage(pageFrame(ctx, room), data));
    } catch (error) {
      await refuse(ctx, room, session, error);
    }
  });

  router.post(path, async (ctx) => {
    const form = await door.form(ctx);
    if (!form) return;
    const { session, fields } = form;
    const actor = { kind: 'person', person: session.person, name: session.name } as const;
    try {
      await invitations.accept(fields.get('code') ?? '', actor, { via: 'console', address: ctx.ip });
    } catch (error) {
      await refuse(ctx, room, session, error);
      return;
    }
    ctx.status = 303;
    ctx.redirect(door.area.path);
  });

  function about(session: PortalSession) {
    return { action: path, csrf: session.csrf, name: session.name };
  }

  /** Says on a page why, and writes down who tried. */
  async function refuse(ctx: Context, at: ConsoleRoom, session: PortalSession, error: unknown) {
    if (!(error instanceof Refused)) throw error;
    await at.store.transaction((transaction) =>
      at.trail.append(transaction, {
        at: at.clock.now(),
        action: 'invitation.accept',
        outcome: 'refused',
        actor: { kind: 'person', person: session.person, name: session.name },
        via: 'console',
        address: ctx.ip,
        after: { reason: error.code },
      }),
    );
    const problem = PROBLEMS[error.code] ?? 'unknown';
    const status = ctx.method === 'POST' && error.status === 404 ? 400 : error.status;
    const frame = pageFrame(ctx, at);
    const shown =
      ctx.method === 'GET'
        ? closedLinkPage(frame, { console: door.area.path, problem })
        : invitationPage(frame, { ...about(session), problem });
    show(ctx, at, status, shown);
  }
}

const PROBLEMS: Readonly<Record<string, InvitationProblem>> = {
  invitation_used: 'used',
  invitation_expired: 'expired',
  invitation_foreign: 'foreign',
  grant_exists: 'held',
};

/** A link is in the address, so no page in another language is offered from it, nor told to anybody. */
function pageFrame(ctx: Context, { web }: ConsoleRoom) {
  return { ...frameFor(ctx, web, languageOf(ctx)), alternateUrl: undefined };
}

function show(ctx: Context, { web }: ConsoleRoom, status: number, page: string): void {
  ctx.status = status;
  applyPolicy(ctx, { leadsTo: [] }, web.publicUrl);
  ctx.set('Referrer-Policy', 'no-referrer');
  ctx.type = 'html';
  ctx.body = page;
}
