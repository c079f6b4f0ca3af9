import { randomBytes } from 'node:crypto';
import Koa, { type Context } from 'koa';
import * as oidc from 'openid-client';
import { createRouter } from '../web/app.ts';
import { securityHeaders } from '../web/headers.ts';
import { descriptionList } from '../web/description-list.ts';
import { html, type Html } from '../web/html.ts';
import type { Assets } from '../web/static/assets.ts';
import { demoSite, showPage } from './pages.ts';

export interface SuapOptions {
  readonly url: string;
  /** The OpenID Provider's issuer: everything else comes from its discovery document. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly assets: Assets;
}

interface Session {
  /** While the citizen is away, by state: each tab has its own. */
  readonly pending: Map<string, { readonly nonce: string; readonly codeVerifier: string }>;
  citizen?: {
    readonly idToken: string;
    readonly name: string;
    readonly claims: Record<string, unknown>;
    readonly userinfo: Record<string, unknown>;
  };
}

const COOKIE = 'suap_session';
const SCOPE = 'openid profile email';

/** A service of the union: an ordinary application with a stock OpenID client, nothing of the gateway in it. */
export function createSuap(options: SuapOptions): Koa {
  const sessions = new Map<string, Session>();
  const name = { it: 'SUAP – Unione di prova', en: 'SUAP – Trial union' };
  const site = demoSite(name, options.url, options.assets);
  const show = (ctx: Context, title: string, body: Html) => showPage(ctx, site, title, body);
  let discovered: Promise<oidc.Configuration> | undefined;

  /** Discovery alone configures the client; done at first use, so that the gateway may start later. */
  const configuration = () =>
    (discovered ??= oidc
      .discovery(new URL(options.issuer), options.clientId, options.clientSecret, undefined, {
        execute: options.issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [],
      })
      .catch((error: unknown) => {
        discovered = undefined;
        throw error;
      }));

  const sessionOf = (ctx: Context): Session => {
    const known = ctx.cookies.get(COOKIE);
    const session = known ? sessions.get(known) : undefined;
    if (session) return session;
    const id = randomBytes(24).toString('base64url');
    ctx.cookies.set(COOKIE, id, { httpOnly: true, sameSite: 'lax' });
    const fresh: Session = { pending: new Map() };
    sessions.set(id, fresh);
    return fresh;
  };

  const router = createRouter();
  router.get('/', (ctx) => {
    const { citizen } = sessionOf(ctx);
    if (citizen) {
      show(
        ctx,
        `Ecco i tuoi dati, ${citizen.name}`,
        html`<p class="lead">Sei nello sportello unico per le attività produttive.</p>
            ${descriptionList(
              Object.entries({ acr: citizen.claims['acr'], ...citizen.userinfo }).map(([name, value]) => [
                name,
                typeof value === 'string' ? value : JSON.stringify(value),
              ]),
            )}
            <form method="post" action="/logout">
              <button class="btn btn-primary" type="submit">Esci</button>
            </form>`,
      );
    } else {
      show(
        ctx,
        'Sportello unico attività produttive',
        html`<p class="lead">Apri, modifica o segui la tua pratica.</p>
            <a class="btn btn-primary" href="/login">Accedi</a>`,
      );
    }
  });
  router.get('/login', async (ctx) => {
    const codeVerifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    sessionOf(ctx).pending.set(state, { nonce, codeVerifier });
    const url = oidc.buildAuthorizationUrl(await configuration(), {
      redirect_uri: `${options.url}/callback`,
      scope: SCOPE,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      // A developer can try any parameter of the gateway from the address bar.
      ...tried(ctx, ['acr_values', 'prompt', 'max_age', 'ui_locales', 'idp_hint', 'login_hint']),
    });
    ctx.redirect(url.href);
  });
  router.get('/callback', async (ctx) => {
    const session = sessionOf(ctx);
    const state = new URLSearchParams(ctx.querystring).get('state') ?? '';
    const pending = session.pending.get(state);
    session.pending.delete(state);
    if (!pending) {
      ctx.redirect('/');
      return;
    }
    const tokens = await oidc.authorizationCodeGrant(
      await configuration(),
      new URL(`${options.url}${ctx.url}`),
      {
        expectedState: state,
        expectedNonce: pending.nonce,
        pkceCodeVerifier: pending.codeVerifier,
        idTokenExpected: true,
      },
    );
    const claims = tokens.claims();
    if (!claims || !tokens.id_token) throw new Error('no ID token');
    const userinfo = await oidc.fetchUserInfo(await configuration(), tokens.access_token, claims.sub);
    const name = userinfo.name ?? userinfo.sub;
    session.citizen = { idToken: tokens.id_token, name, claims: { ...claims }, userinfo: { ...userinfo } };
    ctx.redirect('/');
  });
  router.get('/code', (ctx) => {
    ctx.type = 'text/plain';
    ctx.body = new URLSearchParams(ctx.querystring).get('code') ?? 'no code';
  });
  router.get('/me.json', (ctx) => {
    const { citizen } = sessionOf(ctx);
    ctx.status = citizen ? 200 : 401;
    ctx.body = citizen ? { id_token: citizen.claims, userinfo: citizen.userinfo } : {};
  });
  router.post('/logout', async (ctx) => {
    const session = sessionOf(ctx);
    const { citizen } = session;
    delete session.citizen;
    const url = citizen
      ? oidc.buildEndSessionUrl(await configuration(), {
          id_token_hint: citizen.idToken,
          post_logout_redirect_uri: `${options.url}/`,
        }).href
      : '/';
    ctx.status = 303;
    ctx.redirect(url);
  });

  const app = new Koa();
  app.silent = true;
  app.use(securityHeaders(options.url));
  app.use(async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      ctx.status = 400;
      show(
        ctx,
        'Accesso non avvenuto',
        html`<p role="alert">${explain(error)}</p>
          <a class="btn btn-primary" href="/">Torna all’inizio</a>`,
      );
    }
  });
  app.use(options.assets.middleware);
  app.use(router.routes());
  return app;
}

function tried(ctx: Context, names: readonly string[]): Record<string, string> {
  const query = new URLSearchParams(ctx.querystring);
  return Object.fromEntries(
    names.flatMap((name) => (query.has(name) ? [[name, query.get(name) ?? '']] : [])),
  );
}

/** What the gateway said, in its standard codes. */
function explain(error: unknown): string {
  if (error instanceof oidc.AuthorizationResponseError) {
    return `L’accesso è stato interrotto (${error.error}${error.error_description ? `: ${error.error_description}` : ''}).`;
  }
  return 'Non è stato possibile completare l’accesso. Riprova.';
}
