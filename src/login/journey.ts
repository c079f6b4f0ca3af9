import type Router from '@koa/router';
import type { Context } from 'koa';
import { Refused } from '../operations/errors.ts';
import type { Journey } from '../sources/source.ts';
import { readOwnForm } from '../web/form.ts';
import { languageOf } from '../web/language.ts';
import { arrive, continuation } from './arrive.ts';
import { back } from './back.ts';
import { confirm } from './confirm.ts';
import { send } from './depart.ts';
import { finish } from './finish.ts';
import { showFailure, showLostLogin } from './problems.ts';
import type { LoginRoom } from './room.ts';
import { departFor, openLogin, start } from './start.ts';
import { mountSignOut } from './sign-out.ts';
import { showTested } from './tested.ts';

/** The part of a router's context that is needed here. */
type RoutedContext = Context & { readonly params: Readonly<Record<string, string>> };

/**
 * The login path, step by step: start → choose → depart → (the provider) → arrive → finish. The first three and the
 * last are pages here; arrive is called by the source that received the provider's answer.
 */
export function mountJourney(router: Router, room: LoginRoom): Journey {
  /** A step on a login that this browser has (no longer) gets a page that says so. */
  const step = (run: (ctx: Context, uid: string) => Promise<void>) => async (ctx: RoutedContext) => {
    const { uid = '' } = ctx.params;
    try {
      await run(ctx, uid);
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'login_unknown') throw error;
      await showLostLogin(ctx, room, uid);
    }
  };
  router.get(
    '/login/:uid',
    step((ctx, uid) => start(ctx, room, uid)),
  );
  router.post(
    '/login/:uid/depart',
    step(async (ctx, uid) => {
      const form = await readOwnForm(ctx, room.publicUrl);
      await departFor(ctx, room, await openLogin(ctx, room, uid), form.get('provider') ?? '');
    }),
  );
  router.post(
    '/login/:uid/confirm',
    step((ctx, uid) => confirm(ctx, room, uid)),
  );
  router.get(
    '/login/:uid/finish',
    step((ctx, uid) => finish(ctx, room, uid)),
  );
  router.post(
    '/login/:uid/back',
    step((ctx, uid) => back(ctx, room, uid)),
  );

  mountSignOut(router, room);

  const journey: Journey = {
    arrive: (transaction, uid, identity) => arrive(room, transaction, uid, identity),
    continuation,
    async end(transaction, { provider, nameId, sessionIndex }) {
      const closed = await room.identities.ofUpstreamSession(transaction, provider, nameId, sessionIndex);
      const ids = closed.map(({ id }) => id);
      await room.provider.end(transaction, await room.identities.forget(transaction, ids));
      return closed.map((identity) => identity.transaction);
    },
    signedOut: (transaction, id, outcome) => room.signOuts.settle(transaction, id, outcome),
    send: (ctx, departure, providerName) => send(ctx, room, departure, providerName, languageOf(ctx)),
    showTested: (ctx, login) => showTested(ctx, room, login),
    fail: (ctx, failure) => showFailure(ctx, room, failure),
  };
  for (const source of room.sources) source.mount(router, journey);
  return journey;
}
