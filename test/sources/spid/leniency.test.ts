import { describe, expect, it } from 'vitest';
import type { Leniency } from '../../../src/sources/spid/leniency.ts';
import { judge } from '../../../src/sources/spid/response.ts';
import { leniencyFor } from '../../../src/sources/spid/test-login.ts';
import {
  arrival,
  pendingRequest,
  PROVIDER,
  responseXml,
  signed,
  verdictOf,
} from '../../support/spid-response.ts';

const FORMAT = ' Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity"';
/** The Issuer of the Assertion; that of the Response comes before it. */
const inAssertion = (change: (issuer: string) => string) => (xml: string) =>
  xml.replace(
    /(<saml:Assertion[\s\S]*?)(<saml:Issuer[^>]*>)/,
    (_, before: string, issuer: string) => before + change(issuer),
  );
const emptied = (name: string) => (xml: string) =>
  xml.replace(new RegExp(`(Name="${name}"[\\s\\S]*?<saml:AttributeValue[^>]*>)[^<]*`), '$1');

const answer = (change: (xml: string) => string, ...leniencies: Leniency[]) => {
  const xml = change(responseXml());
  if (xml === responseXml()) throw new Error('nothing was changed');
  return arrival(signed(xml), { lenient: () => leniencies });
};

const noFormat = inAssertion((issuer) => issuer.replace(FORMAT, ''));
const unknownAttribute = (xml: string) =>
  xml.replace('<saml:AuthnStatement', '<saml:AuthnStatement Invented="1"');

describe('what a provider is let off (spid-response-validation, T6, A5, A20)', () => {
  it.each([
    ['issuer-format', 'A5', noFormat],
    ['empty-values', 'A20', emptied('familyName')],
    ['schema', 'T6', unknownAttribute],
  ] as const)(
    '%s: refuses without it (%s), accepts with it, and says that it was let off',
    async (leniency, check, change) => {
      expect(await verdictOf(answer(change))).toBe(check);
      const others = (['issuer-format', 'empty-values', 'schema'] as const).filter((one) => one !== leniency);
      expect(await verdictOf(answer(change, ...others))).toBe(check);
      expect(await judge(answer(change, leniency))).toMatchObject({
        outcome: 'accepted',
        letOff: [leniency],
      });
    },
  );

  it('treats an attribute without a value as one that did not come', async () => {
    const verdict = await judge(answer(emptied('familyName'), 'empty-values'));
    expect(verdict.outcome === 'accepted' && verdict.identity.attributes.familyName).toBeUndefined();
    const pending = pendingRequest({ requiredAttributes: ['familyName'] });
    const required = arrival(signed(emptied('familyName')(responseXml())), {
      pending,
      lenient: () => ['empty-values'],
    });
    expect(await verdictOf(required)).toBe('A21');
  });

  it.each([
    [
      'another Format than none',
      'A5',
      inAssertion((issuer) => issuer.replace('format:entity', 'format:persistent')),
    ],
    ['an empty Format', 'A5', inAssertion((issuer) => issuer.replace(FORMAT, ' Format=""'))],
    ['an attribute without a name', 'A20', (xml: string) => xml.replace('Name="familyName"', 'Name=""')],
    ['a fiscal number without a value', 'A23', emptied('fiscalNumber')],
    [
      'an Audience of another',
      'A15',
      (xml: string) => xml.replace(/<saml:Audience>[^<]*/, '<saml:Audience>https://sp.example.it'),
    ],
    ['no Recipient', 'A11', (xml: string) => xml.replace(/ Recipient="[^"]*"/, '')],
  ])('lets nobody off %s', async (_, check, change) => {
    expect(await verdictOf(answer(change, 'issuer-format', 'empty-values', 'schema'))).toBe(check);
  });

  it('is nothing where nothing was broken, and nothing at all in a test login', async () => {
    const lenient = () => ['schema'] as const;
    expect(await judge(arrival(signed(responseXml()), { lenient }))).toMatchObject({ letOff: [] });
    expect(leniencyFor({ lenient }, { clientId: 'suap', provider: PROVIDER })).toEqual(['schema']);
    expect(leniencyFor({ lenient }, { clientId: 'test:login', provider: PROVIDER })).toEqual([]);
  });
});
