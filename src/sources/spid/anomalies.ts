import type { FailureReason } from '../source.ts';

/** An error status of a provider: which number, and what it means for the citizen. */
export interface Anomaly {
  /** AgID's number; undefined when the message holds none we know. */
  readonly nr: number | undefined;
  /** Stable code for services and logs. */
  readonly code: string;
  readonly reason: FailureReason;
}

/** Reasons by number (spid-response-validation, 6.1). 1 is success and never gets here; 24 is reserved. */
const REASONS: Readonly<Record<number, FailureReason>> = {
  2: 'unreachable',
  3: 'provider-fault',
  4: 'our-fault',
  5: 'our-fault',
  6: 'our-fault',
  7: 'our-fault',
  8: 'our-fault',
  9: 'our-fault',
  10: 'our-fault',
  11: 'our-fault',
  12: 'our-fault',
  13: 'not-started',
  14: 'our-fault',
  15: 'our-fault',
  16: 'our-fault',
  17: 'our-fault',
  18: 'our-fault',
  19: 'wrong-credentials',
  20: 'level-not-held',
  21: 'timed-out',
  22: 'consent-refused',
  23: 'identity-suspended',
  25: 'cancelled',
  26: 'not-completed',
  27: 'not-completed',
  28: 'not-completed',
  29: 'not-completed',
  30: 'wrong-identity-kind',
};

/**
 * Reads the number out of a StatusMessage, whatever stands around it and whatever the status codes say: providers do
 * not agree on them (spid-response-validation, 6).
 */
export function anomalyOf(statusMessage: string): Anomaly {
  const match = /ErrorCode\s*nr\s*0*(\d{1,2})(?!\d)/i.exec(statusMessage);
  const nr = match ? Number(match[1]) : undefined;
  const reason = nr === undefined ? undefined : REASONS[nr];
  if (nr === undefined || reason === undefined)
    return { nr: undefined, code: 'spid_unknown', reason: 'unknown' };
  return { nr, code: `spid_nr${String(nr).padStart(2, '0')}`, reason };
}
