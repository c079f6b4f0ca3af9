import type { Purpose } from '../../clients/policy.ts';
import type { Attributes, IdentityKind } from '../../identity/identity.ts';

/**
 * The kind of identity behind an answer. SPID says it nowhere: it follows from the purpose that was asked for, which
 * the provider keeps (anomaly 30), and from who is in the answer: a person, a company that is somebody else than she,
 * or both (AgID notice 18 v2).
 */
export function kindOf(purpose: Purpose | undefined, attributes: Attributes): IdentityKind {
  if (purpose === undefined) return 'citizen';
  const [person, company] = [taxNumber(attributes.fiscalNumber), taxNumber(attributes.companyFiscalNumber)];
  if (company === undefined || company === person) return 'professional';
  return person === undefined ? 'legal-person' : 'professional-for-legal-person';
}

function taxNumber(value: string | undefined): string | undefined {
  return value
    ?.trim()
    .toUpperCase()
    .replace(/^TINIT-/, '');
}
