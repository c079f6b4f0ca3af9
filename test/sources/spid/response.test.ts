import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEVELS } from '../../../src/identity/level.ts';
import { CHECKS } from '../../../src/sources/spid/checks.ts';
import { levelAccepted } from '../../../src/sources/spid/checks/level.ts';
import type { Comparison } from '../../../src/sources/spid/request.ts';
import { judge } from '../../../src/sources/spid/response.ts';
import {
  arrival,
  asked,
  attributeXml,
  errorXml,
  FISCAL_NUMBER,
  foreignKey,
  INSTANT,
  NOW,
  pendingRequest,
  providerKey,
  responseXml,
  signAt,
  signed,
} from '../../support/spid-response.ts';
import { OFFICIAL_CASES } from './response-cases.ts';

type Arrived = ReturnType<typeof arrival>;

const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });

async function verdictOf(arrived: Arrived): Promise<string> {
  const verdict = await judge(arrived);
  if (verdict.outcome === 'accepted') return 'OK';
  return verdict.outcome === 'anomaly' ? 'R7' : verdict.check;
}

describe('SPID response, official cases (spid-response-validation, 7)', () => {
  for (const level of LEVELS) {
    it.each(OFFICIAL_CASES)(`level ${level}, case $nr ($mutation): $expected`, async ({ xml, expected }) => {
      expect(await verdictOf(arrival(xml(level), { pending: asked(level) }))).toBe(expected);
    });
  }

  const COMPARISONS: readonly Comparison[] = ['exact', 'minimum', 'better', 'maximum'];
  const cases = LEVELS.flatMap((requested) =>
    COMPARISONS.flatMap((comparison) => LEVELS.map((given) => ({ requested, comparison, given }))),
  );
  it.each(cases)(
    'cases 94–96: level $given given for $comparison $requested',
    async ({ requested, comparison, given }) => {
      const truth = {
        exact: given >= requested,
        minimum: given >= requested,
        better: given > requested,
        maximum: true,
      }[comparison];
      expect(levelAccepted(comparison, requested, given)).toBe(truth);
      const verdict = await verdictOf(
        arrival(signed(responseXml({ level: given })), { pending: asked(requested, comparison) }),
      );
      expect(verdict).toBe(truth ? 'OK' : 'A18');
    },
  );
});

/** One response that each check, and no earlier one, refuses. */
const BY_CHECK: Readonly<Record<string, () => Arrived>> = {
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
          hash: 'sha1',
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
      'A21',
    ].map((id) => [id, () => arrival(OFFICIAL_CASES.find(({ expected }) => expected === id)?.xml(2) ?? '')]),
  ),
  // The Response says who it answers twice: unsigned for finding the request, signed for believing it.
  R4: () => arrival(signed(responseXml()), { find: async () => pendingRequest({ id: '_another' }) }),
  A18: () => arrival(signed(responseXml({ level: 1 }))),
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

