import type { Localised } from '../../identity/language.ts';
import type { Level } from '../../identity/level.ts';
import type { Edit } from '../edits.ts';
import { AUTHN_FAILED, errorXml, responseXml, signed, type Kit, type Signings } from '../model.ts';

/**
 * Where a case comes from: P is spid-sp-test, V the validator of AgID, both the same numbers; "own" are those that
 * neither of them plays (spid-response-validation, 7 and 8).
 */
export type Suite = 'P' | 'V' | 'PV' | 'own';

/** One answer of a test identity provider, and what has to become of it. */
export interface Case {
  readonly nr: string;
  readonly suite: Suite;
  readonly mutation: Localised;
  /** "by level": the truth table of section 5.3 decides. "free": AgID accepts either. */
  readonly expected: 'OK' | 'KO' | 'by level' | 'free';
  /** The gateway's check that is meant to catch it (spid-response-validation, 2–5); none where nothing is to be caught. */
  readonly check?: string;
  /** AgID's number, where the answer is an error the citizen has to be told about. */
  readonly anomaly?: number;
  /** The level given, where it is not the one asked for. */
  readonly given?: Level;
  readonly answer: (kit: Kit) => string;
  readonly delivery?: Delivery;
}

/** How an answer is posted, where that is what is wrong. */
export interface Delivery {
  /** Changes the fields of the form. */
  readonly form?: (form: URLSearchParams) => void;
  /** From a browser that never asked: without the cookies of the one that did. */
  readonly elsewhere?: true;
  /** Once as it should be, and then again from another browser: only the second time is judged. */
  readonly again?: true;
}

type Words = readonly [it: string, en: string];

const localised = ([it, en]: Words): Localised => ({ it, en });

/** A case that has to be refused, by that check. */
export function refused(
  nr: number | string,
  suite: Suite,
  check: string,
  mutation: Words,
  answer: Case['answer'],
  delivery?: Delivery,
): Case {
  return {
    nr: String(nr),
    suite,
    mutation: localised(mutation),
    expected: 'KO',
    check,
    answer,
    ...(delivery ? { delivery } : {}),
  };
}

/** A case that has to get in. */
export function accepted(nr: number | string, suite: Suite, mutation: Words, answer: Case['answer']): Case {
  return { nr: String(nr), suite, mutation: localised(mutation), expected: 'OK', answer };
}

/** A level given, whatever was asked for. */
export function levelled(nr: number, given: Level): Case {
  return {
    nr: String(nr),
    suite: 'PV',
    mutation: {
      it: `AuthnContextClassRef SpidL${given}`,
      en: `class SpidL${given} returned`,
    },
    expected: 'by level',
    check: 'A18',
    given,
    answer: (kit) => changed()({ ...kit, facts: { ...kit.facts, level: given } }),
  };
}

/** An error of the citizen's, which ends on a page of its own. */
export function anomaly(
  nr: number | string,
  suite: Suite,
  number: number,
  what: Words,
  message = `ErrorCode nr${number}`,
): Case {
  return {
    nr: String(nr),
    suite,
    mutation: { it: `anomalia ${number}: ${what[0]}`, en: `anomaly ${number}: ${what[1]}` },
    expected: 'KO',
    check: 'R7',
    anomaly: number,
    answer: (kit) => signed(errorXml(kit.facts, AUTHN_FAILED, message), kit),
  };
}

/** A correct response with these changes, then signed as providers sign: Assertion and Response. */
export const changed =
  (...edits: readonly Edit[]) =>
  (kit: Kit): string =>
    signed(edited(kit, edits), kit);

/** A correct response with these changes, signed in another way. */
export const signedBy =
  (how: Signings | ((kit: Kit) => Signings), ...edits: readonly Edit[]) =>
  (kit: Kit): string =>
    signed(edited(kit, edits), kit, typeof how === 'function' ? how(kit) : how);

function edited({ facts }: Kit, edits: readonly Edit[]): string {
  return edits.reduce((xml, edit) => edit(xml, facts), responseXml(facts));
}
