import type Keygrip from 'keygrip';
import {
  errors,
  interactionPolicy,
  type Account,
  type Client as LibraryClient,
  type Configuration,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import type { Client } from '../clients/client.ts';
import { claimsByScope, claimsOf } from '../identity/claims.ts';
import type { RecordedIdentity } from '../identity/identities.ts';
import type { Attributes } from '../identity/identity.ts';
import { acrOf, levelOf, LEVELS } from '../identity/level.ts';
import { adapterFactory } from './adapter.ts';
import { requestFacts } from './parameters.ts';
import type { SessionFacts } from './facts.ts';
import type { ProviderOptions } from './options.ts';

/** Seconds. Long enough for a service to fetch what it needs, short enough to be worthless when lost. */
const ACCESS_TOKEN_SECONDS = 10 * 60;
const ID_TOKEN_SECONDS = 10 * 60;
/** A code is redeemed at once by a server, or never. */
const CODE_SECONDS = 60;

/** Everything oidc-provider is told; whatever is not switched on here is not offered in discovery either. */
export function configuration(options: ProviderOptions, cookieKeys: Keygrip): Configuration {
  const longest = Math.max(...LEVELS.map(options.lifetimes.standing));
  const byScope = claimsByScope(options.claimsPrefix);
  return {
    adapter: adapterFactory(options),
    jwks: { keys: [...options.signingKeys] as never },
    acrValues: LEVELS.map(acrOf),
    claims: {
      ...byScope,
      openid: ['sub', 'acr', 'amr', 'auth_time', ...byScope.openid],
      sid: null,
      iss: null,
    },
    // As in SPID's own OpenID profile: who the citizen is comes from userinfo, the ID token stays minimal.
    conformIdTokenClaims: true,
    scopes: ['openid'],
    responseTypes: ['code'],
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: async (_ctx, accountId, client) =>
      options.subject(await sectorOf(options, client), accountId),
    // The sector is ours, by registration: there is nothing to fetch at the address that the library wants to see.
    sectorIdentifierUriValidate: () => false,
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    enabledJWA: {
      idTokenSigningAlgValues: ['RS256', 'ES256'],
      clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256'],
    },
    clientBasedCORS: (_ctx, origin, client) =>
      (client.redirectUris ?? []).some((uri) => new URL(uri).origin === origin),
    extraParams: { idp_hint: (_ctx, value) => refuseUnlessOne(value) },
    discovery: { ui_locales_supported: ['it', 'en'], claim_types_supported: ['normal'] },
    features: {
      devInteractions: { enabled: false },
      claimsParameter: { enabled: true },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: async (ctx) =>
          options.pages.logoutQuestion(ctx, {
            action: ctx.oidc.urlFor('end_session_confirm'),
            xsrf: ctx.oidc.session?.state?.['secret'] as string,
            client: await ourClient(options, ctx.oidc.client),
          }),
        postLogoutSuccessSource: async (ctx) =>
          options.pages.loggedOut(ctx, await ourClient(options, ctx.oidc.client)),
      },
    },
    routes: {
      authorization: '/oidc/auth',
      token: '/oidc/token',
      userinfo: '/oidc/userinfo',
      jwks: '/oidc/jwks',
      end_session: '/oidc/logout',
    },
    cookies: cookies(options.publicUrl, cookieKeys),
    ttl: {
      AccessToken: ACCESS_TOKEN_SECONDS,
      AuthorizationCode: CODE_SECONDS,
      IdToken: ID_TOKEN_SECONDS,
      Grant: longest + ACCESS_TOKEN_SECONDS,
      Interaction: options.lifetimes.login,
      RefreshToken: (ctx) => refreshSeconds(options, ctx),
      Session: longest,
    },
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    interactions: { policy: policy(options), url: (_ctx, interaction) => options.loginPath(interaction.uid) },
    findAccount: (ctx, personId, token) => account(options, ctx, personId, token?.grantId),
    loadExistingGrant: (ctx) => grantFor(options, ctx),
    renderError: (ctx, out) =>
      options.pages.problem(ctx, { code: out.error, description: out.error_description, status: ctx.status }),
  };
}

/** `__Host-` binds a cookie to this host and https; the other two are bound to a path, which that prefix forbids. */
function cookies(publicUrl: string, keys: Keygrip): NonNullable<Configuration['cookies']> {
  const secure = publicUrl.startsWith('https:');
  const common = { signed: true, httpOnly: true, overwrite: true, sameSite: 'lax', secure } as const;
  return {
    keys: keys,
    names: {
      session: secure ? '__Host-session' : 'gateway_session',
      interaction: secure ? '__Secure-login' : 'gateway_login',
      resume: secure ? '__Secure-resume' : 'gateway_resume',
    },
    long: common,
    short: common,
  };
}