describe('SPID response, our own negative cases (spid-response-validation, 8)', () => {
  const cases: readonly [what: string, arrived: () => Arrived, check: string][] = [
    [
      'an expired request',
      () => arrival(signed(responseXml()), { pending: pendingRequest({ expiresAt: NOW }) }),
      'C2',
    ],
    [
      'an answered request',
      () => arrival(signed(responseXml()), { pending: pendingRequest({ consumedAt: NOW }) }),
      'C2',
    ],
    [
      'an HMAC keyed with the public key',
      () =>
        arrival(
          signed(responseXml(), {
            assertion: { signatureMethod: 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256' },
            response: {},
          }),
        ),
      'S7',
    ],
    [
      'two references',
      () =>
        arrival(
          signed(responseXml(), {
            assertion: { edit: (s) => s.replace(/<ds:Reference .*<\/ds:Reference>/, '$&$&') },
            response: {},
          }),
        ),
      'S4',
    ],
    [
      'two SignedInfo',
      () =>
        arrival(
          signed(responseXml(), {
            assertion: { edit: (s) => s.replace(/<ds:SignedInfo .*<\/ds:SignedInfo>/, '$&$&') },
            response: {},
          }),
        ),
      'S4',
    ],
    [
      'a key in KeyInfo',
      () =>
        arrival(
          signed(responseXml(), {
            key: foreignKey.privateKey,
            keyInfo: '<ds:KeyInfo><ds:KeyName>trust me</ds:KeyName></ds:KeyInfo>',
          }),
        ),
      'S2',
    ],
    [
      'a comment inside the fiscal number',
      () => arrival(signed(responseXml().replace('RSSMRA80', 'RSSMRA<!---->80'))),
      'T4',
    ],
    [
      'a processing instruction inside NameID',
      () => arrival(signed(responseXml()).replace('_n5d0c', '_n5<?x y?>d0c')),
      'T4',
    ],
    [
      'a DOCTYPE with an entity',
      () => arrival(`<!DOCTYPE x [<!ENTITY e "x">]>${signed(responseXml())}`),
      'T4',
    ],
    ['UTF-16', () => arrival(Buffer.from(signed(responseXml()), 'utf16le')), 'T4'],
    ['two roots', () => arrival(`${signed(responseXml())}<x/>`), 'T4'],
    ['50,000 nested elements', () => arrival(`${'<a>'.repeat(30_000)}`), 'T4'],
    [
      'a duplicated attribute',
      () =>
        arrival(
          signed(
            responseXml().replace(
              '<saml:AttributeStatement>',
              `<saml:AttributeStatement>${attributeXml('name', 'Altro')}`,
            ),
          ),
        ),
      'A21',
    ],
    [
      'two values in the key attribute',
      () =>
        arrival(
          signed(
            responseXml().replace(
              '</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>',
              '</saml:AttributeValue><saml:AttributeValue>TINIT-GDASDV00A01H501J</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>',
            ),
          ),
        ),
      'A23',
    ],
    [
      'an encrypted assertion',
      () =>
        arrival(signed(responseXml().replace('<samlp:Status>', '<saml:EncryptedAssertion/><samlp:Status>'))),
      'T5',
    ],
    [
      'a response for another entity of ours',
      () =>
        arrival(signed(responseXml()), {
          pending: pendingRequest({ issuer: 'https://accesso.unione.example.it/altro' }),
        }),
      'A15',
    ],
    [
      'an assertion of another provider',
      () =>
        arrival(signed(responseXml()), { pending: pendingRequest({ provider: 'https://other.example.it' }) }),
      'C4',
    ],
    [
      'a date without zone',
      () =>
        arrival(signed(responseXml().replace(`NotBefore="${INSTANT}"`, 'NotBefore="2026-03-05T18:04:00"'))),
      'A14',
    ],
    ['a level in lower case', () => arrival(signed(responseXml().replace('SpidL2<', 'spidl2<'))), 'A17'],
    [
      'SAMLResponse twice',
      () => ({
        ...arrival(''),
        body: Buffer.from('SAMLResponse=YQ%3D%3D&SAMLResponse=YQ%3D%3D&RelayState=x'),
      }),
      'T2',
    ],
    [
      'URL-safe base64',
      () => ({ ...arrival(''), body: Buffer.from('SAMLResponse=_-_-&RelayState=x') }),
      'T2',
    ],
    ['more than 256 KiB', () => arrival('x'.repeat(300 * 1024)), 'T2'],
  ];
  it.each(cases)('refuses %s', async (_what, arrived, check) => {
    expect(await verdictOf(arrived())).toBe(check);
  });

  it('accepts a level with blanks around it, values in lines of their own, and sessions only for level 1', async () => {
    const xml = signed(
      responseXml({ level: 2 })
        .replace('SpidL2<', 'SpidL2 \n<')
        .replace(`>${FISCAL_NUMBER}<`, `>\n  ${FISCAL_NUMBER}\n<`),
    );
    const verdict = await judge(arrival(xml));
    expect(verdict).toMatchObject({
      outcome: 'accepted',
      identity: { level: 2, attributes: { fiscalNumber: FISCAL_NUMBER } },
    });
    expect(verdict.outcome === 'accepted' && verdict.identity.session).toBeUndefined();
    const first = await judge(arrival(signed(responseXml({ level: 1 })), { pending: asked(1) }));
    expect(first).toMatchObject({ identity: { session: { sessionIndex: '_s77', nameId: '_n5d0c' } } });
  });

  it('drops attributes that nobody asked for', async () => {
    const xml = signed(
      responseXml().replace(
        '<saml:AttributeStatement>',
        `<saml:AttributeStatement>${attributeXml('email', 'a@example.it')}`,
      ),
    );
    const verdict = await judge(arrival(xml));
    expect(verdict.outcome === 'accepted' && Object.keys(verdict.identity.attributes).sort()).toEqual([
      'familyName',
      'fiscalNumber',
      'name',
      'spidCode',
    ]);
  });
});

describe('SPID response, clock (spid-response-validation, 5.4)', () => {
  const at = (offsetMs: number) => new Date(NOW.getTime() + offsetMs);
  it.each([
    ['a future IssueInstant within the skew', -30_000, 'OK'],
    ['a future IssueInstant beyond the skew', -30_001, 'R3'],
    ['an end within the skew', 5 * 60_000 + 29_999, 'OK'],
    ['an end beyond the skew', 5 * 60_000 + 30_000, 'A13'],
  ])('judges %s', async (_what, offset, expected) => {
    expect(await verdictOf(arrival(signed(responseXml()), { now: at(offset) }))).toBe(expected);
  });

  it.each([
    ['equal to the request', 0, 'OK'],
    ['before the request within the skew', 30_000, 'OK'],
    ['before the request beyond the skew', 30_001, 'R3'],
  ])('judges an IssueInstant %s', async (_what, later, expected) => {
    const pending = pendingRequest({ issueInstant: new Date(new Date(INSTANT).getTime() + later) });
    expect(await verdictOf(arrival(signed(responseXml()), { pending }))).toBe(expected);
  });
});

describe('SPID anomalies (spid-response-validation, 6)', () => {
  const URN = 'urn:oasis:names:tc:SAML:2.0:status:';
  const PAIRS: readonly (readonly [string, string?])[] = [
    ['Responder', 'AuthnFailed'],
    ['Requester', 'RequestDenied'],
    ['Responder', 'RequestUnsupported'],
    ['Responder'],
    ['Invented', 'Pair'],
  ];
  const status = ([top, sub]: readonly [string, string?]) =>
    `<samlp:StatusCode Value="${URN}${top}">${sub ? `<samlp:StatusCode Value="${URN}${sub}"/>` : ''}</samlp:StatusCode>`;
  const numbers = [...Array.from({ length: 22 }, (_, i) => i + 2), 25, 26, 27, 28, 29, 30];

  it.each(numbers)(
    'finds nr%i whatever the status pair, signed or not, with text around it and leading zeros',
    async (nr) => {
      for (const pair of PAIRS) {
        for (const message of [
          `ErrorCode nr${nr}`,
          `ErrorCode nr0${nr}`,
          `Errore: errorcode NR ${nr} (utente)`,
        ]) {
          for (const xml of [
            signed(errorXml(status(pair), message)),
            signed(errorXml(status(pair), message), { response: false }),
          ]) {
            const verdict = await judge(arrival(xml));
            expect(verdict).toMatchObject({
              outcome: 'anomaly',
              anomaly: { nr, code: `spid_nr${String(nr).padStart(2, '0')}` },
            });
          }
        }
      }
    },
  );

  it.each(['', 'ErrorCode nr24', 'ErrorCode nr31', 'ErrorCode nr250', 'nr25', 'ErrorCode nr1'])(
    'takes "%s" for unknown',
    async (message) => {
      const verdict = await judge(arrival(signed(errorXml(status(['Responder']), message))));
      expect(verdict).toMatchObject({
        outcome: 'anomaly',
        anomaly: { nr: undefined, code: 'spid_unknown', reason: 'unknown' },
      });
    },
  );

  it('does not believe an error whose signature is wrong', async () => {
    const xml = signed(errorXml(status(['Responder', 'AuthnFailed']), 'ErrorCode nr25'), {
      key: foreignKey.privateKey,
    });
    expect(await judge(arrival(xml))).toMatchObject({ outcome: 'refused', check: 'S2' });
  });
});

describe('SPID response, mutated at random', () => {
  const genuine = signed(responseXml());

  it('never yields another identity and never throws, whatever character changes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(genuine.length - 1),
        fc.string({ minLength: 0, maxLength: 3 }),
        async (at, text) => {
          const verdict = await judge(arrival(genuine.slice(0, at) + text + genuine.slice(at + 1)));
          if (verdict.outcome !== 'accepted') return;
          expect(verdict.identity).toMatchObject({
            level: 2,
            attributes: { name: 'Mario', fiscalNumber: FISCAL_NUMBER },
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never accepts bytes that are no response', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
        expect((await judge(arrival(Buffer.from(bytes)))).outcome).toBe('refused');
      }),
      { numRuns: 300 },
    );
  });

  it('accepts the independent signer with each allowed algorithm, one signature or two', async () => {
    const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
    const ENC = 'http://www.w3.org/2001/04/xmlenc#';
    for (const signing of [
      { hash: 'sha384', signatureMethod: `${MORE}rsa-sha384`, digestMethod: `${MORE}sha384` },
      { hash: 'sha512', signatureMethod: `${MORE}rsa-sha512`, digestMethod: `${ENC}sha512` },
    ]) {
      expect(await verdictOf(arrival(signed(responseXml(), signing)))).toBe('OK');
      expect(await verdictOf(arrival(signed(responseXml(), { assertion: signing, response: false })))).toBe(
        'OK',
      );
    }
    expect(
      await verdictOf(
        arrival(signAt(signAt(responseXml(), '_a1'), '_r1'), {
          keys: [foreignKey.publicKey, providerKey.publicKey],
        }),
      ),
    ).toBe('OK');
  });
});
