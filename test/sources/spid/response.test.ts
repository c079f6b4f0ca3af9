import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { LEVELS, type Level } from '../../../src/identity/level.ts';
import { CASES, expectedOf, levelFor, type Case } from '../../../src/selfcheck/cases.ts';
import { CHECKS } from '../../../src/sources/spid/checks.ts';
import { levelAccepted } from '../../../src/sources/spid/checks/level.ts';
import type { Comparison } from '../../../src/sources/spid/request.ts';
import { judge } from '../../../src/sources/spid/response.ts';
import {
  arrival,
  asked,
  attributeXml,
  FISCAL_NUMBER,
  foreignKey,
  INSTANT,
  kit,
  pendingRequest,
  PROVIDER,
  providerKey,
  responseXml,
  signAt,
  signed,
  verdictOf,
} from '../../support/spid-response.ts';

/** As the provider answers a request for a level, with the form it is posted in. */
function arrivalOf({ answer, delivery }: Case, level: Level, comparison: Comparison = 'minimum') {
  const pending = asked(level, comparison);
  const arrived = arrival(answer(kit(levelFor({ level, comparison }))), { pending });
  const form = new URLSearchParams(arrived.body.toString());
  delivery?.form?.(form);
  return { ...arrived, body: Buffer.from(form.toString()) };
}

/** Those that need no second browser: they are played over HTTP (test/selfcheck/cases.test.ts). */
const ONE_ANSWER = CASES.filter(({ delivery }) => !delivery?.again && !delivery?.elsewhere);

describe('SPID response, official cases and our own (spid-response-validation, 7 and 8)', () => {
  for (const level of LEVELS) {
    it.each(ONE_ANSWER)(`level ${level}, case $nr ($mutation.en): $expected $check`, async (played) => {
      const expected =
        played.expected === 'free' ? 'KO' : expectedOf(played, { level, comparison: 'minimum' });
      expect(await verdictOf(arrivalOf(played, level))).toBe(expected === 'OK' ? 'OK' : played.check);
    });
  }

  const COMPARISONS: readonly Comparison[] = ['exact', 'minimum', 'better', 'maximum'];
  const products = LEVELS.flatMap((level) =>
    COMPARISONS.flatMap((comparison) =>
      CASES.filter(({ expected }) => expected === 'by level').map((played) => ({
        level,
        comparison,
        played,
      })),
    ),
  );
  it.each(products)(
    'case $played.nr: level $played.given given for $comparison $level',
    async ({ level, comparison, played }) => {
      const given = played.given ?? level;
      const truth = {
        exact: given >= level,
        minimum: given >= level,
        better: given > level,
        maximum: true,
      }[comparison];
      expect(levelAccepted(comparison, level, given)).toBe(truth);
      expect(expectedOf(played, { level, comparison })).toBe(truth ? 'OK' : 'KO');
      expect(await verdictOf(arrivalOf(played, level, comparison))).toBe(truth ? 'OK' : 'A18');
    },
  );
});

describe('SPID response, wrappings in depth (spid-response-validation, 7)', () => {
  it.each(CASES.filter(({ nr }) => nr.startsWith('xsw')))(
    '$nr makes nobody another citizen, with every check but those of the Assertion gone',
    async ({ answer }) => {
      const verdict = await judge(
        arrival(answer(kit(2))),
        CHECKS.filter(({ id }) => id.startsWith('A')),
      );
      // What comes out, if anything does, is read from the bytes that the provider signed.
      if (verdict.outcome === 'accepted')
        expect(verdict.identity.attributes.fiscalNumber).toBe(FISCAL_NUMBER);
      else expect(verdict.outcome).toBe('refused');
    },
  );
});

describe('SPID response, the level a service needs (spid-response-validation, 5.3)', () => {
  const given1 = () => signed(responseXml({ level: 1 }));

  it('refuses a level below it, though "maximum" lets the provider go lower', async () => {
    const pending = pendingRequest({ level: 2, comparison: 'maximum', minimumLevel: 2 });
    expect(await judge(arrival(given1(), { pending }))).toMatchObject({ outcome: 'refused', check: 'A18' });
  });

  it('refuses everything below what was asked where it is not known', async () => {
    const pending = pendingRequest({ level: 2, comparison: 'maximum' });
    expect(await judge(arrival(given1(), { pending }))).toMatchObject({ outcome: 'refused', check: 'A18' });
  });

  it('accepts less than asked where the service is content with it, and says which level it was', async () => {
    const pending = pendingRequest({ level: 2, comparison: 'maximum', minimumLevel: 1 });
    expect(await judge(arrival(given1(), { pending }))).toMatchObject({
      outcome: 'accepted',
      identity: { level: 1 },
    });
  });
});

describe('SPID response, what is accepted', () => {
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

  it('accepts the independent signer with each allowed algorithm, one signature or two', async () => {
    const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
    const ENC = 'http://www.w3.org/2001/04/xmlenc#';
    for (const signing of [
      { signatureMethod: `${MORE}rsa-sha384`, digestMethod: `${MORE}sha384` },
      { signatureMethod: `${MORE}rsa-sha512`, digestMethod: `${ENC}sha512` },
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

  it('accepts ECDSA from a provider that publishes such a key, and from no other', async () => {
    const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const signatureMethod = 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256';
    const xml = signed(responseXml(), { key: elliptic.privateKey, signatureMethod });
    expect(await verdictOf(arrival(xml, { keys: [elliptic.publicKey] }))).toBe('OK');
    expect(await verdictOf(arrival(xml))).toBe('S7');
  });

  it('hands over what the register and the replay store need', async () => {
    const xml = signed(responseXml());
    const keys = [foreignKey.publicKey, providerKey.publicKey];
    expect(await judge(arrival(xml, { keys }))).toMatchObject({
      outcome: 'accepted',
      assertionId: '_a1',
      notOnOrAfter: new Date('2026-03-05T18:09:00Z'),
      provenBy: providerKey.publicKey,
      evidence: {
        message: Buffer.from(xml),
        responseId: '_r1',
        issueInstant: INSTANT,
        issuer: PROVIDER,
        assertionId: '_a1',
        nameId: '_n5d0c',
        nameQualifier: PROVIDER,
      },
    });
  });
});
