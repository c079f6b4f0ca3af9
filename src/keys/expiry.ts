import type { KeyFacts } from './directory.ts';

/** Renewing takes an exchange with AgID and every identity provider: warn this early (spid-sp-metadata, 5), in days. */
const WARNING_DAYS = 90;
const DAY_MS = 24 * 60 * 60 * 1000;

/** A key that needs its operator. */
export interface KeyProblem {
  readonly kind: KeyFacts['kind'];
  readonly id: string;
  readonly problem: string;
}

/**
 * Certificates that are not valid, or soon will not be: identity providers turn down what such a key signs.
 * @param inventory as the key ring lists it
 */
export function keyProblems(inventory: readonly KeyFacts[], now: Date): KeyProblem[] {
  return inventory.flatMap(({ kind, id, created, expires }) => {
    if (!expires) return [];
    const days = Math.floor((expires.getTime() - now.getTime()) / DAY_MS);
    if (days < 0) return [{ kind, id, problem: `expired on ${day(expires)}` }];
    if (created > now) return [{ kind, id, problem: `not valid before ${day(created)}` }];
    return days <= WARNING_DAYS ? [{ kind, id, problem: `expires in ${days} days, on ${day(expires)}` }] : [];
  });
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
