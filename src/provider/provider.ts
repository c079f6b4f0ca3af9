import type { Context, Middleware } from 'koa';
import mount from 'koa-mount';
import type Provider from 'oidc-provider';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { ClientRegister } from '../clients/register.ts';
import type { RecordedIdentity, StandingRef } from '../identity/identities.ts';
import { acrOf } from '../identity/level.ts';
import { Refused } from '../operations/errors.ts';
import type { Store, Transaction } from '../store/store.ts';
import { adapterFactory, rememberOnce } from './adapter.ts';
import { configuration } from './configuration.ts';
import { amrOf } from './amr.ts';
import { Endings } from './endings.ts';
import { DISCOVERY, ENDPOINTS, isMethodRefused } from './endpoints.ts';
import { DescribingProvider, ErrorAnswers } from './error-answers.ts';
import type { AuthorizationRequest, Missing } from './facts.ts';
import { KeptRequests } from './kept-requests.ts';
import type { Outcome } from './logout-notices.ts';
import { machineToken, type MachineToken } from './machine-token.ts';
import type { ProviderOptions } from './options.ts';
import { ClientLimits } from './limits.ts';
import { requestFacts, textParameter, words } from './parameters.ts';
import { recordReleases } from './releases.ts';
import { ourForms } from './sent-forms.ts';
import { endAtLogout, forgetAfterLogout, keepOwnSids, queueNotices } from './sign-out.ts';

export interface OpenIdProvider {
  /** Answers discovery and everything below /oidc. */
  readonly middleware: Middleware;
  /**
   * The request behind a login, for the browser it began in.
   * @throws Refused `login_unknown`: no such login, or it has ended; or this browser did not begin it
   */
  authorization(ctx: Context, uid: string): Promise<AuthorizationRequest>;
  /** The citizen has seen as whom she enters, and goes on with the session she has: answers 303. */
  confirm(ctx: Context, uid: string): Promise<void>;
  /** Hands a proved identity to the client: answers 303. May be called again while the login is open. */
  complete(ctx: Context, uid: string, identity: RecordedIdentity): Promise<void>;
  /** Who acts with a token of the client credentials grant at an API of our own; see machine-token.ts. */
  machineToken(value: string, resource: string): Promise<MachineToken | undefined>;
  /** Tells services of logouts, as far as that is due. */
  deliverNotices(): Promise<readonly Outcome[]>;
  /**
   * Ends sessions and grants that stood on identities, in the transaction that forgets these; every service that was
   * entered is told, from the queue.
   */
  end(transaction: Transaction, refs: readonly StandingRef[]): Promise<void>;
  /** Where a browser goes to leave, by a logout request that is in no address; of this host. */
  logoutPath(parameters: URLSearchParams): Promise<string>;
  /** Ends the login with a standard error for the client: answers 303. */
  abort(
    ctx: Context,
    uid: string,
    error: { readonly error: string; readonly error_description: string },
  ): Promise<void>;
}

export function createProvider(options: ProviderOptions): OpenIdProvider {
  const clientLimits = new ClientLimits(options.limits, options.log);
  const answers = new ErrorAnswers(clientLimits);
  const provider = new DescribingProvider(options.publicUrl, configuration(options, clientLimits, answers));
  provider.proxy = true; // the application in front has made the forwarding headers ours
  provider.use(clientLimits.middleware);
  provider.use(answers.middleware as never);
  answers.listen(provider, options.log);
  checkSecretsByHash(provider, options.clients, clientLimits);
  replaceReplayDetection(provider, options.store);
  bindToAccessToken(provider);
  provider.use(withoutEmptyOffers);
  provider.use(forCaches);
  const endings = new Endings(options.cipher, options.notices);
  provider.use(ourForms(options));
  provider.use(forgetAfterLogout(options, endings));
  provider.on('authorization.success', endAtLogout);
  keepOwnSids(provider);
  const send = queueNotices(provider, options.notices, options);
  recordReleases(provider, options.recorder);
  const mounted = mount('/', provider);
  const records = adapterFactory({ ...options, clientLimits });
  const kept = new KeptRequests(new records('KeptRequest'), options.lifetimes.login);

  const interactions = new WeakMap<Context, ReturnType<Provider['interactionDetails']>>();

  /** The login of this browser, or a refusal: the cookie decides, not the URL. Read once per request. */
  async function interaction(ctx: Context, uid: string) {
    const reading = interactions.get(ctx) ?? provider.interactionDetails(ctx.req, ctx.res);
    interactions.set(ctx, reading);
    const details = await reading.catch((error: unknown) => {
      if (error instanceof errors.SessionNotFound) return undefined;
      throw error;
    });
    if (details?.uid !== uid) throw new Refused('login_unknown', 'no such login in this browser');
    return details;
  }

  async function finish(ctx: Context, uid: string, result: Parameters<Provider['interactionFinished']>[2]) {
    await interaction(ctx, uid);
    ctx.respond = false;
    await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
  }

  return {
    middleware: async (ctx, next) => {
      if (!isOurs(ctx.path)) await next();
      else if (!isMethodRefused(ctx) && !(await kept.intercept(ctx))) await mounted(ctx, next);
    },
    async authorization(ctx, uid) {
      const { params, prompt } = await interaction(ctx, uid);
      const client = await options.clients.find(textParameter(params, 'client_id') ?? '');
      if (!client) throw new Refused('login_unknown', 'the client was removed');
      return {
        ...requestFacts(client, params, options.claimsPrefix),
        uid,
        redirectUri: textParameter(params, 'redirect_uri') ?? '',
        state: textParameter(params, 'state'),
        uiLocales: words(params, 'ui_locales'),
        idpHint: textParameter(params, 'idp_hint'),
        prompt: prompt.name === 'login' ? 'login' : 'consent',
        missing: prompt.details['missing'] as Missing | undefined,
        heldIdentity: textParameter(prompt.details, 'identityId'),
      };
    },

    confirm: (ctx, uid) => finish(ctx, uid, ASKED),

    complete: (ctx, uid, identity) =>
      finish(ctx, uid, {
        login: {
          accountId: identity.personId,
          acr: acrOf(identity.level),
          amr: amrOf(identity),
          ts: Math.floor(identity.authenticatedAt.getTime() / 1000),
          remember: false,
        },
        // The page of the choice has told what the service gets, and whoever was there has chosen who she is.
        ...ASKED,
        identityId: identity.id,
      }),

    abort: (ctx, uid, error) => finish(ctx, uid, error),
    end: (transaction, refs) => endings.end(transaction, refs),
    logoutPath: (parameters) => kept.keep(ENDPOINTS.end_session, parameters),
    machineToken: (value, resource) => machineToken(provider, options.clients, value, resource),
    deliverNotices: () => options.notices.deliver(send),
  };
}

