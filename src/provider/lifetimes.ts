import type { Client as LibraryClient, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { LEVELS, levelOf } from '../identity/level.ts';
import { registered } from './client-metadata.ts';
import type { ProviderOptions } from './options.ts';

/** Minutes. Long enough for a service to fetch what it needs, short enough to be worthless when lost. */
const ACCESS_TOKEN_MINUTES = 10;
const ID_TOKEN_MINUTES = 10;
/** Seconds: a code is redeemed at once by a server, or never. */
const CODE_SECONDS = 60;

/** How long each thing lasts, in seconds; what a client is registered with comes before our default. */
export function lifetimes(options: ProviderOptions): NonNullable<Configuration['ttl']> {
  const longest = Math.max(...LEVELS.map(options.lifetimes.standing));
  const minutes = (client: LibraryClient) => registered(client).policy?.tokenMinutes;
  return {
    AccessToken: (_ctx, token, client) =>
      token.resourceServer?.accessTokenTTL ?? (minutes(client)?.access ?? ACCESS_TOKEN_MINUTES) * 60,
    ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? ACCESS_TOKEN_MINUTES * 60,
    AuthorizationCode: CODE_SECONDS,
    IdToken: (_ctx, _token, client) => (minutes(client)?.id ?? ID_TOKEN_MINUTES) * 60,
    // A token issued at the last moment has to find its grant.
    Grant: longest + 60 * 60,
    Interaction: options.lifetimes.login,
    RefreshToken: (ctx, _token, client) => refreshSeconds(options, ctx, minutes(client)?.refresh),
    Session: longest,
  };
}

/** Nothing derived from a login outlives what a login of its level may answer for. */
function refreshSeconds(
  options: ProviderOptions,
  ctx: KoaContextWithOIDC,
  minutes: number | undefined,
): number {
  const source = ctx.oidc.entities.RefreshToken ?? ctx.oidc.entities.AuthorizationCode;
  const level = levelOf(source?.acr ?? '');
  const now = Math.floor(options.clock.now().getTime() / 1000);
  if (!level || !source?.authTime) return 1;
  const standing = options.lifetimes.standing(level);
  const wanted = minutes === undefined ? standing : Math.min(standing, minutes * 60);
  return Math.max(1, source.authTime + wanted - now);
}
