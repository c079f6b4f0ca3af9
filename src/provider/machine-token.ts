import type Provider from 'oidc-provider';
import type { Client } from '../clients/client.ts';
import type { ClientRegister } from '../clients/register.ts';

/** A client that acts in its own name at an API of the gateway itself. */
export interface MachineToken {
  readonly client: Client;
  readonly scopes: readonly string[];
}

/**
 * What a token of the client credentials grant is good for at one API. Read at every request: of a client that was
 * suspended, and of a scope that was taken away, nothing is left.
 * @param resource the API: a token for another one is none here
 * @returns undefined for tokens that are unknown, expired, for elsewhere, or bound to a key that nobody proves here
 */
export async function machineToken(
  provider: Provider,
  clients: Pick<ClientRegister, 'find'>,
  value: string,
  resource: string,
): Promise<MachineToken | undefined> {
  const token = await provider.ClientCredentials.find(value);
  if (!token?.clientId || token.isExpired || token.isSenderConstrained() || token.aud !== resource)
    return undefined;
  const client = await clients.find(token.clientId);
  const access = client?.protocol?.apis?.find((api) => api.resource === resource);
  if (!client || client.testing || !client.protocol?.clientCredentials || !access) return undefined;
  return { client, scopes: access.scopes.filter((scope) => token.scopes.has(scope)) };
}