/** What need not be asked any more: by its name in `prompt`. */
const ASKED = { consent: {}, select_account: {} };

function isOurs(path: string): boolean {
  return DISCOVERY.some((one) => one === path) || path.startsWith('/oidc/');
}

/** Secrets are hashed, so the library's comparison of plain ones is replaced. */
function checkSecretsByHash(provider: Provider, clients: ClientRegister, limits: ClientLimits): void {
  const prototype = provider.Client.prototype as unknown as {
    compareClientSecret(secret: string): Promise<boolean>;
  };
  prototype.compareClientSecret = function (this: { clientId: string }, secret) {
    return limits.judge(this.clientId, async () => {
      if (await clients.secrets.verify(this.clientId, secret)) return true;
      if (await clients.secrets.hasExpired(this.clientId, secret)) limits.explain('secret_expired');
      return false;
    });
  };
}

/** The library looks, then writes; between the two another process could do the same. */
function replaceReplayDetection(provider: Provider, store: Store): void {
  const model = provider.ReplayDetection as unknown as {
    unique(issuer: string, jti: string, exp: number): Promise<boolean>;
  };
  model.unique = (issuer, jti, exp) => rememberOnce(store, issuer, jti, exp);
}

/**
 * Puts `at_hash` into ID tokens, as SPID's own OpenID profile has it, so that nobody can put another access token beside
 * one. The library does so in flows that are not offered here. A JWT for an API is bound by what it says itself.
 */
function bindToAccessToken(provider: Provider): void {
  const prototype = provider.IdToken.prototype as unknown as IssuedIdToken;
  const issue = Object.getOwnPropertyDescriptor(prototype, 'issue')?.value as IssuedIdToken['issue'];
  prototype.issue = function (this: IssuedIdToken, options) {
    const token = this.ctx?.oidc.entities.AccessToken;
    // Of an opaque token the identifier is all there is.
    if (options.use === 'idtoken' && token?.format === 'opaque') this.set('at_hash', token.jti);
    return issue.call(this, options);
  };
}

interface IssuedIdToken {
  readonly ctx: KoaContextWithOIDC | undefined;
  set(claim: string, value: string): void;
  issue(options: { readonly use: string }): Promise<string>;
}

/**
 * Discovery and keys are the same for everybody, and may be kept for a while: no longer than the shortest notice that is
 * given of a new key.
 */
async function forCaches(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  const { route } = ctx.oidc ?? {};
  if (ctx.status === 200 && (route === 'discovery' || route === 'jwks'))
    ctx.set('Cache-Control', 'public, max-age=60');
}

/** What discovery lists is what is offered: an empty list offers nothing, so it is left out (OpenID Connect Discovery 4.2). */
async function withoutEmptyOffers(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  if (ctx.oidc?.route !== 'discovery') return;
  const offers = Object.entries(ctx.body as Record<string, unknown>);
  ctx.body = Object.fromEntries(offers.filter(([, value]) => !(Array.isArray(value) && value.length === 0)));
}
