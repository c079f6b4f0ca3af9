import {
  errors,
  type AccessToken,
  type Client as LibraryClient,
  type ClientCredentials,
  type Configuration,
  type KoaContextWithOIDC,
  type RefreshToken,
} from 'oidc-provider';
import type { Api } from '../clients/api.ts';
import type { ClientRegister } from '../clients/register.ts';
import { registered } from './client-metadata.ts';
import { words } from './parameters.ts';
import type { ServiceErrorCode } from './service-errors.ts';

type Features = NonNullable<Configuration['features']>;

/** Access tokens for union APIs, each for one API and for what the client may do there (RFC 8707, RFC 9068). */
export function resourceIndicators(apis: readonly Api[]): NonNullable<Features['resourceIndicators']> {
  return {
    enabled: true,
    // A back end that uses one API need not name it. A citizen's token is for our userinfo unless an API is named.
    defaultResource: (ctx, client, oneOf) => {
      if (oneOf) return oneOf;
      if (!isClientCredentials(ctx)) return [];
      const [only, ...others] = registered(client).protocol?.apis ?? [];
      // A token for no API in particular is good for none.
      if (!only || others.length > 0)
        throw new errors.InvalidTarget('resource_missing' satisfies ServiceErrorCode);
      return only.resource;
    },
    useGrantedResource: () => false,
    getResourceServerInfo: (ctx, resource, client) => {
      const api = apis.find((candidate) => candidate.resource === resource);
      const access = registered(client).protocol?.apis?.find((candidate) => candidate.resource === resource);
      // Whoever is in the test stage has not been approved for anything yet.
      if (!api || !access || registered(client).testing)
        throw new errors.InvalidTarget('resource_not_allowed' satisfies ServiceErrorCode);
      const scopes = access.scopes.filter((scope) => api.scopes.includes(scope));
      if (isClientCredentials(ctx)) refuseOnlyOthers(ctx, scopes);
      return {
        audience: api.resource,
        scope: scopes.join(' '),
        accessTokenTTL: api.tokenMinutes * 60,
        accessTokenFormat: api.tokenFormat,
        ...(api.tokenFormat === 'jwt' ? { jwt: { sign: { alg: 'ES256' } } } : {}),
      };
    },
  };
}

/**
 * Some of the scopes asked for are enough, as the answer says; where there would be none the program has to know now,
 * and not from the API (RFC 6749, 5.2).
 */
function refuseOnlyOthers(ctx: KoaContextWithOIDC, allowed: readonly string[]): void {
  const asked = words(ctx.oidc.params ?? {}, 'scope');
  if (asked.length > 0 && !asked.some((scope) => allowed.includes(scope)))
    throw new errors.InvalidScope('scope_not_allowed' satisfies ServiceErrorCode, asked.join(' '));
}

function isClientCredentials(ctx: KoaContextWithOIDC): boolean {
  return ctx.oidc.params?.['grant_type'] === 'client_credentials';
}

type Introspected = AccessToken | ClientCredentials | RefreshToken;

/**
 * Who may ask about a token: the client it was issued to, and the API it is for. Of a client that is no longer live no
 * token is good for anything.
 */
export function introspection({ apis, clients }: { apis: readonly Api[]; clients: ClientRegister }) {
  return {
    enabled: true as const,
    allowedPolicy: async (_ctx: KoaContextWithOIDC, client: LibraryClient, token: Introspected) => {
      if (token.clientId === client.clientId) return true;
      if ((await clients.find(token.clientId ?? '')) === undefined) return false;
      const { aud } = token as { readonly aud?: unknown };
      return apis.some(
        ({ resource, introspectedBy }) =>
          introspectedBy === client.clientId &&
          (Array.isArray(aud) ? aud.includes(resource) : aud === resource),
      );
    },
  };
}

/** What an API has to know of the login behind a token, besides who (RFC 9068, 2.2.1). */
export function tokenClaims(ctx: KoaContextWithOIDC): Record<string, unknown> | undefined {
  const source = ctx.oidc.entities.RefreshToken ?? ctx.oidc.entities.AuthorizationCode;
  return source?.acr === undefined ? undefined : { acr: source.acr, auth_time: source.authTime };
}

/** A token is taken back by the client it was issued to, and by nobody else. */
export function mayRevoke(client: LibraryClient, token: { readonly clientId?: string | undefined }): boolean {
  return token.clientId === client.clientId;
}
