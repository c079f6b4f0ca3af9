import { errors } from 'oidc-provider';
import { Unavailable } from '../operations/errors.ts';

/**
 * Every way in which an endpoint says no to a service: the identifier that its `error_description` begins with, and the
 * texts of the library that it stands for; none where we say it ourselves. docs/services.md tells cause and remedy of each.
 */
export const SERVICE_ERRORS = {
  // Who is asking
  client_unknown: ['client not found', 'client is invalid'],
  client_suspended: [],
  client_retired: [],
  client_auth_missing: ['no client authentication mechanism provided'],
  client_auth_twice: ['client authentication must only be provided using one mechanism'],
  client_auth_malformed: [
    'client_id mismatch',
    'client_id and client_secret in the authorization header are not properly encoded',
    'client_secret must be provided in the Authorization header',
    'client_assertion_type must',
    'invalid client_assertion format',
    'sub (JWT subject) must be provided in the client_assertion JWT',
  ],
  client_auth_method: ['the provided authentication mechanism does not match'],
  secret_wrong: ['invalid secret provided'],
  secret_expired: [],
  assertion_invalid: [
    'alg mismatch',
    'expiration must be specified',
    'unique jti',
    'iss (JWT issuer)',
    'client authentication failed',
  ],
  assertion_audience: ['aud (JWT audience)', 'list of audience (aud)', 'audience (aud) must'],
  assertion_used: ['client assertion tokens must only be used once'],
  keys_unreachable: ['client JSON Web Key Set failed to be refreshed'],
  keys_invalid: ['client JSON Web Key Set is invalid', 'no suitable encryption key found'],
  certificate_missing: ['client certificate was not provided', 'mutual TLS client certificate not provided'],
  certificate_mismatch: [
    'client certificate was not verified',
    'certificate subject value does not match',
    'unregistered client certificate provided',
    'failed x5t#S256 verification',
  ],

  // How it is asked
  authorization_malformed: ['invalid authorization header value format'],
  parameter_missing: ['missing required'],
  parameter_twice: ['must not be provided twice'],
  parameter_too_long: [],
  method_not_allowed: [],
  body_too_large: [],
  body_malformed: ['failed to parse the request body', 'content-type bodies are supported'],
  scope_invalid: ['scope contains invalid characters'],
  scope_not_allowed: ['requested scope is not allowed', 'refresh token missing requested'],
  scope_missing: ['access token missing'],
  openid_scope_missing: ['openid scope must be requested'],
  resource_missing: [],
  resource_not_allowed: ['resource indicator', 'only a single resource indicator'],
  redirect_uri_unknown: ['redirect_uri did not match any'],
  response_type_unsupported: ['unsupported response_type requested'],
  response_type_not_registered: [
    'requested response_type is not allowed for this client',
    'authorization_code is not allowed for this client',
  ],
  response_mode_unsupported: [
    'unsupported response_mode requested',
    'response_mode is not allowed for the requested',
  ],
  response_mode_not_registered: ['requested response_mode is not allowed for this client'],
  prompt_invalid: ['unsupported prompt value requested', 'prompt none must only be used alone'],
  max_age_invalid: ['invalid max_age parameter value'],
  claims_invalid: ['could not parse the claims parameter', 'claims parameter should', 'claims.'],
  id_token_hint_invalid: [
    'could not decode id_token_hint',
    'could not validate id_token_hint',
    'client_id does not match the provided id_token_hint',
    'unrecognized id_token_hint audience',
  ],
  post_logout_redirect_uri_unknown: ['post_logout_redirect_uri not registered'],
  page_expired: ['xsrf token invalid', 'could not find logout details'],
  pkce_required: ['policy requires PKCE', 'code_challenge must be provided with'],
  pkce_method: ['not supported value of code_challenge_method', 'code_challenge_method must be provided'],
  pkce_malformed: ['must be a string with a m', 'code_verifier contains', 'code_challenge contains'],
  pushed_request_required: ['Pushed Authorization Request must be used'],
  pushed_request_unknown: ['request_uri is invalid, expired, or was already used', 'invalid request_uri'],
  pushed_request_used: [],
  request_uri_unsupported: [
    'request_uri_not_supported',
    'request_not_supported',
    'request and request_uri parameters MUST NOT',
  ],
  request_object_required: ['Request Object must be used by this client'],
  request_object_invalid: ['invalid_request_object'],
  registration_unsupported: ['registration_not_supported'],
  login_over: [
    'authorization request has expired',
    'interaction session not found',
    'authorization session and cookie identifier mismatch',
    'interaction session and authentication session mismatch',
  ],

  // The citizen, when she may not be asked or the answer does not do
  not_signed_in: ['End-User authentication is required', 'End-User authentication could not be obtained'],
  session_insufficient: [],
  another_person: [],
  level_not_reached: [],
  not_confirmed: [],

  // Codes and tokens
  grant_type_unsupported: ['unsupported grant_type requested'],
  grant_type_not_registered: ['requested grant type is not allowed for this client'],
  code_unknown: ['authorization code not found'],
  code_expired: ['authorization code is expired'],
  code_used: ['authorization code already consumed'],
  redirect_uri_mismatch: ['authorization code redirect_uri mismatch'],
  pkce_mismatch: ['code_verifier does not match code_challenge', 'unsupported code_challenge_method'],
  pkce_missing: ['code_verifier must be provided'],
  refresh_token_unknown: ['refresh token not found'],
  refresh_token_expired: ['refresh token is expired'],
  refresh_token_used: ['refresh token already used'],
  wrong_client: ['client mismatch', 'clientId mismatch'],
  grant_ended: [
    'grant not found',
    'grant is expired',
    'referenced account not found',
    'associated account not found',
    'accountId mismatch',
  ],
  token_missing: ['no access token provided'],
  token_twice: ['access token must only be provided using one mechanism'],
  token_in_query: ['access tokens must not be provided via query parameter'],
  token_scheme: ['authorization header scheme must be', '`DPoP` tokens must be provided via'],
  token_ended: ['access token not found', 'invalid token provided'],
  token_for_an_api: ['token audience prevents accessing the userinfo endpoint'],
  token_is_jwt: ['Structured JWT Tokens cannot be'],
  token_of_another_client: [],
  dpop_missing: ['missing DPoP proof JWT', 'DPoP proof JWT not provided', '`DPoP` header not provided'],
  dpop_invalid: ['invalid_dpop_proof'],
  dpop_nonce: ['use_dpop_nonce'],
  dpop_used: ['DPoP proof JWT Replay detected'],
  dpop_key_mismatch: [
    'failed jkt verification',
    'DPoP proof key thumbprint does not match dpop_jkt',
    'access token is not sender-constrained but proof of possession was provided',
  ],

  proof_twice: ['multiple proof-of-possession mechanisms'],

  origin_not_allowed: ['not allowed for client: '],
  too_many_requests: [],
  temporarily_unavailable: [],
  internal_error: ['oops! something went wrong'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type ServiceErrorCode = keyof typeof SERVICE_ERRORS;

const CODES = Object.keys(SERVICE_ERRORS) as readonly ServiceErrorCode[];

/** Where the library's own text says more than the identifier, such as which parameter it is. */
const TELLING: ReadonlySet<ServiceErrorCode> = new Set([
  'parameter_missing',
  'parameter_twice',
  'claims_invalid',
  'request_object_invalid',
  'dpop_invalid',
  'pkce_malformed',
]);

/** RFC 6749, 4.1.2.1 and 5.2: what the client is not registered for is no mistake in its request. */
const UNAUTHORIZED: ReadonlySet<ServiceErrorCode> = new Set([
  'grant_type_not_registered',
  'response_type_not_registered',
]);

/** What a service is told: a standard error, and a description that begins with one of our identifiers. */
export interface ServiceError {
  readonly error: string;
  readonly code: string;
  readonly description: string;
}

/** Says what an error of the library is to the service. */
export function serviceError(cause: Error): ServiceError {
  if (cause instanceof Unavailable) {
    const code = 'temporarily_unavailable' satisfies ServiceErrorCode;
    return { error: code, code, description: code };
  }
  if (!(cause instanceof errors.OIDCProviderError) || !cause.expose)
    return { error: 'server_error', code: 'internal_error', description: 'internal_error' };
  const { error, error_description: text = '', error_detail: detail = '' } = cause;
  if (isTooLarge(cause)) return { error, code: 'body_too_large', description: 'body_too_large' };
  // Ours, and the outcomes of logins, are identifiers already.
  if (/^[a-z0-9_]+$/.test(text)) return { error, code: text, description: text };
  const code = codeOf(detail) ?? codeOf(text) ?? codeOf(error);
  if (code === undefined) return { error, code: error, description: text ? `${error}: ${text}` : error };
  return {
    error: UNAUTHORIZED.has(code) ? 'unauthorized_client' : error,
    code,
    // RFC 6749, 5.2: no quotation marks and no backslashes.
    description: TELLING.has(code) ? `${code}: ${text.replaceAll(/["\\]/g, "'")}` : code,
  };
}

/** The library says so only in what it wraps. */
function isTooLarge({ cause }: Error): boolean {
  return cause instanceof Error && cause.message === 'request entity too large';
}

function codeOf(text: string): ServiceErrorCode | undefined {
  return CODES.find((code) => SERVICE_ERRORS[code].some((known) => text.includes(known)));
}
