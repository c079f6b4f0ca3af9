import { describe, expect, it } from 'vitest';
import {
  arrival,
  INSTANT,
  NOW,
  pendingRequest,
  responseXml,
  signed,
  verdictOf,
} from '../../support/spid-response.ts';

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

  // Now is 18:04:00; clocks may differ by 30 seconds.
  const END = 'NotOnOrAfter="2026-03-05T18:09:00Z"';
  const CONDITIONS = `<saml:Conditions NotBefore="${INSTANT}" ${END}>`;
  const STATEMENT = `AuthnInstant="${INSTANT}"`;
  it.each([
    ['NotBefore', CONDITIONS, `<saml:Conditions NotBefore="2026-03-05T18:04:30Z" ${END}>`, 'OK'],
    ['NotBefore', CONDITIONS, `<saml:Conditions NotBefore="2026-03-05T18:04:31Z" ${END}>`, 'A14'],
    ['the end of Conditions', CONDITIONS, CONDITIONS.replace('18:09:00', '18:03:31'), 'OK'],
    ['the end of Conditions', CONDITIONS, CONDITIONS.replace('18:09:00', '18:03:30'), 'A14'],
    [
      'the end of the confirmation',
      `${END} Recipient`,
      'NotOnOrAfter="2026-03-05T18:03:31Z" Recipient',
      'OK',
    ],
    [
      'the end of the confirmation',
      `${END} Recipient`,
      'NotOnOrAfter="2026-03-05T18:03:30Z" Recipient',
      'A13',
    ],
    [
      'the beginning of the confirmation',
      `${END} Recipient`,
      `NotBefore="2026-03-05T18:04:30Z" ${END} Recipient`,
      'OK',
    ],
    [
      'the beginning of the confirmation',
      `${END} Recipient`,
      `NotBefore="2026-03-05T18:04:31Z" ${END} Recipient`,
      'A13',
    ],
    ['AuthnInstant', STATEMENT, 'AuthnInstant="2026-03-05T18:04:30Z"', 'OK'],
    ['AuthnInstant', STATEMENT, 'AuthnInstant="2026-03-05T18:04:31Z"', 'A16'],
    ['the end of the session', STATEMENT, `${STATEMENT} SessionNotOnOrAfter="2026-03-05T18:03:31Z"`, 'OK'],
    ['the end of the session', STATEMENT, `${STATEMENT} SessionNotOnOrAfter="2026-03-05T18:03:30Z"`, 'A16'],
  ])('judges %s to the second', async (_what, from, to, expected) => {
    expect(responseXml()).toContain(from);
    expect(await verdictOf(arrival(signed(responseXml().replace(from, to))))).toBe(expected);
  });

  it('grants no second where no skew is configured', async () => {
    const late = { skewSeconds: 0, now: at(5 * 60_000) };
    expect(await verdictOf(arrival(signed(responseXml()), { ...late, now: at(5 * 60_000 - 1) }))).toBe('OK');
    expect(await verdictOf(arrival(signed(responseXml()), late))).toBe('A13');
  });
});
