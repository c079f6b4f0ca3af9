import type { Account, KoaContextWithOIDC } from 'oidc-provider';
import type { Client } from '../clients/client.ts';
import { claimsOf } from '../identity/claims.ts';
import type { Attributes } from '../identity/identity.ts';
import { registered } from './client-metadata.ts';
import type { ProviderOptions } from './options.ts';

/** A person as the library wants her: what a client may know is read from the identity its grant stands on. */
export function account(
  options: ProviderOptions,
  ctx: KoaContextWithOIDC,
  personId: string,
  grantId: string | undefined,
): Account {
  return {
    accountId: personId,
    async claims(use) {
      const client = ctx.oidc.client && registered(ctx.oidc.client);
      if (use !== 'userinfo' || !grantId || !client) return { sub: personId };
      const identity = await options.identities.ofGrant(grantId);
      if (!identity) return { sub: personId };
      return { ...claimsOf(approved(identity.attributes, client), options.claimsPrefix), sub: personId };
    },
  };
}

/** The part of what is held that the client is registered for. */
export function approved(attributes: Attributes, client: Client): Attributes {
  const names: readonly string[] = client.attributes.map(({ name }) => name);
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => names.includes(name)));
}
