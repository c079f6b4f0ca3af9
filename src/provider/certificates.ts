import { X509Certificate } from 'node:crypto';
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';

/** Headers by which the proxy that ended TLS tells about the certificate of a client. */
export interface CertificateHeaders {
  /** PEM, percent-encoded (nginx: `$ssl_client_escaped_cert`). */
  readonly header: string;
  /** `SUCCESS` when the proxy has checked the chain (nginx: `$ssl_client_verify`). */
  readonly verifiedHeader?: string | undefined;
}

type MutualTls = NonNullable<NonNullable<Configuration['features']>['mTLS']>;

/** RFC 8705 by what the proxy in front tells; without a header configured nothing of it is offered. */
export function mutualTls(headers: CertificateHeaders | undefined): MutualTls {
  return {
    enabled: headers !== undefined,
    certificateBoundAccessTokens: headers !== undefined,
    selfSignedTlsClientAuth: headers !== undefined,
    tlsClientAuth: headers?.verifiedHeader !== undefined,
    getCertificate: (ctx) => certificateOf(ctx, headers),
    certificateAuthorized: (ctx) =>
      headers?.verifiedHeader !== undefined && ctx.get(headers.verifiedHeader) === 'SUCCESS',
    certificateSubjectMatches: (ctx, property, expected) =>
      property === 'tls_client_auth_san_dns' &&
      certificateOf(ctx, headers)?.checkHost(expected, { subject: 'never', wildcards: false }) !== undefined,
  };
}

function certificateOf(
  ctx: KoaContextWithOIDC,
  headers: CertificateHeaders | undefined,
): X509Certificate | undefined {
  const text = headers && ctx.get(headers.header);
  if (!text) return undefined;
  try {
    return new X509Certificate(decodeURIComponent(text));
  } catch {
    return undefined; // as if there were none: the client is then refused
  }
}
