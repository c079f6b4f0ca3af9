import { z } from 'zod';
import type { Violation } from '../entities/rules.ts';
import { url } from '../identity/values.ts';
import { Refused } from '../operations/errors.ts';
import { CLIENT_AUTH_METHODS, type Client } from './client.ts';
import { CONTENT_ENCRYPTION, KEY_ENCRYPTIONS, OUR_ALGORITHMS, REQUEST_ALGORITHMS } from './protocol.ts';
import type { RegistrationPolicy } from './registration-tokens.ts';
import { MOST_CONTACTS } from './schema.ts';

/** What is wrong with a registration, in the words of RFC 7591, 3.2.2. */
export class InvalidRegistration extends Refused {
  readonly error: 'invalid_redirect_uri' | 'invalid_client_metadata';

  constructor(error: InvalidRegistration['error'], code: string, message: string) {
    super(code, message, { status: 400 });
    this.error = error;
  }
}

const one = <Value extends string>(values: readonly Value[]) =>
  z.enum(values, { error: `allowed: ${values.join(', ')}` });
const never = (why: string) => z.undefined({ error: why }).optional();
const text = z.string().trim().min(1).max(200);

/**
 * Metadata that a program may register (RFC 7591, 2; OpenID Connect Dynamic Client Registration, 2). What is not named
 * is ignored and missing in the answer, as they want it; what would change how safe a login is, is refused instead.
 */
const metadataSchema = z
  .looseObject({
    redirect_uris: z.array(z.string()).min(1, { error: 'allowed: one or more' }).max(20),
    client_name: text.optional(),
    'client_name#it': text.optional(),
    'client_name#en': text.optional(),
    client_uri: url.optional(),
    contacts: z.array(z.email({ error: 'allowed: an e-mail address' })).max(MOST_CONTACTS),
    application_type: one(['web', 'native']),
    post_logout_redirect_uris: z.array(z.string()).max(20),
    backchannel_logout_uri: z.string().optional(),
    token_endpoint_auth_method: one(CLIENT_AUTH_METHODS),
    token_endpoint_auth_signing_alg: one(REQUEST_ALGORITHMS).optional(),
    tls_client_auth_san_dns: z.string().min(1).optional(),
    jwks: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1) }).optional(),
    jwks_uri: z.string().optional(),
    grant_types: z
      .array(one(['authorization_code', 'refresh_token']))
      .refine((types) => types.includes('authorization_code'), {
        error: 'allowed: authorization_code, and refresh_token with it',
      }),
    response_types: z.array(one(['code'])).min(1),
    scope: z.string().refine((scope) => scope.split(' ').every((word) => word === 'openid'), {
      error: 'allowed: openid; attributes are added by an administrator, with purpose and legal basis',
    }),
    subject_type: one(['pairwise']),
    sector_identifier_uri: never('allowed: nothing; services of one body are one sector'),
    software_statement: never('allowed: nothing; statements are not verified here'),
    default_max_age: never('allowed: nothing; send max_age with the request'),
    default_acr_values: never('allowed: nothing; send acr_values with the request'),
    id_token_signed_response_alg: one(OUR_ALGORITHMS),
    id_token_encrypted_response_alg: one(KEY_ENCRYPTIONS).optional(),
    id_token_encrypted_response_enc: one([CONTENT_ENCRYPTION]).optional(),
    userinfo_signed_response_alg: one(OUR_ALGORITHMS).optional(),
    userinfo_encrypted_response_alg: one(KEY_ENCRYPTIONS).optional(),
    userinfo_encrypted_response_enc: one([CONTENT_ENCRYPTION]).optional(),
    authorization_signed_response_alg: never('allowed: nothing; an administrator switches it on'),
    request_object_signing_alg: one(REQUEST_ALGORITHMS).optional(),
    require_signed_request_object: z.boolean().optional(),
    require_pushed_authorization_requests: z.boolean().optional(),
    dpop_bound_access_tokens: z.boolean().optional(),
    tls_client_certificate_bound_access_tokens: z.boolean().optional(),
  })
  .partial()
  .required({ redirect_uris: true });

type Metadata = z.output<typeof metadataSchema>;

/**
 * The service that a program wants to register.
 * @throws InvalidRegistration `metadata_invalid`, `host_not_allowed`
 */
export function requestedClient(input: unknown, id: string, policy: RegistrationPolicy): Client {
  const parsed = metadataSchema.safeParse(input);
  if (!parsed.success) {
    throw refusal(
      parsed.error.issues.map(({ path: [key = 'body', ...rest], message }) => ({
        key: String(key),
        at: rest.map((at) => `[${String(at)}]`).join(''),
        message,
      })),
    );
  }
  const metadata = parsed.data;
  refuseForeignHosts(metadata, policy.hosts);
  const name = metadata['client_name#it'] ?? metadata.client_name ?? metadata['client_name#en'];
  if (name === undefined)
    throw refusal([{ key: 'client_name', at: '', message: 'allowed: the name that citizens read' }]);
  return {
    id,
    entity: policy.entityId,
    sector: policy.entityId,
    name: { it: name, en: metadata['client_name#en'] ?? metadata.client_name ?? name },
    homePage: metadata.client_uri ?? `${new URL(metadata.redirect_uris[0] ?? '').origin}/`,
    ...(metadata.contacts ? { contacts: metadata.contacts } : {}),
    applicationType: metadata.application_type ?? 'web',
    redirectUris: metadata.redirect_uris,
    postLogoutRedirectUris: metadata.post_logout_redirect_uris ?? [],
    ...(metadata.backchannel_logout_uri ? { backchannelLogoutUri: metadata.backchannel_logout_uri } : {}),
    authMethod: metadata.token_endpoint_auth_method ?? 'client_secret_basic',
    ...(metadata.jwks ? { jwks: metadata.jwks } : {}),
    ...(metadata.jwks_uri ? { jwksUri: metadata.jwks_uri } : {}),
    protocol: protocolOf(metadata),
    refreshTokens: metadata.grant_types?.includes('refresh_token') ?? false,
    idTokenAlgorithm: metadata.id_token_signed_response_alg ?? 'RS256',
    minimumLevel: 2,
    // Nobody has said yet why it needs what, and on what legal basis.
    attributes: [],
  };
}

