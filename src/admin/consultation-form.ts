import { personKeyOf } from '../identity/person-key.ts';
import { hashInput } from '../identity/persons.ts';
import type { KeyedHash } from '../keys/keyed-hash.ts';
import { startOfDay } from '../operations/italian-time.ts';
import type { ConsultationScope } from '../register/consultation/consultation.ts';
import { readReference } from './trace/story.ts';

export const CONSULTATION_FIELDS = [
  'reason',
  'fiscalNumber',
  'reference',
  'messageId',
  'from',
  'to',
  'entity',
  'service',
  'provider',
] as const;
export type ConsultationField = (typeof CONSULTATION_FIELDS)[number];

/** What is wrong, beside the field; `scope` where nothing says what to look for. */
export type ConsultationFaults = Partial<
  Record<
    ConsultationField | 'scope',
    'reason' | 'fiscalNumber' | 'reference' | 'day' | 'order' | 'scope' | 'long'
  >
>;

const LONGEST = { reason: 500, other: 256 } as const;
const SHORTEST_REASON = 10;

/** Reads the form of a new consultation. The codice fiscale goes no further than its hashes. */
export function readConsultation(
  fields: ReadonlyMap<string, string>,
  personHash: KeyedHash,
): { scope: ConsultationScope; reason: string; faults: ConsultationFaults } {
  const text = (name: ConsultationField) => (fields.get(name) ?? '').trim();
  const given = (name: ConsultationField) => text(name) || undefined;
  const faults: ConsultationFaults = {};
  for (const name of CONSULTATION_FIELDS)
    if (name !== 'reason' && text(name).length > LONGEST.other) faults[name] = 'long';
  const reason = text('reason');
  if (reason.length < SHORTEST_REASON || reason.length > LONGEST.reason) faults.reason = 'reason';
  const person = text('fiscalNumber') ? personKeyOf({ fiscalNumber: text('fiscalNumber') }, '') : undefined;
  if (text('fiscalNumber') && !person) faults.fiscalNumber = 'fiscalNumber';
  const reference = text('reference') ? readReference(text('reference')) : undefined;
  if (text('reference') && !reference) faults.reference = 'reference';
  const [from, to] = [startOfDay(text('from')), startOfDay(text('to'), 1)];
  if (text('from') && !from) faults.from = 'day';
  if (text('to') && !to) faults.to = 'day';
  if (from && to && from >= to) faults.to = 'order';
  const scope: ConsultationScope = {
    personHashes: person && personHash.candidates(hashInput(person)).map(({ hash }) => hash),
    reference,
    messageId: given('messageId'),
    from,
    to,
    entityId: given('entity'),
    clientId: given('service'),
    provider: given('provider'),
  };
  const named = text('fiscalNumber') || text('reference') || text('messageId');
  if (!named && !(text('from') && text('to'))) faults.scope = 'scope';
  return { scope, reason, faults };
}
