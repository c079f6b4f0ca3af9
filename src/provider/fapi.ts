import { errors, type Client as LibraryClient, type Configuration } from 'oidc-provider';
import type { Clock } from '../operations/clock.ts';
import { registered } from './client-metadata.ts';

type JwtCheck = NonNullable<Configuration['assertJwtClientAuthClaimsAndHeader']>;
type Claims = Parameters<JwtCheck>[1];

/** Seconds that a client's clock may be ahead of ours (FAPI 2.0 Security Profile, 5.3.2.1). */
const AHEAD = 60;
/** The longest that a request object may be good for, in seconds (FAPI 2.0 Message Signing, 5.3.1). */
const LONGEST_REQUEST = 60 * 60;

/** What FAPI 2.0 wants of a client assertion besides what everybody's has to be. */
export function checkAssertion(clock: Clock): JwtCheck {
  return (ctx, { aud, iat }, _header, client) => {
    if (!isFapi(client)) return;
    if (aud !== ctx.oidc.issuer)
      throw new errors.InvalidClientAuth('audience (aud) must equal the issuer identifier url');
    if (isAhead(iat, clock)) throw new errors.InvalidClientAuth('iat is too far in the future');
  };
}

/** What FAPI 2.0 wants of a request object besides what everybody's has to be. */
export function checkRequestObject(clock: Clock): JwtCheck {
  return (_ctx, claims, _header, client) => {
    if (!isFapi(client)) return;
    const fault = requestFault(claims, clock);
    if (fault !== undefined) throw new errors.InvalidRequestObject(fault);
  };
}

function requestFault({ aud, exp, nbf, iat }: Claims, clock: Clock): string | undefined {
  if (aud === undefined) return 'aud is missing';
  if (typeof exp !== 'number' || typeof nbf !== 'number') return 'exp or nbf is missing';
  if (exp <= nbf || exp - nbf > LONGEST_REQUEST) return 'exp is more than an hour after nbf, or not after it';
  return isAhead(iat, clock) ? 'iat is too far in the future' : undefined;
}

function isAhead(iat: Claims[string] | undefined, clock: Clock): boolean {
  return typeof iat === 'number' && iat > clock.now().getTime() / 1000 + AHEAD;
}

/** Whether a client is registered for the FAPI 2.0 Security Profile. */
export function isFapi(client: LibraryClient): boolean {
  return registered(client).protocol?.profile === 'fapi-2.0';
}
