import type { Violation } from '../entities/rules.ts';

/**
 * Grounds on which a public body may ask for data (GDPR 6(1), letters e, c, b, a, d). Legitimate interests are not among
 * them: they are not open to public authorities in the performance of their tasks.
 */
export const LEGAL_GROUNDS = [
  'public-task',
  'legal-obligation',
  'contract',
  'consent',
  'vital-interests',
] as const;
export type LegalGround = (typeof LEGAL_GROUNDS)[number];

/** Why a service may ask for an attribute: citizens read it, and the record of processing is made from it. */
export interface LegalBasis {
  readonly ground: LegalGround;
  /** The provision it rests on, as jurists quote it: `d.P.R. 160/2010, art. 4`. */
  readonly law?: string;
}

/** Longest quotation, in letters. */
export const LONGEST_LAW = 200;

/** A task or an obligation is one that a law gives: it has to be named (GDPR 6(3)). */
export function needsLaw(ground: LegalGround): boolean {
  return ground === 'public-task' || ground === 'legal-obligation';
}

/** What a client wants, as far as legal bases go. */
interface Wanting {
  readonly attributes: readonly { readonly legalBasis?: LegalBasis }[];
}

/** Where, among the attributes that a client wants, it does not say on what legal basis. */
export function withoutBasis({ attributes }: Wanting): readonly number[] {
  return attributes.flatMap(({ legalBasis }, at) => (legalBasis === undefined ? [at] : []));
}

/** What is wrong with the legal bases that are there. */
export function legalBasisViolations({ attributes }: Wanting): Violation[] {
  return attributes.flatMap(({ legalBasis }, at): Violation[] => {
    if (!legalBasis || legalBasis.law?.trim() || !needsLaw(legalBasis.ground)) return [];
    return [
      {
        rule: 'GDPR 6(3)',
        key: `attributes[${at}].legalBasis.law`,
        found: 'nothing',
        allowed: `the provision that ${legalBasis.ground} rests on, such as: d.P.R. 160/2010, art. 4`,
      },
    ];
  });
}
