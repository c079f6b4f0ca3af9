import type Router from '@koa/router';
import type { Context } from 'koa';
import { clientNames } from '../clients/names.ts';
import { attributesOfClaims } from '../identity/claims.ts';
import type { Language } from '../identity/language.ts';
import { hashInput } from '../identity/persons.ts';
import type { KeyedHash } from '../keys/keyed-hash.ts';
import type { Clock } from '../operations/clock.ts';
import type { Log } from '../operations/log.ts';
import type { Door } from '../portal/portal.ts';
import type { PortalSession } from '../portal/sessions.ts';
import { accessesOf, allAccessesOf, reportAccess, type Access } from '../register/accesses.ts';
import { placeIn, writtenPlace } from '../register/search.ts';
import type { Store } from '../store/store.ts';
import { frameFor, type WebOptions } from '../web/app.ts';
import { applyPolicy } from '../web/headers.ts';
import { languageOf } from '../web/language.ts';
import { messages } from '../web/messages/index.ts';
import { accessesPage, reportPlace, type ShownAccess } from './page.ts';

export interface AccessesOptions {
  readonly web: Omit<WebOptions, 'cookieKeys'>;
  readonly door: Door;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly personHash: KeyedHash;
  readonly claimsPrefix: string;
  /** What citizens call a provider; undefined when it is no longer known. */
  readonly providerName: (entityId: string) => string | undefined;
}

/** "I miei accessi" at /accessi: a citizen sees where she entered, takes it with her, and reports what was not hers. */
export function mountAccesses(router: Router, options: AccessesOptions): void {
  const { web, door, store, clock, log } = options;
  const { path } = door.area;
  door.mount(router);
  router.get(path, async (ctx) => {
    const session = await door.enter(ctx);
    if (!session) return;
    const language = languageOf(ctx);
    const place = placeIn(ctx.query['after']);
    const found = await accessesOf(store.db, hashesOf(options, session), place);
    const accesses = (await named(options, found.accesses, language)).map((access) =>
      shown(access, language),
    );
    const more = found.more && `${path}?after=${writtenPlace(found.more)}`;
    const after = place ? writtenPlace(place) : '';
    unseen(ctx, web.publicUrl);
    ctx.type = 'html';
    ctx.body = accessesPage(frameFor(ctx, web, language), {
      accesses,
      more,
      path,
      csrf: session.csrf,
      after,
    });
  });
  router.get(`${path}/download`, async (ctx) => {
    const session = await door.enter(ctx);
    if (!session) return;
    unseen(ctx, web.publicUrl);
    ctx.attachment('accessi.json');
    ctx.type = 'json';
    const all = await allAccessesOf(store.db, hashesOf(options, session));
    ctx.body = JSON.stringify(await named(options, all, languageOf(ctx)), null, 2);
  });
  router.post(`${path}/not-mine`, async (ctx) => {
    const form = await door.form(ctx);
    if (!form) return;
    const { session, fields } = form;
    const access = { transactionId: fields.get('transaction') ?? '', clientId: fields.get('client') ?? '' };
    await reportAccess(store, hashesOf(options, session), access, clock.now());
    log.event({ event: 'access_reported', client: access.clientId });
    ctx.status = 303;
    // Back to where it was said, on the same page: what the browser goes to is what a screen reader reads out.
    const place = placeIn(fields.get('after'));
    ctx.redirect(`${path}${place ? `?after=${writtenPlace(place)}` : ''}#${reportPlace(access)}`);
  });
}

function hashesOf({ personHash }: AccessesOptions, { person }: PortalSession): string[] {
  return personHash.candidates(hashInput(person)).map(({ hash }) => hash);
}

/** An access with the names that people know, beside the ids that programs know. */
interface NamedAccess extends Access {
  readonly service: string;
  readonly providerName: string;
  /** What the service read of her. */
  readonly read: readonly string[];
}

async function named(
  options: AccessesOptions,
  accesses: readonly Access[],
  language: Language,
): Promise<NamedAccess[]> {
  const names = await clientNames(options.store.db, [...new Set(accesses.map(({ clientId }) => clientId))]);
  return accesses.map((access) => ({
    ...access,
    // A service that was removed since is called by its id.
    service: names.get(access.clientId)?.[language] ?? access.clientId,
    providerName: options.providerName(access.provider) ?? access.provider,
    read: attributesOfClaims(access.claims, options.claimsPrefix).map(
      (name) => messages(language).attributes[name],
    ),
  }));
}

function shown({ at, providerName, ...access }: NamedAccess, language: Language): ShownAccess {
  const when = new Intl.DateTimeFormat(language, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'Europe/Rome',
  });
  return { ...access, provider: providerName, when: when.format(at) };
}

/** Nobody else who uses this browser afterwards finds the page in its memory. */
function unseen(ctx: Context, publicUrl: string): void {
  applyPolicy(ctx, { leadsTo: [] }, publicUrl);
  ctx.set('Cache-Control', 'no-store');
}