function protocolOf(metadata: Metadata): NonNullable<Client['protocol']> {
  const bound = metadata.tls_client_certificate_bound_access_tokens ? 'mtls' : undefined;
  // Registered with an algorithm, requests are accepted in no other way: never what a program asked not to have.
  if (metadata.require_signed_request_object === false && metadata.request_object_signing_alg)
    throw refusal([
      {
        key: 'require_signed_request_object',
        at: '',
        message: 'allowed: true with request_object_signing_alg',
      },
    ]);
  if (metadata.require_signed_request_object && !metadata.request_object_signing_alg)
    throw refusal([
      { key: 'request_object_signing_alg', at: '', message: `allowed: ${REQUEST_ALGORITHMS.join(', ')}` },
    ]);
  return defined({
    pushedRequests: metadata.require_pushed_authorization_requests,
    requestObjects: metadata.request_object_signing_alg,
    boundTokens: metadata.dpop_bound_access_tokens ? 'dpop' : bound,
    assertionAlgorithm: metadata.token_endpoint_auth_signing_alg,
    certificateDns: metadata.tls_client_auth_san_dns,
    encryptedIdToken: metadata.id_token_encrypted_response_alg,
    signedUserinfo: metadata.userinfo_signed_response_alg,
    encryptedUserinfo: metadata.userinfo_encrypted_response_alg,
  });
}

/** Without what is not there: absent and undefined are not the same in what is written down. */
function defined<Values extends object>(
  values: Values,
): { [Key in keyof Values]?: NonNullable<Values[Key]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

function refuseForeignHosts(metadata: Metadata, hosts: readonly string[]): void {
  const named: readonly (readonly [string, string, string | undefined])[] = [
    ...metadata.redirect_uris.map((uri, at) => ['redirect_uris', `[${at}]`, uri] as const),
    ...(metadata.post_logout_redirect_uris ?? []).map(
      (uri, at) => ['post_logout_redirect_uris', `[${at}]`, uri] as const,
    ),
    ['client_uri', '', metadata.client_uri],
    ['jwks_uri', '', metadata.jwks_uri],
    ['backchannel_logout_uri', '', metadata.backchannel_logout_uri],
  ];
  const given = named.flatMap(([key, at, uri]) => (uri === undefined ? [] : [{ key, at, uri }]));
  const noUrls = given.filter(({ uri }) => !URL.canParse(uri));
  if (noUrls.length > 0) throw refusal(saying(noUrls, 'allowed: an absolute URL'));
  const foreign = given.filter(({ uri }) => {
    const { protocol, hostname } = new URL(uri);
    // Of a scheme of its own a host says nothing: any app may claim it.
    return !/^https?:$/.test(protocol) || !hosts.includes(hostname);
  });
  if (foreign.length > 0)
    throw refusal(saying(foreign, `allowed: an address on ${hosts.join(', ')}`), 'host_not_allowed');
}

/** Our words for what the rules of the register look at, in those of RFC 7591. */
const NAMES: Readonly<Record<string, string>> = {
  redirectUris: 'redirect_uris',
  postLogoutRedirectUris: 'post_logout_redirect_uris',
  backchannelLogoutUri: 'backchannel_logout_uri',
  authMethod: 'token_endpoint_auth_method',
  jwksUri: 'jwks_uri',
  'protocol.assertionAlgorithm': 'token_endpoint_auth_signing_alg',
  'protocol.certificateDns': 'tls_client_auth_san_dns',
  'protocol.boundTokens': 'tls_client_certificate_bound_access_tokens',
};

/** What the rules of the register say, as the program that registers is told. */
export function registrationFault(violations: readonly Violation[]): InvalidRegistration {
  return refusal(
    violations.map(({ key, allowed }) => {
      const [, name = key, at = ''] = /^([^[]+)(\[\d+\])?/.exec(key) ?? [];
      return { key: NAMES[name] ?? name, at, message: `allowed: ${allowed}` };
    }),
  );
}

interface Fault {
  readonly key: string;
  /** Which one of several. */
  readonly at: string;
  readonly message: string;
}

function saying(places: readonly Omit<Fault, 'message'>[], message: string): Fault[] {
  return places.map(({ key, at }) => ({ key, at, message }));
}

/** Everything that is wrong in one answer: RFC 7591, 3.2.2, has one error for it and words for people. */
function refusal(faults: readonly Fault[], code = 'metadata_invalid'): InvalidRegistration {
  const error = faults[0]?.key === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata';
  return new InvalidRegistration(
    error,
    code,
    faults.map(({ key, at, message }) => `${key}${at}: ${message}`).join('; '),
  );
}
