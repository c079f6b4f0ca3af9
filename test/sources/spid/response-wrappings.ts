import type { Level } from '../../../src/identity/level.ts';
import { FISCAL_NUMBER, responseXml, signed } from '../../support/spid-response.ts';
import { ASSERTION, refused, type Case } from './response-mutations.ts';

/** The eight classic signature wrappings, with the namespaces kept. The forged identity is another citizen's. */
export function wrappings(): Case[] {
  const FORGED = 'TINIT-GDASDV00A01H501J';
  const parts = (level: Level) => {
    const genuine = signed(responseXml({ level }));
    const assertion = ASSERTION.exec(genuine)?.[0] ?? '';
    const signature = /<ds:Signature .*?<\/ds:Signature>/.exec(assertion)?.[0] ?? '';
    const forged = assertion
      .replace(signature, '')
      .replace(FISCAL_NUMBER, FORGED)
      .replace('ID="_a1"', 'ID="_forged"');
    const unsignedResponse = genuine.replace(assertion, '@').replace(/<ds:Signature .*?<\/ds:Signature>/, '');
    return {
      genuine,
      assertion,
      signature,
      forged,
      shell: (content: string) => unsignedResponse.replace('@', () => content),
    };
  };
  const wrapped = (
    nr: number,
    expected: string,
    mutation: string,
    build: (p: ReturnType<typeof parts>) => string,
  ) => refused(`xsw${nr}`, expected, mutation, (level) => build(parts(level)));
  return [
    wrapped(
      1,
      'T5',
      'the genuine Response inside its own signature, a forged one outside',
      ({ genuine, forged, shell }) =>
        shell(forged).replace(
          '<samlp:Status>',
          () =>
            `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:Object>${genuine}</ds:Object></ds:Signature><samlp:Status>`,
        ),
    ),
    wrapped(2, 'T5', 'the genuine Response beside a detached signature', ({ genuine, forged, shell }) =>
      shell(forged).replace('<samlp:Status>', () => `${genuine}<samlp:Status>`),
    ),
    wrapped(3, 'T5', 'a forged Assertion before the signed one', ({ assertion, forged, shell }) =>
      shell(forged + assertion),
    ),
    wrapped(4, 'T5', 'the signed Assertion inside a forged one', ({ assertion, forged, shell }) =>
      shell(forged.replace('</saml:Assertion>', () => `${assertion}</saml:Assertion>`)),
    ),
    wrapped(
      5,
      'T5',
      'the signed Assertion with a new ID, an unsigned copy with the old one',
      ({ assertion, forged, shell }) =>
        shell(assertion.replace('ID="_a1"', 'ID="_moved"') + forged.replace('_forged', '_a1')),
    ),
    wrapped(6, 'T5', 'as 5, the copy inside the signature', ({ assertion, signature, forged, shell }) =>
      shell(
        assertion.replace(signature, () =>
          signature
            .replace('</ds:Signature>', () => `${forged.replace('_forged', '_a1')}</ds:Signature>`)
            .replace('ID="_a1"', 'ID="_moved"'),
        ),
      ),
    ),
    wrapped(7, 'T5', 'a forged Assertion in Extensions', ({ assertion, forged, shell }) =>
      shell(assertion).replace(
        '<samlp:Status>',
        () => `<samlp:Extensions>${forged}</samlp:Extensions><samlp:Status>`,
      ),
    ),
    wrapped(
      8,
      'T5',
      'the genuine Assertion in ds:Object of a signature in a forged one',
      ({ assertion, signature, forged, shell }) =>
        shell(
          forged.replace(
            '</saml:Issuer>',
            () =>
              `</saml:Issuer>${signature.replace('</ds:Signature>', () => `<ds:Object>${assertion.replace(signature, '')}</ds:Object></ds:Signature>`)}`,
          ),
        ),
    ),
  ];
}
