import { createHash, randomBytes } from 'node:crypto';
import type { Client } from '../clients/client.ts';
import { scopesOf } from './configurations.ts';

/**
 * An authorization request as the service would make it. What comes back can be redeemed by nobody: whoever needs that
 * begins at the service.
 * @returns undefined for services whose requests have to be pushed or signed
 */
export function tryUrl(client: Client, publicUrl: string): string | undefined {
  const { pushedRequests, requestObjects, profile } = client.protocol ?? {};
  const [redirectUri] = client.redirectUris;
  if (pushedRequests || requestObjects || profile || redirectUri === undefined) return undefined;
  const query = new URLSearchParams({
    client_id: client.id,
    redirect_uri: redirectUri,
    response_type: 'code',
    prompt: 'login',
    scope: scopesOf(client),
    state: 'try',
    code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
  });
  return `${publicUrl}/oidc/auth?${query.toString()}`;
}
