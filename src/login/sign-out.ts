import type Router from '@koa/router';
import type { Context } from 'koa';
import type { RecordedIdentity } from '../identity/identities.ts';
import { Refused } from '../operations/errors.ts';
import type { IdentitySource } from '../sources/source.ts';
import { applyPolicy } from '../web/headers.ts';
import { readOwnForm } from '../web/form.ts';
import { languageOf } from '../web/language.ts';
import { signOutPage } from '../web/pages/sign-out.ts';
import { send } from './depart.ts';
import { frameOf, problemFrame, type LoginRoom } from './room.ts';
import type { SignOut, SignOuts } from './sign-outs.ts';

/**
 * After a citizen has left here: whether she can leave her provider too, which exists at level 1 only
 * (spid-register-and-logout, 3.4). Everything here is closed already and stays so, whatever the provider does.
 * @param closed the clients that were closed, and where the service wants the citizen back
 * @returns the path of the page that offers it; undefined when there is nothing to offer
 */
export async function offerSignOut(
  { sources, signOuts }: { readonly sources: readonly IdentitySource[]; readonly signOuts: SignOuts },
  identities: readonly RecordedIdentity[],
  closed: { readonly clients: readonly string[]; readonly returnTo: string },
): Promise<string | undefined> {
  for (const { source: kind, entityId, provider, level, session, transaction } of identities) {
    const source = sources.find((one) => one.kind === kind);
    if (level === 1 && session && source?.closesSessions(provider))
      return signOuts.open({ source: kind, entityId, provider, session, transaction, ...closed });
  }
  return undefined;
}

type RoutedContext = Context & { readonly params: Readonly<Record<string, string>> };

/** The page of a sign-out, before, during and after; and the step to the provider. */
export function mountSignOut(router: Router, room: LoginRoom): void {
  router.get('/logout/:ticket', async (ctx: RoutedContext) => {
    await show(ctx, room, await signOutOf(ctx, room));
  });
  router.post('/logout/:ticket', async (ctx: RoutedContext) => {
    await readOwnForm(ctx, room.publicUrl);
    const signOut = await signOutOf(ctx, room);
    const source = room.sources.find(({ kind }) => kind === signOut.source);
    const departure = await room.transaction(async (transaction) =>
      source && (await room.signOuts.leave(transaction, signOut.id))
        ? source.closeSession(transaction, signOut)
        : undefined,
    );
    // Pressed twice, or come back to: the page tells how far it is.
    if (!departure) await show(ctx, room, await signOutOf(ctx, room));
    else send(ctx, room, departure, nameOf(room, signOut), languageOf(ctx));
  });
}

/** @throws Refused `sign_out_over` (404) */
async function signOutOf(ctx: RoutedContext, room: LoginRoom): Promise<SignOut> {
  const signOut = await room.signOuts.find(ctx.params['ticket'] ?? '');
  if (!signOut) throw new Refused('sign_out_over', 'no such sign-out, or no longer', { status: 404 });
  return signOut;
}

async function show(ctx: Context, room: LoginRoom, signOut: SignOut): Promise<void> {
  const language = languageOf(ctx);
  const clients = await Promise.all(signOut.clients.map((id) => room.clients.find(id)));
  // The provider's own redirects are not ours to know.
  const anywhere = room.publicUrl.startsWith('https:') ? ['https:'] : ['https:', 'http:'];
  applyPolicy(ctx, { leadsTo: anywhere }, room.publicUrl);
  ctx.type = 'html';
  // How far it is can be asked for as often as she likes; leaving can not.
  const frame = ctx.method === 'GET' ? frameOf(room, ctx, language) : problemFrame(room, language);
  ctx.body = signOutPage(frame, {
    outcome: signOut.outcome,
    provider: nameOf(room, signOut),
    services: clients.flatMap((client) => (client ? [client.name[language]] : [])),
    action: signOut.path,
    // Our own page of goodbye would only say once more what this one says.
    returnTo: new URL(signOut.returnTo).origin === room.publicUrl ? undefined : signOut.returnTo,
  });
}

function nameOf(room: LoginRoom, { source, provider }: SignOut): string {
  return room.sources.find(({ kind }) => kind === source)?.nameOf(provider) ?? provider;
}
