import { randomBytes, timingSafeEqual } from 'node:crypto';
import type Router from '@koa/router';
import type { Context } from 'koa';
import type { KeyRing } from '../keys/directory.ts';
import type { Clock } from '../operations/clock.ts';
import { Refused } from '../operations/errors.ts';
import type { Store } from '../store/store.ts';
import { frameFor, type WebOptions } from '../web/app.ts';
import { readOwnForm } from '../web/form.ts';
import { applyPolicy } from '../web/headers.ts';
import { languageOf } from '../web/language.ts';
import { notSignedInPage } from '../web/pages/not-signed-in.ts';
import type { Area } from './area.ts';
import { clientSecretsOf } from './client.ts';
import { RelyingParty } from './relying-party.ts';
import { PortalSessions, type PortalSession } from './sessions.ts';
import { sha256, SignIns } from './sign-ins.ts';

export interface PortalOptions {
  readonly web: Omit<WebOptions, 'cookieKeys'>;
  readonly store: Store;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly claimsPrefix: string;
  /** See RelyingPartyOptions. */
  readonly selfUrl: () => string;
  readonly logoutPath: (parameters: URLSearchParams) => Promise<string>;
}

/** Providers' clocks differ from ours by so much at most (spid-response-validation, 5.4). */
const SKEW_MS = 180_000;

/**
 * The door of one area of the gateway's own pages: people sign in through the gateway itself, as at any service
 * (RFC 6749, 4.1; RFC 7636), and get a short session.
 */
export class Door {
  readonly area: Area;
  readonly #options: PortalOptions;
  readonly #relyingParty: RelyingParty;
  readonly #signIns: SignIns;
  readonly #sessions: PortalSessions;
  readonly #secure: boolean;

  constructor(area: Area, options: PortalOptions) {
    const { store, clock, keys, web } = options;
    const [secret] = clientSecretsOf(area, keys);
    this.area = area;
    this.#options = options;
    this.#relyingParty = new RelyingParty(area, { ...options, publicUrl: web.publicUrl, secret });
    this.#signIns = new SignIns(store, keys.cipher, clock);
    this.#sessions = new PortalSessions(area, { store, cipher: keys.cipher, clock });
    this.#secure = web.publicUrl.startsWith('https:');
  }

