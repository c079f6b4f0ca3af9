import type { Account, KoaContextWithOIDC } from 'oidc-provider';
import type { Client } from '../clients/client.ts';
import type { AgePolicy } from '../clients/policy.ts';
import { ageOn } from '../identity/age.ts';
import { actingFor, claimsOf } from '../identity/claims.ts';
import type { RecordedIdentity } from '../identity/identities.ts';
import type { Attributes } from '../identity/identity.ts';
import { registered } from './client-metadata.ts';
import type { ProviderOptions } from './options.ts';

/** In years. */
const ADULT = 18;

/** Test identity providers answer for services in the test stage, all others for live ones. */
export function isOfStage({ test }: Pick<RecordedIdentity, 'test'>, { testing }: Client): boolean {
  return Boolean(test) === Boolean(testing);
}

/** A person as the library wants her, with the identity that her grant stands on. */
interface PersonAccount extends Account {
  readonly identity: RecordedIdentity | undefined;
}

/** The identity behind an account that this request found. */
export function identityOf(found: Account | undefined): RecordedIdentity | undefined {
  return (found as PersonAccount | undefined)?.identity;
}

/**
 * A person as the library wants her: what a client may know is read from the identity its grant stands on.
 * @returns undefined when that is not of the client's stage: codes and tokens that came of a test identity provider end
 *   when the service goes live
 */
export async function account(
  options: ProviderOptions,
  ctx: KoaContextWithOIDC,
  personId: string,
  grantId: string | undefined,
): Promise<PersonAccount | undefined> {
  const client = ctx.oidc.client && registered(ctx.oidc.client);
  const identity = grantId === undefined ? undefined : await options.identities.ofGrant(grantId);
  if (client && identity && !isOfStage(identity, client)) return undefined;
  return {
    accountId: personId,
    identity,
    claims(use) {
      if (use !== 'userinfo' || !identity || !client) return { sub: personId };
      const released = approved(identity.attributes, client);
      const company = actingFor(identity.kind, released);
      return {
        ...claimsOf(released, options.claimsPrefix),
        ...(company ? { acting_for: company } : {}),
        ...ageClaims(client.policy?.age, ageOn(identity.attributes.dateOfBirth, options.clock.now())),
        sub: personId,
      };
    },
  };
}

/** What a client gets to know of an age: yes or no to what it is registered for (one-identity, 9). */
function ageClaims(policy: AgePolicy | undefined, age: number | undefined): Record<string, boolean> {
  if (!policy || age === undefined) return {};
  return {
    ...Object.fromEntries((policy.over ?? []).map((years) => [`age_over_${years}`, age >= years])),
    ...(policy.minor ? { is_minor: age < ADULT } : {}),
  };
}

/** The part of what is held that the client is registered for. */
export function approved(attributes: Attributes, client: Client): Attributes {
  const names: readonly string[] = client.attributes.map(({ name }) => name);
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => names.includes(name)));
}
