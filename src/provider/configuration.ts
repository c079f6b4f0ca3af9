import type Keygrip from 'keygrip';
import { errors, type Configuration } from 'oidc-provider';
import { CLIENT_AUTH_METHODS } from '../clients/client.ts';
import { REQUEST_ALGORITHMS } from '../clients/protocol.ts';
import { sectorOf } from '../clients/sector.ts';
import { AGE_CLAIMS } from '../clients/policy.ts';
import { claimsByScope } from '../identity/claims.ts';
import { acrOf, LEVELS } from '../identity/level.ts';
import type { OutboundRequest } from '../operations/outbound.ts';
import { account } from './account.ts';
import { adapterFactory } from './adapter.ts';
import { tokenClaims } from './apis.ts';
import { OURS, registered } from './client-metadata.ts';
import { checkAssertion, isFapi } from './client-jwts.ts';
import { ALGORITHMS, features } from './features.ts';
import { ENDPOINTS } from './endpoints.ts';
import { lifetimes } from './lifetimes.ts';
import type { ErrorAnswers } from './error-answers.ts';
import type { ClientLimits } from './limits.ts';
import type { ProviderOptions } from './options.ts';
import { policy } from './policy.ts';
import { REGISTRATION_PATH } from './registration.ts';
import type { ServiceErrorCode } from './service-errors.ts';
import { grantFor } from './standing.ts';

/** Everything oidc-provider is told; whatever is not switched on here is not offered in discovery either. */
export function configuration(
  options: ProviderOptions,
  clientLimits: ClientLimits,
  answers: ErrorAnswers,
): Configuration {
  const byScope = claimsByScope(options.claimsPrefix);
  const authMethods = CLIENT_AUTH_METHODS.filter((method) => isOffered(method, options));
  return {
    adapter: adapterFactory({ ...options, clientLimits }),
    jwks: { keys: [...options.signingKeys] as never },
    acrValues: LEVELS.map(acrOf),
    claims: {
      ...byScope,
      age: [...AGE_CLAIMS],
      openid: ['sub', 'acr', 'amr', 'auth_time', ...byScope.openid],
      sid: null,
      iss: null,
    },
    // As in SPID's own OpenID profile: who the citizen is comes from userinfo, the ID token stays minimal.
    conformIdTokenClaims: true,
    scopes: ['openid'],
    responseTypes: ['code'],
    subjectTypes: ['pairwise', 'public'],
    pairwiseIdentifier: (_ctx, accountId, client) => options.subject(sectorOf(registered(client)), accountId),
    // The sector is ours, by registration: there is nothing to fetch at the address that the library wants to see.
    sectorIdentifierUriValidate: () => false,
    extraClientMetadata: { properties: [OURS] },
    pkce: { required: (_ctx, client) => registered(client).protocol?.pkce !== 'optional' },
    allowOmittingSingleRegisteredRedirectUri: false,
    clientAuthMethods: authMethods,
    enabledJWA: ALGORITHMS,
    assertJwtClientAuthClaimsAndHeader: checkAssertion(options.clock),
    // An app's scheme of its own has the origin `null`, as every sandboxed page of anybody has.
    clientBasedCORS: (_ctx, origin, client) =>
      origin !== 'null' && (client.redirectUris ?? []).some((uri) => new URL(uri).origin === origin),
    extraParams: { idp_hint: (_ctx, value) => refuseUnlessOne(value) },
    extraTokenClaims: tokenClaims,
    discovery: {
      ui_locales_supported: ['it', 'en'],
      claim_types_supported: ['normal'],
      prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
      // One way in everywhere: without these, a client has to take `client_secret_basic` for granted (RFC 8414, 2).
      introspection_endpoint_auth_methods_supported: authMethods,
      introspection_endpoint_auth_signing_alg_values_supported: REQUEST_ALGORITHMS,
      revocation_endpoint_auth_methods_supported: authMethods,
      revocation_endpoint_auth_signing_alg_values_supported: REQUEST_ALGORITHMS,
      ...(options.dynamicRegistration
        ? { registration_endpoint: `${options.publicUrl}${REGISTRATION_PATH}` }
        : {}),
    },
    features: features(options),
    routes: ENDPOINTS,
    cookies: cookies(options.publicUrl, options.cookieKeys),
    ttl: lifetimes(options),
    // A gateway on this machine has services on this machine. The library's own guard lets connections to private
    // networks be opened before it ends them.
    fetch: async (target, init) => {
      const url = target instanceof Request ? target.url : target;
      const { trial, outbound } = options;
      const request = init as OutboundRequest;
      return forAMinute(
        await (trial ? outbound.fetchFrom(url, request) : outbound.fetchPublic(url, request)),
      );
    },
    fetchResponseBodyLimits: { jwks_uri: LARGEST_KEY_SET },
    // Tokens end with the identity they stand on, and so at every logout; bound to the session by the library they would
    // end whenever the same service is entered once more, and of two tabs one would fail.
    expiresWithSession: () => false,
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    // FAPI 2.0, 5.3.2.1: tokens bound to a key need no rotation, and clients must not lose them by it.
    rotateRefreshToken: ({ oidc }) => !(oidc.client && isFapi(oidc.client)),
    interactions: { policy: policy(options), url: (_ctx, interaction) => options.loginPath(interaction.uid) },
    findAccount: (ctx, personId, token) => account(options, ctx, personId, token?.grantId),
    loadExistingGrant: (ctx) => grantFor(options, ctx),
    renderError: (ctx, _out, error) =>
      options.pages.problem(ctx, { code: answers.of(error).code, status: ctx.status }),
  };
}

/** Bytes: a key set with a dozen certificates in it is smaller. */
const LARGEST_KEY_SET = 128 * 1024;

/**
 * The library keeps a client's keys as long as the client's web server lets it, and at least a minute. A key that was
 * withdrawn is not to be good for a day because of a setting that nobody thought of.
 */
function forAMinute(answer: Response): Response {
  answer.headers.delete('cache-control');
  answer.headers.delete('expires');
  return answer;
}

function isOffered(
  method: (typeof CLIENT_AUTH_METHODS)[number],
  { clientCertificates }: ProviderOptions,
): boolean {
  if (method === 'tls_client_auth') return clientCertificates?.verifiedHeader !== undefined;
  return method !== 'self_signed_tls_client_auth' || clientCertificates !== undefined;
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

function refuseUnlessOne(value: string | undefined): void {
  if (value !== undefined && value.length > 1024)
    throw new errors.InvalidRequest('parameter_too_long' satisfies ServiceErrorCode);
}
