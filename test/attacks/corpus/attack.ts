import { createHash } from 'node:crypto';
import { refused, type Case, type Delivery } from '../../../src/selfcheck/cases/case.ts';
import { responseXml, signed, type Kit, type Signing, type Signings } from '../../../src/selfcheck/model.ts';

/** Somebody the provider never vouched for. */
export const FORGED = 'TINIT-FRGLSS90A41H501C';

const SIGNATURE = /<ds:Signature .*?<\/ds:Signature>/s;

/**
 * An attack, told as a case of the self-check, so that everything that plays cases plays it.
 * @param name class in the list of vulnerability classes (S01 …), advisory, shape
 * @param check the one that is meant to catch it
 */
export function attack(name: string, check: string, answer: Case['answer'], delivery?: Delivery): Case {
  return refused(name, 'own', check, [name, name], answer, delivery);
}

/** What an attacker has who got hold of one genuine answer. */
export interface Pieces {
  readonly genuine: string;
  /** Without its own signature. */
  readonly response: string;
  readonly responseSignature: string;
  readonly assertion: string;
  readonly assertionSignature: string;
  /** The genuine Assertion without its signature. */
  readonly unsigned: string;
  /** Another person's Assertion, unsigned, with an ID of its own. */
  readonly forged: string;
  /** A Response with an ID of its own around some content. */
  readonly shell: (content: string, signature?: string) => string;
}

export function pieces(kit: Kit, how: Signings = {}): Pieces {
  const genuine = signed(responseXml(kit.facts), kit, how);
  const responseSignature = how.response === false ? '' : (SIGNATURE.exec(genuine)?.[0] ?? '');
  const response = genuine.replace(responseSignature, '');
  const [assertion = ''] = /<saml:Assertion .*<\/saml:Assertion>/s.exec(response) ?? [];
  const [assertionSignature = ''] = SIGNATURE.exec(assertion) ?? [];
  const unsigned = assertion.replace(assertionSignature, '');
  return {
    genuine,
    response,
    responseSignature,
    assertion,
    assertionSignature,
    unsigned,
    forged: forge(unsigned, kit).replace(`ID="${kit.facts.assertionId}"`, 'ID="_forged"'),
    shell: (content, signature = '') =>
      response
        .replace(`ID="${kit.facts.responseId}"`, 'ID="_wrapped"')
        .replace(assertion, () => content)
        .replace('</saml:Issuer>', (end) => end + signature),
  };
}

/** The same text about somebody else. */
export function forge(xml: string, { facts }: Kit): string {
  return xml
    .replace(`>${facts.attributes['fiscalNumber']}<`, `>${FORGED}<`)
    .replace(`>${facts.nameId}<`, '>_somebody_else<');
}

/** A correct answer, signed, then changed. @throws Error when that changes nothing */
export const tampered =
  (change: (xml: string, kit: Kit) => string, how: Signings = {}) =>
  (kit: Kit): string => {
    const genuine = signed(responseXml(kit.facts), kit, how);
    return different(genuine, change(genuine, kit));
  };

/** A correct answer, changed, then signed by the provider: it is meant to mean something else to each reader. */
export const written =
  (change: (xml: string, kit: Kit) => string, how: Signings = {}) =>
  (kit: Kit): string => {
    const correct = responseXml(kit.facts);
    return signed(different(correct, change(correct, kit)), kit, how);
  };

function different(before: string, after: string): string {
  if (before === after) throw new Error('the attack changed nothing');
  return after;
}

/** The signature of the Assertion, changed after it was made; that of the Response is right, or there is none. */
export const edited =
  (edit: (signature: string) => string, response: Signing | false = {}) =>
  (kit: Kit) =>
    signed(responseXml(kit.facts), kit, { assertion: { edit }, response });

export const SIGNED_INFO = /<ds:SignedInfo>.*?<\/ds:SignedInfo>/s;

export const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');
