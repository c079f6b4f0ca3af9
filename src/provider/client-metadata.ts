import { randomBytes } from 'node:crypto';
import type { Client as LibraryClient, ClientMetadata } from 'oidc-provider';
import { isToldOfLogouts, type Client } from '../clients/client.ts';
import { CONTENT_ENCRYPTION, type ClientProtocol } from '../clients/protocol.ts';
import { sectorOf } from '../clients/sector.ts';

/** Where oidc-provider insists on a secret to compare with. Ours are hashed and compared elsewhere; nobody knows this one. */
const NOBODYS_SECRET = randomBytes(32).toString('base64url');

/** Under this name our own view of a client travels with the library's. */
export const OURS = 'registered';

/** Ways of answering, by what the client is registered for; never both, so that no answer can be made to lose its signature. */
const PLAIN_MODES = ['query', 'fragment', 'form_post'];
const SIGNED_MODES = ['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt'];

/** A client in the words of OpenID Connect registration. */
export function clientMetadata(client: Client): ClientMetadata {
  const { protocol = {} } = client;
  const usesSecret =
    client.authMethod === 'client_secret_basic' || client.authMethod === 'client_secret_post';
  return {
    client_id: client.id,
    client_name: client.name.it,
    application_type: client.applicationType,
    redirect_uris: [...client.redirectUris],
    post_logout_redirect_uris: [...client.postLogoutRedirectUris],
    response_types: protocol.withoutCitizens ? [] : ['code'],
    response_modes: protocol.signedResponses ? SIGNED_MODES : PLAIN_MODES,
    grant_types: [
      ...(protocol.withoutCitizens ? [] : ['authorization_code']),
      ...(client.refreshTokens ? ['refresh_token'] : []),
      ...(protocol.clientCredentials ? ['client_credentials'] : []),
    ],
    token_endpoint_auth_method: client.authMethod,
    id_token_signed_response_alg: client.idTokenAlgorithm,
    authorization_signed_response_alg: client.idTokenAlgorithm,
    // For whoever asks to have it signed, by its Accept header (RFC 9701, 4).
    introspection_signed_response_alg: client.idTokenAlgorithm,
    // Public subjects are pairwise ones of a sector that all such clients share: no identifier of ours leaves.
    subject_type: 'pairwise',
    // Without one the library refuses clients whose redirect URIs are on several hosts. Never fetched, never shown.
    sector_identifier_uri: `https://sector.invalid/${encodeURIComponent(sectorOf(client))}`,
    require_auth_time: true,
    ...(usesSecret ? { client_secret: NOBODYS_SECRET } : {}),
    ...(isToldOfLogouts(client)
      ? {
          // Our own pages are told without a message (logout-notices.ts); the library wants an address all the same.
          backchannel_logout_uri: client.backchannelLogoutUri ?? 'https://own-pages.invalid/',
          backchannel_logout_session_required: true,
        }
      : {}),
    ...(client.jwks ? { jwks: client.jwks } : {}),
    ...(client.jwksUri ? { jwks_uri: client.jwksUri } : {}),
    ...requestMetadata(protocol),
    ...tokenMetadata(client, protocol),
    [OURS]: client,
  };
}

function requestMetadata(protocol: ClientProtocol): Partial<ClientMetadata> {
  const { pushedRequests, requestObjects, assertionAlgorithm, certificateDns } = protocol;
  return {
    ...(pushedRequests ? { require_pushed_authorization_requests: true } : {}),
    ...(requestObjects
      ? { require_signed_request_object: true, request_object_signing_alg: requestObjects }
      : {}),
    ...(assertionAlgorithm ? { token_endpoint_auth_signing_alg: assertionAlgorithm } : {}),
    ...(certificateDns ? { tls_client_auth_san_dns: certificateDns } : {}),
  };
}

function tokenMetadata(client: Client, protocol: ClientProtocol): Partial<ClientMetadata> {
  const { boundTokens, encryptedIdToken, signedUserinfo, encryptedUserinfo } = protocol;
  return {
    ...(boundTokens === 'dpop' ? { dpop_bound_access_tokens: true } : {}),
    ...(boundTokens === 'mtls' ? { tls_client_certificate_bound_access_tokens: true } : {}),
    ...(encryptedIdToken
      ? {
          id_token_encrypted_response_alg: encryptedIdToken,
          id_token_encrypted_response_enc: CONTENT_ENCRYPTION,
        }
      : {}),
    // What is encrypted is signed too: anybody can encrypt to a public key.
    ...(signedUserinfo || encryptedUserinfo
      ? { userinfo_signed_response_alg: signedUserinfo ?? client.idTokenAlgorithm }
      : {}),
    ...(encryptedUserinfo
      ? {
          userinfo_encrypted_response_alg: encryptedUserinfo,
          userinfo_encrypted_response_enc: CONTENT_ENCRYPTION,
        }
      : {}),
  };
}

/** Our own view of the library's client: what was registered when this request came in. */
export function registered(client: LibraryClient): Client {
  return client[OURS] as Client;
}
