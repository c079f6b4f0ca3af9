/** Signature algorithms that clients may use towards us (request objects, client assertions). */
export const REQUEST_ALGORITHMS = ['ES256', 'PS256', 'RS256'] as const;
export type RequestAlgorithm = (typeof REQUEST_ALGORITHMS)[number];

/** Signature algorithms that we have keys for. */
export const OUR_ALGORITHMS = ['RS256', 'ES256'] as const;
export type OurAlgorithm = (typeof OUR_ALGORITHMS)[number];

/** How a content key is agreed upon, and the one content encryption: authenticated, no CBC (padding oracles). */
export const KEY_ENCRYPTIONS = ['RSA-OAEP-256', 'ECDH-ES'] as const;
export type KeyEncryption = (typeof KEY_ENCRYPTIONS)[number];
export const CONTENT_ENCRYPTION = 'A256GCM';

/** What a client gets tokens of a union API for. */
export interface ApiAccess {
  readonly resource: string;
  readonly scopes: readonly string[];
}

/** What a client does beyond the ordinary code flow; each part is off unless it is there. */
export interface ClientProtocol {
  /** FAPI 2.0 Security Profile: the rules below become obligations (protocol-rules.ts). */
  readonly profile?: 'fapi-2.0';
  /** Authorization requests are accepted only when pushed (RFC 9126). */
  readonly pushedRequests?: boolean;
  /** Authorization requests are accepted only as request objects signed so (RFC 9101). */
  readonly requestObjects?: RequestAlgorithm;
  /** It may enter without PKCE, which everybody else needs: for libraries and conformance tools that cannot. */
  readonly pkce?: 'optional';
  /** Authorization responses are sent only as signed JWTs (JARM), by the algorithm of the ID token. */
  readonly signedResponses?: boolean;
  /** Access tokens work only with the key (RFC 9449) or the certificate (RFC 8705) they were issued for. */
  readonly boundTokens?: 'dpop' | 'mtls';
  /** The one algorithm of its client assertions; without it any of ours. */
  readonly assertionAlgorithm?: RequestAlgorithm;
  /** DNS name in the certificate, for `tls_client_auth`. */
  readonly certificateDns?: string;
  readonly encryptedIdToken?: KeyEncryption;
  readonly signedUserinfo?: OurAlgorithm;
  readonly encryptedUserinfo?: KeyEncryption;
  /** Tokens in its own name, without a citizen, for the APIs below. */
  readonly clientCredentials?: boolean;
  /** No citizen ever signs in: a back end. */
  readonly withoutCitizens?: boolean;
  readonly apis?: readonly ApiAccess[];
  /** Why it needs the same `sub` as every other client with public subjects. */
  readonly publicSubject?: string;
}
