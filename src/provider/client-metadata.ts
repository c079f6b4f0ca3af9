import { randomBytes } from 'node:crypto';
import type { ClientMetadata } from 'oidc-provider';
import type { Client } from '../clients/client.ts';

/** Where oidc-provider insists on a secret to compare with. Ours are hashed and compared elsewhere; nobody knows this one. */
const NOBODYS_SECRET = randomBytes(32).toString('base64url');

/** A client in the words of OpenID Connect registration. */
export function clientMetadata(client: Client): ClientMetadata {
  const usesSecret =
    client.authMethod === 'client_secret_basic' || client.authMethod === 'client_secret_post';
  return {
    client_id: client.id,
    client_name: client.name.it,
    application_type: client.applicationType,
    redirect_uris: [...client.redirectUris],
    post_logout_redirect_uris: [...client.postLogoutRedirectUris],
    response_types: ['code'],
    grant_types: client.refreshTokens ? ['authorization_code', 'refresh_token'] : ['authorization_code'],
    token_endpoint_auth_method: client.authMethod,
    id_token_signed_response_alg: client.idTokenAlgorithm,
    subject_type: 'pairwise',
    // Without one the library refuses clients whose redirect URIs are on several hosts. Never fetched, never shown.
    sector_identifier_uri: `https://sector.invalid/${encodeURIComponent(client.sector)}`,
    require_auth_time: true,
    ...(usesSecret ? { client_secret: NOBODYS_SECRET } : {}),
    ...(client.jwks ? { jwks: client.jwks } : {}),
  };
}
