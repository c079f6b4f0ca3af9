import type Provider from 'oidc-provider';
import type { Client as LibraryClient, KoaContextWithOIDC } from 'oidc-provider';
import { isOwn } from '../clients/client.ts';
import { sectorOf } from '../clients/sector.ts';
import { registered } from './client-metadata.ts';
import type { Endings } from './endings.ts';
import type { LogoutNotice, LogoutNotices, Send } from './logout-notices.ts';
import { ownSid } from './own-pages.ts';
import type { ClosedSession, ProviderOptions } from './options.ts';

/** Remembers for the page after a logout what was closed; of this browser, signed, and short. */
const CLOSED_COOKIE = 'gateway_closed';
const CLOSED_MS = 5 * 60 * 1000;

interface NotifiedClient {
  backchannelLogout(personId: string, sid: string): Promise<void>;
}

interface SessionOfClients {
  readonly uid: string;
  ensureClientContainer(clientId: string): void;
  sidFor(clientId: string, sid: string): void;
}

/**
 * Makes the library hand its logout messages to us, where it would send each once and forget it.
 * @returns how one message of the queue is sent: signed by the library, through its guard against private addresses
 */
export function queueNotices(provider: Provider, notices: LogoutNotices, options: ProviderOptions): Send {
  const prototype = provider.Client.prototype as unknown as NotifiedClient;
  const send = Object.getOwnPropertyDescriptor(prototype, 'backchannelLogout')?.value as (
    this: LibraryClient,
    personId: string,
    sid: string,
  ) => Promise<void>;
  prototype.backchannelLogout = function (this: LibraryClient, personId, sid) {
    return notices.tell(options.store.db, { clientId: this.clientId, personId, sid });
  };
  return async ({ clientId, personId, sid }) => {
    const client = await provider.Client.find(clientId);
    // A suspended service may still show a citizen's data: it is told when it is live again, within a day.
    if (!client && (await options.clients.state(clientId)) === 'suspended') return 'suspended';
    // Who was removed, or wants to hear no more, has been told everything.
    if (!client?.backchannelLogoutUri) return undefined;
    try {
      await send.call(client, personId, sid);
      return undefined;
    } catch (error) {
      const status = (error as { response?: { status?: unknown } }).response?.status;
      return typeof status === 'number' ? `http_${status}` : 'unreachable';
    }
  };
}

/** Gives our own pages a `sid` that lasts; those of services are random, one for each session of a client. */
export function keepOwnSids(provider: Provider): void {
  const prototype = provider.Session.prototype as unknown as SessionOfClients;
  const ensure = Object.getOwnPropertyDescriptor(prototype, 'ensureClientContainer')?.value as (
    this: SessionOfClients,
    clientId: string,
  ) => void;
  prototype.ensureClientContainer = function (this: SessionOfClients, clientId) {
    if (isOwn({ id: clientId })) this.sidFor(clientId, ownSid(this.uid));
    else ensure.call(this, clientId);
  };
}

/** After a logout: forgets what the session stood on, and notes what was closed for the page that says it. */
export function forgetAfterLogout(options: ProviderOptions, endings: Endings) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    const session = ctx.oidc?.route === 'end_session_confirm' ? ctx.oidc.session : undefined;
    if (!session?.accountId || !(session as { destroyed?: boolean }).destroyed) return;
    const identities = await options.identities.ofSession(session.uid);
    const late = await noticesForSuspended(options, session);
    await options.store.transaction(async (transaction) => {
      const ids = identities.map(({ id }) => id);
      await endings.end(transaction, await options.identities.forget(transaction, ids));
      await options.notices.tellOwnPages(transaction, { sid: ownSid(session.uid) });
      for (const notice of late) await options.notices.tell(transaction, notice);
    });
    const closed: ClosedSession = {
      clients: Object.keys(session.authorizations ?? {}),
      providerMayRemember: identities.some(({ session: upstream }) => upstream !== undefined),
    };
    const value = Buffer.from(JSON.stringify(closed)).toString('base64url');
    ctx.cookies.set(CLOSED_COOKIE, value, {
      signed: true,
      httpOnly: true,
      overwrite: true,
      sameSite: 'lax',
      path: '/oidc/logout/success',
      maxAge: CLOSED_MS,
      secure: options.publicUrl.startsWith('https:'),
    });
    const returnTo = ctx.response.get('Location');
    // Somebody else is signing in: she goes on with that, and has no session of the one before to leave.
    if (returnTo.startsWith(`${options.publicUrl}/oidc/auth/`)) return;
    const onward = await options.leaveProvider(identities, { clients: closed.clients, returnTo });
    if (onward !== undefined) ctx.redirect(onward);
  };
}

/** The library tells live clients only; a suspended one is told when it is live again. */
async function noticesForSuspended(
  { clients }: ProviderOptions,
  { accountId: personId, authorizations }: NonNullable<KoaContextWithOIDC['oidc']['session']>,
): Promise<LogoutNotice[]> {
  const notices: LogoutNotice[] = [];
  for (const [clientId, { sid }] of Object.entries(authorizations ?? {})) {
    if (sid && personId && (await clients.state(clientId)) === 'suspended')
      notices.push({ clientId, personId, sid });
  }
  return notices;
}

/** Takes back the library's note that a grant outlives the logout, which it makes where tokens are not bound to sessions. */
export function endAtLogout(ctx: KoaContextWithOIDC): void {
  const { session, client } = ctx.oidc;
  const authorization = client && session?.authorizations?.[client.clientId];
  if (authorization) authorization.persistsLogout = false;
}

/** What the logout just before closed, as this browser remembers it. */
export function closedBefore(ctx: KoaContextWithOIDC): ClosedSession | undefined {
  const value = ctx.cookies.get(CLOSED_COOKIE, { signed: true });
  return value ? (JSON.parse(Buffer.from(value, 'base64url').toString('utf8')) as ClosedSession) : undefined;
}

/**
 * Whether a logout request proves that it comes from a service the citizen entered: it carries the ID token of the
 * person who is signed in here. Then there is nothing to ask her.
 */
export function provesItself(options: ProviderOptions, ctx: KoaContextWithOIDC): boolean {
  const { client, session } = ctx.oidc;
  const hint = ctx.oidc.entities.IdTokenHint as { payload: { sub?: unknown; sid?: unknown } } | undefined;
  if (!hint || !client || !session?.accountId) return false;
  const sid = hint.payload.sid ?? session.sidFor(client.clientId);
  return (
    hint.payload.sub === options.subject(sectorOf(registered(client)), session.accountId) &&
    sid === session.sidFor(client.clientId)
  );
}
