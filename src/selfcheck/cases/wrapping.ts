import { responseXml, signed, type Kit } from '../model.ts';
import { URI } from '../signer.ts';
import { refused, signedBy, type Case } from './case.ts';

/** Somebody the provider never vouched for. */
export const FORGED = 'TINIT-FRGLSS90A41H501C';

const SIGNATURE = /<ds:Signature .*?<\/ds:Signature>/;

/** What an attacker has who got hold of one genuine answer. */
interface Pieces {
  /** The whole genuine Response without its own signature. */
  readonly response: string;
  readonly responseSignature: string;
  readonly assertion: string;
  readonly assertionSignature: string;
  /** The genuine Assertion without its signature. */
  readonly unsigned: string;
  /** Another person's Assertion, unsigned, with an ID of its own. */
  readonly forged: string;
  /** A Response with an ID of its own, unsigned, around some content. */
  readonly shell: (content: string, signature?: string) => string;
}

function pieces(kit: Kit): Pieces {
  const genuine = signed(responseXml(kit.facts), kit);
  const [responseSignature = ''] = SIGNATURE.exec(genuine) ?? [];
  const response = genuine.replace(responseSignature, '');
  const [assertion = ''] = /<saml:Assertion .*<\/saml:Assertion>/s.exec(response) ?? [];
  const [assertionSignature = ''] = SIGNATURE.exec(assertion) ?? [];
  const unsigned = assertion.replace(assertionSignature, '');
  const forged = unsigned
    .replace(`ID="${kit.facts.assertionId}"`, 'ID="_forged"')
    .replace(`>${kit.facts.attributes['fiscalNumber']}<`, `>${FORGED}<`)
    .replace(`>${kit.facts.nameId}<`, '>_somebody_else<');
  return {
    response,
    responseSignature,
    assertion,
    assertionSignature,
    unsigned,
    forged,
    shell: (content, signature = '') =>
      response
        .replace(`ID="${kit.facts.responseId}"`, 'ID="_wrapped"')
        .replace(assertion, () => content)
        .replace('</saml:Issuer>', (end) => end + signature),
  };
}

const withObject = (signature: string, content: string): string =>
  signature.replace('</ds:Signature>', () => `<ds:Object>${content}</ds:Object></ds:Signature>`);

const afterIssuer = (element: string, content: string): string =>
  element.replace('</saml:Issuer>', (end) => end + content);

const wrapped = (
  nr: number,
  mutation: readonly [it: string, en: string],
  build: (pieces: Pieces, kit: Kit) => string,
): Case => refused(`xsw${nr}`, 'P', 'T5', mutation, (kit) => build(pieces(kit), kit));

/** The eight classic signature wrappings, with the namespaces kept, and the transform that rewrites what it signs. */
export const WRAPPING_CASES: readonly Case[] = [
  wrapped(
    1,
    ['la Response originale dentro la propria firma', 'the genuine Response inside its own signature'],
    ({ forged, shell, response, responseSignature }) =>
      shell(forged, withObject(responseSignature, response)),
  ),
  wrapped(
    2,
    [
      'la Response originale accanto alla sua firma, separata',
      'the genuine Response beside its detached signature',
    ],
    ({ forged, shell, response, responseSignature }) => shell(forged, response + responseSignature),
  ),
  wrapped(
    3,
    ['una Assertion falsa prima di quella firmata', 'a forged Assertion before the signed one'],
    ({ forged, assertion, shell }) => shell(forged + assertion),
  ),
  wrapped(
    4,
    ['la Assertion firmata dentro una falsa', 'the signed Assertion inside a forged one'],
    ({ forged, assertion, shell }) =>
      shell(forged.replace('</saml:Assertion>', () => `${assertion}</saml:Assertion>`)),
  ),
  wrapped(
    5,
    [
      "la Assertion firmata alterata e con un altro ID, più una copia senza firma con l'ID originale",
      'the signed Assertion altered, with a new ID, and an unsigned copy with the old one',
    ],
    ({ forged, assertionSignature, unsigned, shell }) =>
      shell(afterIssuer(forged, assertionSignature) + unsigned),
  ),
  wrapped(
    6,
    ['come xsw5, con la copia dentro la firma', 'as xsw5, the copy inside the signature'],
    ({ forged, assertionSignature, unsigned, shell }) =>
      shell(
        afterIssuer(
          forged,
          assertionSignature.replace('</ds:Signature>', () => `${unsigned}</ds:Signature>`),
        ),
      ),
  ),
  wrapped(
    7,
    ['una Assertion falsa in Extensions', 'a forged Assertion in Extensions'],
    ({ forged, assertion, shell }) =>
      shell(assertion).replace(
        '<samlp:Status>',
        () => `<samlp:Extensions>${forged}</samlp:Extensions><samlp:Status>`,
      ),
  ),
  wrapped(
    8,
    [
      'la Assertion originale in un ds:Object dentro la firma di una falsa',
      'the genuine Assertion in a ds:Object inside the signature of a forged one',
    ],
    ({ forged, assertionSignature, unsigned, shell }) =>
      shell(afterIssuer(forged, withObject(assertionSignature, unsigned))),
  ),
  refused(
    'xslt',
    'P',
    'S5',
    ['una trasformazione XSLT nella firma', 'an XSLT transform in the signature'],
    signedBy({ assertion: { transforms: [URI.enveloped, URI.xslt] } }),
  ),
];
