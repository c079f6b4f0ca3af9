import type { Context } from 'koa';
import type { ServiceErrorCode } from './service-errors.ts';

/** Where the provider answers, by the library's names for its routes. */
export const ENDPOINTS = {
  authorization: '/oidc/auth',
  pushed_authorization_request: '/oidc/par',
  token: '/oidc/token',
  introspection: '/oidc/introspect',
  revocation: '/oidc/revoke',
  userinfo: '/oidc/userinfo',
  jwks: '/oidc/jwks',
  end_session: '/oidc/logout',
} as const;

/** What the provider is and offers: by OpenID Connect Discovery, and by RFC 8414 for whoever speaks OAuth only. */
export const DISCOVERY = [
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
] as const;

const POST = ['POST', 'OPTIONS'];
const GET = ['GET', 'HEAD', 'OPTIONS'];

/** The methods of the endpoints that programs call. */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  [ENDPOINTS.pushed_authorization_request]: POST,
  [ENDPOINTS.token]: POST,
  [ENDPOINTS.introspection]: POST,
  [ENDPOINTS.revocation]: POST,
  [ENDPOINTS.userinfo]: [...GET, 'POST'],
  [ENDPOINTS.jwks]: GET,
  ...Object.fromEntries(DISCOVERY.map((path) => [path, GET])),
};

/**
 * Tells a program that it uses the wrong method (RFC 9126, 2.3), where the library would say that nothing is there.
 * @returns whether that was so: then the request is answered
 */
export function isMethodRefused(ctx: Context): boolean {
  const allowed = METHODS[ctx.path];
  if (!allowed || allowed.includes(ctx.method)) return false;
  ctx.status = 405;
  ctx.set('Allow', allowed.join(', '));
  ctx.body = {
    error: 'invalid_request',
    error_description: 'method_not_allowed' satisfies ServiceErrorCode,
  };
  return true;
}
