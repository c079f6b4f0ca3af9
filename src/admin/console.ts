import type Router from '@koa/router';
import type { Door } from '../portal/portal.ts';
import { frameFor, type WebOptions } from '../web/app.ts';
import { applyPolicy } from '../web/headers.ts';
import { languageOf } from '../web/language.ts';
import { noRolePage } from './pages/no-role.ts';

export interface ConsoleOptions {
  readonly web: Omit<WebOptions, 'cookieKeys'>;
  readonly door: Door;
}

/** The console at /admin. */
export function mountConsole(router: Router, { web, door }: ConsoleOptions): void {
  door.mount(router);
  router.get(door.area.path, async (ctx) => {
    const session = await door.enter(ctx);
    if (!session) return;
    ctx.status = 403;
    applyPolicy(ctx, { leadsTo: [] }, web.publicUrl);
    ctx.type = 'html';
    ctx.body = noRolePage(frameFor(ctx, web, languageOf(ctx)), {
      name: session.name,
      signOut: { action: `${door.area.path}/sign-out`, csrf: session.csrf },
    });
  });
}
