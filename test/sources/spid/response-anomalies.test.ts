import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/sources/spid/response.ts';
import {
  arrival,
  errorXml,
  foreignKey,
  INSTANT,
  NOW,
  pendingRequest,
  PROVIDER,
  ACS,
  responseXml,
  signed,
} from '../../support/spid-response.ts';

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

  it.each([
    [4, 'our-fault'],
    [13, 'not-started'],
    [19, 'wrong-credentials'],
    [20, 'level-not-held'],
    [21, 'timed-out'],
    [22, 'consent-refused'],
    [23, 'identity-suspended'],
    [25, 'cancelled'],
    [26, 'not-completed'],
    [30, 'wrong-identity-kind'],
  ])('explains nr%i to the citizen as "%s"', async (nr, reason) => {
    const xml = signed(errorXml(status(['Responder', 'AuthnFailed']), `ErrorCode nr${nr}`));
    expect(await judge(arrival(xml))).toMatchObject({ outcome: 'anomaly', anomaly: { reason } });
  });

  const cancelled = () =>
    signed(errorXml(status(['Responder', 'AuthnFailed']), 'ErrorCode nr25'), { response: false });
  it.each([
    ['nobody asked', 'C1', () => arrival(cancelled(), { find: async () => undefined })],
    ['comes too late', 'C2', () => arrival(cancelled(), { pending: pendingRequest({ expiresAt: NOW }) })],
    ['has another RelayState', 'C2', () => arrival(cancelled(), { relayState: 'of-another-tab' })],
    ['has no ID', 'R1', () => arrival(cancelled().replace(' ID="_r2"', ''))],
    ['is older than the request', 'R3', () => arrival(cancelled().replace(INSTANT, '2018-03-05T18:04:00Z'))],
    ['is meant for another address', 'R5', () => arrival(cancelled().replace(ACS, 'https://x.example/acs'))],
    [
      'is of another provider',
      'R8',
      () => arrival(cancelled().replace(`>${PROVIDER}<`, '>https://x.example<')),
    ],
  ])('believes no unsigned error that %s', async (_what, check, arrived) => {
    expect(await judge(arrived())).toMatchObject({ outcome: 'refused', check });
  });

  it('makes no identity of an Assertion that comes with an error', async () => {
    const verdict = await judge(arrival(signed(responseXml().replace('status:Success', 'status:Responder'))));
    expect(verdict).toMatchObject({ outcome: 'anomaly' });
    expect(verdict).not.toHaveProperty('identity');
  });
});