  /** The way back from the OpenID Provider, and the way out. */
  mount(router: Router): void {
    router.get(`${this.area.path}/callback`, (ctx) => this.#back(ctx));
    router.post(`${this.area.path}/sign-out`, (ctx) => this.#signOut(ctx));
  }

  /** Who is signed in; whoever is not is sent off to sign in and comes back to this very page. */
  async enter(ctx: Context): Promise<PortalSession | undefined> {
    const session = await this.#current(ctx);
    if (!session) await this.#leave(ctx, { returnTo: `${ctx.path}${ctx.search}`, fresh: false });
    return session;
  }

  /**
   * For acts that a forgotten browser must not do: whether she has authenticated within the last `minutes`; if not she
   * is sent off to do so and comes back to `returnTo`, a path of this area.
   */
  async confirmed(ctx: Context, session: PortalSession, minutes: number, returnTo: string): Promise<boolean> {
    if (this.isRecent(session, minutes)) return true;
    await this.#leave(ctx, { returnTo, fresh: true });
    return false;
  }

  /** Whether somebody has authenticated within the last `minutes`. */
  isRecent({ authenticatedAt }: PortalSession, minutes: number): boolean {
    return this.#options.clock.now().getTime() - authenticatedAt.getTime() <= minutes * 60_000;
  }

  /**
   * A form of this area, by whom it was sent.
   * @returns undefined when nobody is signed in any more, who is told so
   * @throws Refused `form_token` (403), and those of readOwnForm
   */
  async form(
    ctx: Context,
  ): Promise<{ session: PortalSession; fields: ReadonlyMap<string, string> } | undefined> {
    const { session, fields, genuine } = await this.received(ctx);
    if (!session) {
      this.#showNotSignedIn(ctx, 401, 'sessionOver');
      return undefined;
    }
    if (!genuine) throw new Refused('form_token', 'the form is not of this session', { status: 403 });
    return { session, fields };
  }

  /**
   * A form of this area, whoever sent it: for answers that keep what was typed and do nothing with it unless it is
   * genuine, of the session that is there.
   * @throws Refused of readOwnForm
   */
  async received(ctx: Context): Promise<{
    readonly session: PortalSession | undefined;
    readonly fields: ReadonlyMap<string, string>;
    readonly genuine: boolean;
  }> {
    const fields = await readOwnForm(ctx, this.#options.web.publicUrl, this.area.largestForm);
    const session = await this.#current(ctx);
    const genuine = session !== undefined && sameText(fields.get('csrf') ?? '', session.csrf);
    return { session, fields, genuine };
  }

  async #current(ctx: Context): Promise<PortalSession | undefined> {
    const id = ctx.cookies.get(this.#cookie('session'), { signed: false });
    return id ? this.#sessions.find(id) : undefined;
  }

  async #leave(ctx: Context, { returnTo, fresh }: { returnTo: string; fresh: boolean }): Promise<void> {
    const { url, secrets } = await this.#relyingParty.begin(languageOf(ctx), fresh);
    await this.#signIns.begin(this.area.id, {
      secrets,
      browserHash: sha256(this.#browser(ctx)),
      returnTo: this.#inside(returnTo),
      fresh,
    });
    ctx.status = 303;
    ctx.redirect(url);
  }

  async #back(ctx: Context): Promise<void> {
    const state = new URLSearchParams(ctx.querystring).get('state') ?? '';
    const browser = ctx.cookies.get(this.#cookie('browser'), { signed: false });
    const signIn = browser && (await this.#signIns.claim(this.area.id, state, sha256(browser)));
    if (!signIn) {
      await this.#backOtherwise(ctx, state, browser !== undefined);
      return;
    }
    const signedIn = await this.#relyingParty
      .redeem(ctx.querystring, signIn.secrets)
      .catch((error: unknown) => {
        if (error instanceof Refused) return error;
        throw error;
      });
    if (signedIn instanceof Refused) {
      this.#showNotSignedIn(ctx, 403);
      return;
    }
    const { fresh, beganAt } = signIn;
    if (fresh && signedIn.authenticatedAt.getTime() < beganAt - SKEW_MS) {
      this.#showNotSignedIn(ctx, 403);
      return;
    }
    // Another tab came back first: its session goes on, or its forms would be of none.
    const current = fresh ? undefined : await this.#current(ctx);
    if (current?.sid !== signedIn.sid || current.sub !== signedIn.sub) {
      const before = ctx.cookies.get(this.#cookie('session'), { signed: false });
      if (before) await this.#sessions.close(before);
      this.#setCookie(ctx, 'session', await this.#sessions.open(signedIn, beganAt));
    }
    ctx.status = 303;
    ctx.redirect(signIn.returnTo);
  }

  /**
   * The back button or a reload: she may be in already. Of several tabs that left at once each was given a cookie, and
   * the browser kept the last: the others go once more, and need not log in again. Without any cookie it would be a circle.
   */
  async #backOtherwise(ctx: Context, state: string, isKnown: boolean): Promise<void> {
    const returnTo = (await this.#signIns.returnTo(this.area.id, state)) ?? this.area.path;
    if (await this.#current(ctx)) {
      ctx.status = 303;
      ctx.redirect(returnTo);
    } else if (isKnown) await this.#leave(ctx, { returnTo, fresh: false });
    else this.#showNotSignedIn(ctx, 400);
  }

  async #signOut(ctx: Context): Promise<void> {
    // Whoever wants to leave is not kept because she is out here already: the OpenID Provider may still know her, and asks.
    const left = (await this.#current(ctx)) ? await this.form(ctx) : { session: undefined };
    if (!left) return;
    const id = ctx.cookies.get(this.#cookie('session'), { signed: false });
    if (id) await this.#sessions.close(id);
    this.#setCookie(ctx, 'session', null);
    ctx.status = 303;
    ctx.redirect(await this.#relyingParty.signOutUrl(left.session?.idToken));
  }

  #showNotSignedIn(ctx: Context, status: number, why: 'notSignedIn' | 'sessionOver' = 'notSignedIn'): void {
    const { web } = this.#options;
    const language = languageOf(ctx);
    ctx.status = status;
    applyPolicy(ctx, { leadsTo: [] }, web.publicUrl);
    ctx.type = 'html';
    ctx.body = notSignedInPage(
      { ...frameFor(ctx, web, language), alternateUrl: undefined },
      { why, area: this.area.name[language], retry: this.area.path },
    );
  }

  /** A path of this area, whatever was asked for. */
  #inside(path: string): string {
    const { pathname, search, origin } = new URL(path, this.#options.web.publicUrl);
    const inside =
      origin === new URL(this.#options.web.publicUrl).origin &&
      (pathname === this.area.path || pathname.startsWith(`${this.area.path}/`)) &&
      pathname !== `${this.area.path}/callback`;
    return inside ? `${pathname}${search}` : this.area.path;
  }

  /** What tells this browser from others while it is away. */
  #browser(ctx: Context): string {
    const known = ctx.cookies.get(this.#cookie('browser'), { signed: false });
    if (known !== undefined) return known;
    const id = randomBytes(24).toString('base64url');
    // Never anew: what one tab knew would take the place of what another was given meanwhile, and both would go round.
    this.#setCookie(ctx, 'browser', id);
    return id;
  }

  #cookie(what: 'session' | 'browser'): string {
    return `${this.#secure ? '__Host-' : 'gateway_'}${this.area.id}-${what}`;
  }

  #setCookie(ctx: Context, what: 'session' | 'browser', value: string | null): void {
    ctx.cookies.set(this.#cookie(what), value, {
      signed: false,
      httpOnly: true,
      overwrite: true,
      sameSite: 'lax',
      secure: this.#secure,
    });
  }
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
