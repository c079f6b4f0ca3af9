import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../../src/sources/spid/checks.ts';
import { CASES } from '../../../src/selfcheck/cases.ts';
import { judge } from '../../../src/sources/spid/response.ts';
import type { Arrival } from '../../../src/sources/spid/response-context.ts';
import {
  arrival,
  FISCAL_NUMBER,
  foreignKey,
  kit,
  pendingRequest,
  responseXml,
  signed,
  verdictOf,
} from '../../support/spid-response.ts';

const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });

/** One response that each check, and no earlier one, refuses. */
const BY_CHECK: Readonly<Record<string, () => Arrival>> = {
  T1: () => ({ ...arrival(signed(responseXml())), method: 'GET' }),
  T2: () => ({ ...arrival(''), body: Buffer.from('RelayState=x') }),
  T3: () => arrival(signed(responseXml()), { relayState: '' }),
  T4: () => arrival(signed(responseXml()).replace('<samlp:Status>', '<!-- x --><samlp:Status>')),
  T5: () => arrival(signed(responseXml().replace('<saml:Subject>', '<saml:Advice/><saml:Subject>'))),
  T6: () =>
    arrival(signed(responseXml().replace('<saml:AuthnStatement', '<saml:AuthnStatement Invented="1"'))),
  T7: () => arrival(signed(responseXml().replace('<saml:Conditions', '<saml:Conditions Id="_a1"'))),
  C1: () => arrival(signed(responseXml()), { find: async () => undefined }),
  C2: () => arrival(signed(responseXml()), { relayState: 'of-another-tab' }),
  C3: () => arrival(signed(responseXml()), { acsUrl: 'https://accesso.unione.example.it/spid/altro/acs' }),
  C4: () => ({ ...arrival(signed(responseXml())), provider: () => undefined }),
  S1: () => arrival(signed(responseXml(), { assertion: false, response: {} })),
  S2: () => arrival(signed(responseXml(), { assertion: {}, response: { key: foreignKey.privateKey } })),
  S3: () =>
    arrival(
      signed(
        responseXml().replace(
          '</saml:Subject>',
          '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/></saml:Subject>',
        ),
      ),
    ),
  S4: () => arrival(signed(responseXml(), { assertion: { uri: '' }, response: {} })),
  S5: () =>
    arrival(
      signed(responseXml(), {
        assertion: {
          transforms: [
            'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
            'http://www.w3.org/TR/1999/REC-xpath-19991116',
          ],
        },
        response: {},
      }),
    ),
  S6: () =>
    arrival(
      signed(responseXml(), {
        assertion: { canonicalization: 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments' },
        response: {},
      }),
    ),
  S7: () =>
    arrival(
      signed(responseXml(), {
        assertion: {
          signatureMethod: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
          digestMethod: 'http://www.w3.org/2000/09/xmldsig#sha1',
        },
        response: {},
      }),
    ),
  S8: () => arrival(signed(responseXml(), { assertion: { key: foreignKey.privateKey }, response: false })),
  S9: () => arrival(signed(responseXml(), { key: weak.privateKey }), { keys: [weak.publicKey] }),
  S10: () => arrival(signed(responseXml(), { assertion: { object: '<ds:Object/>' }, response: {} })),
  // Only the last of several lines of defence: nothing passes the others and fails this one.
  S11: () => arrival(signed(responseXml(), { assertion: { key: foreignKey.privateKey }, response: false })),
  ...Object.fromEntries(
    [
      'R1',
      'R2',
      'R3',
      'R5',
      'R6',
      'R7',
      'R8',
      'R9',
      'R10',
      'A1',
      'A2',
      'A3',
      'A4',
      'A5',
      'A6',
      'A7',
      'A8',
      'A9',
      'A10',
      'A11',
      'A12',
      'A13',
      'A14',
      'A15',
      'A16',
      'A17',
      'A20',
    ].map((id) => [id, () => arrival(CASES.find(({ check }) => check === id)?.answer(kit(2)) ?? '')]),
  ),
  // The Response says who it answers twice: unsigned for finding the request, signed for believing it.
  R4: () => arrival(signed(responseXml()), { find: async () => pendingRequest({ id: '_another' }) }),
  A18: () => arrival(signed(responseXml({ level: 1 }))),
  A21: () => arrival(signed(responseXml()), { pending: pendingRequest({ requiredAttributes: ['email'] }) }),
  A22: () => arrival(signed(responseXml().replace('attrname-format:basic', 'attrname-format:invented'))),
  A23: () => arrival(signed(responseXml().replace(FISCAL_NUMBER, 'TINIT-RSSMRA80A01H501X'))),
};

describe('SPID response, check by check (spid-response-validation, 2–5)', () => {
  it('has a case for every check of the table', () => {
    expect(Object.keys(BY_CHECK).sort()).toEqual(CHECKS.map(({ id }) => id).sort());
  });

  it('runs every identifier of the specification but A19, which must never refuse', () => {
    const ids = [
      ...Array.from({ length: 7 }, (_, i) => `T${i + 1}`),
      ...Array.from({ length: 4 }, (_, i) => `C${i + 1}`),
      ...Array.from({ length: 11 }, (_, i) => `S${i + 1}`),
      ...Array.from({ length: 10 }, (_, i) => `R${i + 1}`),
      ...Array.from({ length: 23 }, (_, i) => `A${i + 1}`),
    ];
    expect(ids.filter((id) => !CHECKS.some((check) => check.id === id))).toEqual(['A19']);
  });

  it.each(CHECKS.filter(({ id }) => id !== 'S11'))('$id refuses: $rule', async ({ id }) => {
    expect(await verdictOf(BY_CHECK[id]?.() ?? arrival(''))).toBe(id);
  });

  it.each(CHECKS.filter(({ id }) => id !== 'S11'))(
    '$id is what refuses its case: without it the verdict is another',
    async ({ id }) => {
      const verdict = await judge(
        BY_CHECK[id]?.() ?? arrival(''),
        CHECKS.filter((check) => check.id !== id),
      );
      expect(verdict.outcome === 'refused' ? verdict.check : verdict.outcome).not.toBe(id);
      // Whatever is let through for want of one check, it is never somebody the provider did not vouch for.
      if (verdict.outcome === 'accepted')
        expect(verdict.identity.attributes.fiscalNumber).toBe(FISCAL_NUMBER);
    },
  );

  it('S11 and the signed bytes: with S8 gone too, nothing unverified is ever read', async () => {
    const verdict = await judge(
      BY_CHECK['S8']?.() ?? arrival(''),
      CHECKS.filter(({ id }) => id !== 'S8'),
    );
    expect(verdict).toMatchObject({ outcome: 'refused', check: 'S11' });
  });
});