/** One prompt, login: what a service gets is fixed at its registration and shown on the choice page. */
function policy(options: ProviderOptions): interactionPolicy.DefaultPolicy {
  const { Check, base } = interactionPolicy;
  const prompts = base();
  prompts.remove('consent');
  const login = prompts.get('login');
  if (!login) throw new Error('the library has no login prompt');
  login.checks.remove('essential_acr');
  login.checks.remove('essential_acrs');
  login.checks.add(
    new Check(
      'session_insufficient',
      'the session of this browser does not satisfy the request',
      'login_required',
      async (ctx) => {
        if (!ctx.oidc.session?.accountId || ctx.oidc.result?.login) return Check.NO_NEED_TO_PROMPT;
        return (await standingIdentity(options, ctx)) ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT;
      },
    ),
  );
  login.checks.add(
    new Check('essential_acr', 'the requested level could not be obtained', 'login_required', (ctx) => {
      const wanted = essentialAcrs(ctx);
      if (wanted.length === 0 || !ctx.oidc.session?.accountId || wanted.includes(ctx.oidc.acr ?? ''))
        return Check.NO_NEED_TO_PROMPT;
      // After a login asking again would bring the same level: the client has to know.
      if (ctx.oidc.result?.login)
        throw new errors.UnmetAuthenticationRequirements('the requested level could not be obtained');
      return Check.REQUEST_PROMPT;
    }),
  );
  return prompts;
}

function essentialAcrs(ctx: KoaContextWithOIDC): readonly unknown[] {
  const acr = ctx.oidc.claims?.id_token?.['acr'] as
    { essential?: boolean; value?: unknown; values?: unknown[] } | null | undefined;
  return acr?.essential ? (acr.values ?? [acr.value]) : [];
}

/**
 * The identity that answers this request without a login: the one just proved, or the session's if the reuse rule
 * lets it.
 */
async function standingIdentity(
  options: ProviderOptions,
  ctx: KoaContextWithOIDC,
): Promise<RecordedIdentity | undefined> {
  const { session, client: libraryClient, params, result } = ctx.oidc;
  const proved = result?.['identityId'];
  if (result?.login) return typeof proved === 'string' ? options.identities.find(proved) : undefined;
  const [identity, client] = [
    session && (await options.identities.linked('session', session.uid)),
    await ourClient(options, libraryClient),
  ];
  if (!identity || !client || identity.personId !== session?.accountId) return undefined;
  const facts = sessionFacts(options, identity, client);
  return options.sessionAnswers(facts, requestFacts(client, params ?? {}, options.claimsPrefix))
    ? identity
    : undefined;
}

function sessionFacts(options: ProviderOptions, identity: RecordedIdentity, client: Client): SessionFacts {
  return {
    entityId: identity.entityId,
    level: identity.level,
    kind: identity.kind,
    authenticatedAt: identity.authenticatedAt,
    attributes: identity.asked,
    answersTo: (hint) => {
      // Compared only with what this client may know anyway, so that a hint is no way to find out more.
      const { email } = approved(identity.attributes, client);
      return (
        hint === options.subject(client.sector, identity.personId) ||
        (email !== undefined && hint.toLowerCase() === email.toLowerCase())
      );
    },
  };
}

/**
 * A grant made anew for each request, of exactly what it asks and may have: nothing adds up over time. Session and
 * grant are tied to the identity they stand on.
 */
async function grantFor(options: ProviderOptions, ctx: KoaContextWithOIDC) {
  const { session, client, provider } = ctx.oidc;
  const identity = await standingIdentity(options, ctx);
  if (!identity || !client || !session?.accountId || identity.personId !== session.accountId)
    return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope([...ctx.oidc.requestParamScopes].join(' '));
  grant.addOIDCClaims([...ctx.oidc.requestParamClaims]);
  const grantId = await grant.save();
  await options.identities.link('grant', grantId, identity);
  await options.identities.link('session', session.uid, identity);
  return grant;
}

function account(
  options: ProviderOptions,
  ctx: KoaContextWithOIDC,
  personId: string,
  grantId: string | undefined,
): Account {
  return {
    accountId: personId,
    async claims(use) {
      if (use !== 'userinfo' || !grantId) return { sub: personId };
      const [identity, client] = [
        await options.identities.linked('grant', grantId),
        await ourClient(options, ctx.oidc.client),
      ];
      if (!identity || !client) return { sub: personId };
      return { ...claimsOf(approved(identity.attributes, client), options.claimsPrefix), sub: personId };
    },
  };
}

/** The part of what is held that the client is registered for. */
function approved(attributes: Attributes, client: Client): Attributes {
  const names: readonly string[] = client.attributes.map(({ name }) => name);
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => names.includes(name)));
}

async function ourClient(
  options: ProviderOptions,
  client: LibraryClient | undefined,
): Promise<Client | undefined> {
  return client && options.clients.find(client.clientId);
}

async function sectorOf(options: ProviderOptions, client: LibraryClient): Promise<string> {
  const registered = await ourClient(options, client);
  if (!registered) throw new errors.InvalidClient('client is invalid', 'client not found');
  return registered.sector;
}

/** Nothing derived from a login outlives what a login of its level may answer for. */
function refreshSeconds(options: ProviderOptions, ctx: KoaContextWithOIDC): number {
  const source = ctx.oidc.entities.RefreshToken ?? ctx.oidc.entities.AuthorizationCode;
  const level = levelOf(source?.acr ?? '');
  const now = Math.floor(options.clock.now().getTime() / 1000);
  const end = level && source?.authTime ? source.authTime + options.lifetimes.standing(level) : now;
  return Math.max(1, end - now);
}

function refuseUnlessOne(value: string | undefined): void {
  if (value !== undefined && value.length > 1024) throw new errors.InvalidRequest('idp_hint is too long');
}
