import { errors, type Client as LibraryClient, type Configuration } from 'oidc-provider';
import type { Clock } from '../operations/clock.ts';
import { registered } from './client-metadata.ts';

type JwtCheck = NonNullable<Configuration['assertJwtClientAuthClaimsAndHeader']>;
type Claims = Parameters<JwtCheck>[1];
type Header = Parameters<JwtCheck>[2];

/** Seconds that a client's clock may be ahead of ours (FAPI 2.0 Security Profile, 5.3.2.1). */
const AHEAD = 60;
/** The longest that a request object may be good for, in seconds (FAPI 2.0 Message Signing, 5.3.1). */
const LONGEST_REQUEST = 60 * 60;

/**
 * What a client assertion has to be besides what the library looks at. Whatever else a client signs with the same key and
 * sends by a browser is no proof of who it is (RFC 8725, 3.11).
 */
export function checkAssertion(clock: Clock): JwtCheck {
  return (ctx, { aud, iat, response_type }, header, client) => {
    if (!isTyped(header, 'client-authentication+jwt') || response_type !== undefined)
      throw new errors.InvalidClientAuth('typ is that of something else');
    if (!isFapi(client)) return;
    if (aud !== ctx.oidc.issuer)
      throw new errors.InvalidClientAuth('audience (aud) must equal the issuer identifier url');
    if (isAhead(iat, clock)) throw new errors.InvalidClientAuth('iat is too far in the future');
  };
}

/** What a request object has to be besides what the library looks at. */
export function checkRequestObject(clock: Clock): JwtCheck {
  return (_ctx, claims, header, client) => {
    const fault = isTyped(header, 'oauth-authz-req+jwt')
      ? isFapi(client) && fapiFault(claims, clock)
      : 'typ is that of something else';
    if (fault) throw new errors.InvalidRequestObject(fault);
  };
}

function fapiFault({ aud, exp, nbf, iat }: Claims, clock: Clock): string | undefined {
  if (aud === undefined) return 'aud is missing';
  if (typeof exp !== 'number' || typeof nbf !== 'number') return 'exp or nbf is missing';
  if (exp <= nbf || exp - nbf > LONGEST_REQUEST) return 'exp is more than an hour after nbf, or not after it';
  return isAhead(iat, clock) ? 'iat is too far in the future' : undefined;
}

/** Whether a JWT may be of a kind: it says so, or nothing in particular, as most do. */
function isTyped({ typ }: Header, kind: string): boolean {
  return typ === undefined || (typeof typ === 'string' && ['jwt', kind].includes(typ.toLowerCase()));
}

function isAhead(iat: Claims[string] | undefined, clock: Clock): boolean {
  return typeof iat === 'number' && iat > clock.now().getTime() / 1000 + AHEAD;
}

/** Whether a client is registered for the FAPI 2.0 Security Profile. */
export function isFapi(client: LibraryClient): boolean {
  return registered(client).protocol?.profile === 'fapi-2.0';
}
