import type { Context } from 'koa';
import type { Login } from '../sources/source.ts';
import { choosePage } from '../web/pages/choose.ts';
import { allowLeaving, frameOf, loginPath, type LoginRoom } from './room.ts';

/** The choice page: who wants to know what and why, and by whom one can prove who one is. */
export function choose(ctx: Context, room: LoginRoom, login: Login): void {
  const { client, language } = login;
  allowLeaving(ctx, room, client);
  ctx.type = 'html';
  ctx.body = choosePage(frameOf(room, ctx, language), {
    service: client.name[language],
    entity: room.entities.get(client.entity)?.organization.displayName[language] ?? '',
    level: login.level,
    attributes: client.attributes
      .filter(({ name }) => login.attributes.includes(name))
      .map(({ name, purpose }) => ({ name, purpose: purpose[language] })),
    offers: room.sources.flatMap((source) => source.offers(login)),
    unavailable: room.sources
      .flatMap((source) => source.unavailable())
      .map(({ name, since, notice }) => ({ name, since, notice: notice[language] })),
    action: `${loginPath(login.uid)}/depart`,
    backAction: `${loginPath(login.uid)}/back`,
  });
}
