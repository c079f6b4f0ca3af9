import type { Client } from '../clients/client.ts';
import { kindsFor } from '../clients/policy.ts';
import { ageOn } from '../identity/age.ts';
import type { RecordedIdentity } from '../identity/identities.ts';
import type { FailureReason } from '../sources/source.ts';
import { isOfAge } from './age.ts';

/** Why somebody who proved who she is may not enter all the same. */
export interface Refusal {
  readonly reason: FailureReason;
  /** What the service is told, as a stable identifier. */
  readonly code: string;
}

/**
 * Whether a proved identity may enter a service: of the right kind, and of age where that is asked.
 * @returns undefined when it may
 */
export function refusalOf(
  identity: Pick<RecordedIdentity, 'kind' | 'attributes'>,
  client: Client,
  now: Date,
): Refusal | undefined {
  const { purpose, age } = client.policy ?? {};
  if (!kindsFor(purpose).includes(identity.kind))
    return { reason: 'wrong-identity-kind', code: 'identity_kind' };
  if (age?.minimum === undefined && age?.maximum === undefined) return undefined;
  const years = ageOn(identity.attributes.dateOfBirth, now);
  if (years === undefined) return { reason: 'attributes-missing', code: 'age_unknown' };
  return isOfAge(years, age) ? undefined : { reason: 'age-not-allowed', code: 'age_not_allowed' };
}
