import { Refused } from '../../operations/errors.ts';
import type { EntryFilter } from '../search.ts';

/** What a consultation covers: one person, one transaction, or one period. All that is named has to fit. */
export interface ConsultationScope {
  /** Keyed hashes of the person, under every key. */
  readonly personHashes?: readonly string[] | undefined;
  /** Support reference. */
  readonly reference?: string | undefined;
  /** ID of a request, a message or an assertion. */
  readonly messageId?: string | undefined;
  readonly entityId?: string | undefined;
  readonly clientId?: string | undefined;
  readonly provider?: string | undefined;
  readonly from?: Date | undefined;
  /** Not included. */
  readonly to?: Date | undefined;
}

export type ConsultationState = 'waiting' | 'open' | 'refused';

/** Somebody looks, or wants to look, into the register: with a reason, for a time. */
export interface Consultation {
  readonly id: string;
  readonly state: ConsultationState;
  readonly askedAt: Date;
  /** What whoever asked is called. */
  readonly asker: string;
  readonly askerHash: string | undefined;
  /** Who agreed or refused; undefined where nobody had to, or has yet. */
  readonly decider: string | undefined;
  readonly reason: string;
  readonly scope: ConsultationScope;
  /** Waiting: until then it may be decided. Open: until then it may be used. */
  readonly endsAt: Date;
}

/** How the union wants its register to be consulted (register.consultations in the configuration). */
export interface ConsultationRules {
  /** Nobody looks alone: somebody else has to agree first. */
  readonly secondPerson: boolean;
  readonly approvalHours: number;
  readonly openHours: number;
}

const SHORTEST_REASON = 10;
const LONGEST_REASON = 500;
const LONGEST_VALUE = 256;

/**
 * @returns the reason without blanks around it
 * @throws Refused `consultation_reason`
 */
export function checkedReason(reason: string): string {
  const text = reason.trim();
  if (text.length >= SHORTEST_REASON && text.length <= LONGEST_REASON) return text;
  throw new Refused(
    'consultation_reason',
    `state why, in ${SHORTEST_REASON} to ${LONGEST_REASON} characters: it stays in the audit trail`,
  );
}

/** @throws Refused `consultation_scope` where neither a person, nor a transaction, nor a period is named */
export function checkedScope(scope: ConsultationScope): ConsultationScope {
  const { personHashes, reference, messageId, from, to } = scope;
  const period = from !== undefined && to !== undefined;
  if (personHashes === undefined && !reference && !messageId && !period)
    throw new Refused(
      'consultation_scope',
      'name a person, a reference, an ID, or a period with both its ends',
    );
  if (period && from >= to) throw new Refused('consultation_scope', 'the period ends before it begins');
  const texts = [reference, messageId, scope.entityId, scope.clientId, scope.provider];
  if (texts.some((text) => (text?.length ?? 0) > LONGEST_VALUE))
    throw new Refused('consultation_scope', `no value is longer than ${LONGEST_VALUE} characters`);
  return scope;
}

export function filterOf(scope: ConsultationScope): EntryFilter {
  return { ...scope, reference: scope.reference?.toUpperCase() };
}

/** The scope as JSON knows it: for the audit trail and for the table. */
export function writtenScope(scope: ConsultationScope): Record<string, unknown> {
  return JSON.parse(JSON.stringify(scope)) as Record<string, unknown>;
}

export function readScope(written: Record<string, unknown>): ConsultationScope {
  const { from, to, ...rest } = written;
  return {
    ...rest,
    ...(typeof from === 'string' ? { from: new Date(from) } : {}),
    ...(typeof to === 'string' ? { to: new Date(to) } : {}),
  };
}
