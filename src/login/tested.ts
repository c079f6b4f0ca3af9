import type { Context } from 'koa';
import type { Journey } from '../sources/source.ts';
import { languageOf } from '../web/language.ts';
import { testedPage } from '../web/pages/tested.ts';
import { frameOf, type LoginRoom } from './room.ts';

/** The end of a login that no service asked for: a page, and nothing else. */
export function showTested(ctx: Context, room: LoginRoom, login: Parameters<Journey['showTested']>[1]): void {
  ctx.type = 'html';
  ctx.body = testedPage(frameOf(room, ctx, languageOf(ctx)), login);
}
