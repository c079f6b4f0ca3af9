import { ASSERTION } from './checks/assertion.ts';
import type { Check } from './checks/check.ts';
import { RESPONSE } from './checks/response.ts';
import { IDENTIFIERS, SIGNATURES } from './checks/signatures.ts';
import { CORRELATION, SCHEMA, TRANSPORT } from './checks/transport.ts';

/**
 * Every check of a response, in the order in which they run; the first that fails refuses. The schema (T6) comes last,
 * so that a refusal names the precise rule. A19 (SessionIndex) has no row: the specification forbids refusing on it.
 */
export const CHECKS: readonly Check[] = [
  ...TRANSPORT,
  ...CORRELATION,
  ...IDENTIFIERS,
  ...SIGNATURES,
  ...RESPONSE,
  ...ASSERTION,
  ...SCHEMA,
];
