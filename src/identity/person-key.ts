import { isFiscalCode } from './fiscal-code.ts';
import type { Attributes, PersonKey } from './identity.ts';

const PREFIXED = /^(TIN|VAT)([A-Z]{2})-(\S+)$/i;

/**
 * What a person is known by, from the attributes of a source (one-identity, 1): the codice fiscale as issued
 * (omocodia is never undone), a foreign tax number with its prefix, else the provider's own code for the person.
 * @returns undefined when there is nothing to be one with, or a fiscal number that cannot be one
 */
export function personKeyOf(attributes: Attributes, provider: string): PersonKey | undefined {
  const { fiscalNumber, spidCode } = attributes;
  if (fiscalNumber !== undefined) return fiscalKey(fiscalNumber.trim());
  return spidCode ? { kind: 'provider-code', value: `${provider} ${spidCode}` } : undefined;
}

function fiscalKey(text: string): PersonKey | undefined {
  const [, scheme = 'TIN', country = 'IT', code = text] = PREFIXED.exec(text) ?? [];
  if (scheme.toUpperCase() !== 'TIN') return undefined;
  if (country.toUpperCase() !== 'IT') return { kind: 'foreign-tin', value: text.toUpperCase() };
  const value = code.toUpperCase();
  return isFiscalCode(value) ? { kind: 'it-fiscal', value } : undefined;
}
