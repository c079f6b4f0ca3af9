import { hkdfSync } from 'node:crypto';
import type { Configuration } from 'oidc-provider';
import { errors } from 'oidc-provider';
import {
  CONTENT_ENCRYPTION,
  KEY_ENCRYPTIONS,
  OUR_ALGORITHMS,
  REQUEST_ALGORITHMS,
} from '../clients/protocol.ts';
import { introspection, mayRevoke, resourceIndicators } from './apis.ts';
import { mutualTls } from './certificates.ts';
import { registered } from './client-metadata.ts';
import { checkRequestObject, isFapi } from './client-jwts.ts';
import type { ProviderOptions } from './options.ts';
import { refuseMalformedClaims } from './parameters.ts';
import type { ServiceErrorCode } from './service-errors.ts';
import { closedBefore, provesItself } from './sign-out.ts';

/** What is spoken besides the code flow. Nothing that is not here is offered, in discovery or otherwise. */
export function features(options: ProviderOptions): NonNullable<Configuration['features']> {
  return {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    userinfo: { enabled: true },
    claimsParameter: {
      enabled: true,
      assertClaimsParameter: (_ctx, claims) => refuseMalformedClaims(claims),
    },
    clientCredentials: { enabled: options.apis.length > 0 },
    dPoP: { enabled: true, nonceSecret: nonceKey(options), requireNonce: () => true },
    encryption: { enabled: true },
    fapi: {
      enabled: true,
      profile: (_ctx, client) => (client && isFapi(client) ? '2.0' : undefined),
    },
    introspection: introspection(options),
    jwtIntrospection: { enabled: true },
    jwtResponseModes: { enabled: true },
    jwtUserinfo: { enabled: true },
    mTLS: mutualTls(options.clientCertificates),
    pushedAuthorizationRequests: { enabled: true },
    requestObjects: { enabled: true, assertJwtClaimsAndHeader: checkRequestObject(options.clock) },
    resourceIndicators: resourceIndicators(options.apis),
    revocation: {
      enabled: true,
      allowedPolicy: (_ctx, client, token) => {
        if (mayRevoke(client, token)) return true;
        throw new errors.InvalidRequest('token_of_another_client' satisfies ServiceErrorCode);
      },
    },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: async (ctx) => {
        const action = ctx.oidc.urlFor('end_session_confirm');
        const xsrf = ctx.oidc.session?.state?.['secret'] as string;
        const client = ctx.oidc.client && registered(ctx.oidc.client);
        return provesItself(options, ctx)
          ? options.pages.sending(ctx, { why: 'leaving', action, fields: { xsrf, logout: 'yes' }, client })
          : options.pages.logoutQuestion(ctx, { action, xsrf, client });
      },
      // The library names the service where she left that one only.
      postLogoutSuccessSource: async (ctx) =>
        ctx.oidc.client
          ? options.pages.stayed(ctx, registered(ctx.oidc.client))
          : options.pages.loggedOut(ctx, closedBefore(ctx)),
    },
  };
}

/** The algorithms of every exchange. None is symmetric; those that sign are those we have keys for. */
export const ALGORITHMS: NonNullable<Configuration['enabledJWA']> = {
  authorizationEncryptionAlgValues: [],
  authorizationEncryptionEncValues: [],
  authorizationSigningAlgValues: [...OUR_ALGORITHMS],
  clientAuthSigningAlgValues: [...REQUEST_ALGORITHMS],
  dPoPSigningAlgValues: ['ES256', 'PS256'],
  idTokenEncryptionAlgValues: [...KEY_ENCRYPTIONS],
  idTokenEncryptionEncValues: [CONTENT_ENCRYPTION],
  idTokenSigningAlgValues: [...OUR_ALGORITHMS],
  introspectionEncryptionAlgValues: [],
  introspectionEncryptionEncValues: [],
  introspectionSigningAlgValues: [...OUR_ALGORITHMS],
  // What comes in is signed and not encrypted: nothing of ours is a decryption oracle.
  requestObjectEncryptionAlgValues: [],
  requestObjectEncryptionEncValues: [],
  requestObjectSigningAlgValues: [...REQUEST_ALGORITHMS],
  userinfoEncryptionAlgValues: [...KEY_ENCRYPTIONS],
  userinfoEncryptionEncValues: [CONTENT_ENCRYPTION],
  userinfoSigningAlgValues: [...OUR_ALGORITHMS],
};

/** Nonces are good at every process and after a restart. */
function nonceKey({ nonceSecret }: ProviderOptions): Buffer {
  return Buffer.from(hkdfSync('sha256', nonceSecret, '', 'DPoP nonces', 32));
}
