/**
 * What a single provider may be let off, where the configuration names it: an Assertion whose Issuer has no Format (A5),
 * attributes without a value (A20), a document that the schema does not know (T6). Whether any provider needs it is not
 * known (spid-response-validation, 2 and 5.2); nothing else is ever let off.
 */
export type Leniency = 'issuer-format' | 'empty-values' | 'schema';
