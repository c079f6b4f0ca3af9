import { isIP } from 'node:net';
import { isLoopback } from '../operations/loopback.ts';
import { isPublicAddress } from '../operations/outbound.ts';
import type { Client } from './client.ts';
import { withoutBasis } from './legal-basis.ts';

/**
 * Where a client is in its life. New ones are in the test stage: only test identity providers answer for them, also
 * while they wait for approval. Live ones are for citizens; suspended ones are unknown; what is retired stays for the
 * record.
 */
export const CLIENT_STATES = ['test', 'waiting', 'live', 'suspended', 'retired'] as const;
export type ClientState = (typeof CLIENT_STATES)[number];

/** Where a new one begins. */
export const FIRST_STATE = 'test' satisfies ClientState;

/** States of the test stage. */
export const TEST_STATES = ['test', 'waiting'] as const satisfies readonly ClientState[];

export function isTestState(state: ClientState): boolean {
  return TEST_STATES.some((one) => one === state);
}

/** What may follow on what. */
export const NEXT: Readonly<Record<ClientState, readonly ClientState[]>> = {
  test: ['waiting', 'live', 'retired'],
  waiting: ['live', 'test', 'retired'],
  live: ['suspended', 'retired'],
  suspended: ['live', 'test', 'retired'],
  retired: [],
};

/** What has to be so before citizens meet a client. */
export const CHECKS = [
  'https-redirects',
  'reachable',
  'https-home',
  'credential',
  'name-in-english',
  'legal-basis',
] as const;
export type Check = (typeof CHECKS)[number];

/**
 * The automatic list for going live. @returns those that are not so
 * @param secrets how many the client has
 * @param trial the gateway itself is on this machine only, and so may its services be
 */
export function missingForLive(client: Client, secrets: number, trial: boolean): Check[] {
  const onTheWeb = (uri: string) => trial || !isLoopback(new URL(uri).hostname);
  const so: Readonly<Record<Check, boolean>> = {
    'https-redirects': client.redirectUris.every(onTheWeb),
    reachable:
      trial || [client.jwksUri, client.backchannelLogoutUri].every((uri) => !uri || isPublicHost(uri)),
    'https-home': trial || client.homePage.startsWith('https:'),
    credential: !client.authMethod.startsWith('client_secret') || secrets > 0,
    'name-in-english': client.name.en.trim() !== '',
    'legal-basis': withoutBasis(client).length === 0,
  };
  return CHECKS.filter((check) => !so[check]);
}

/** Whether a URL names a host that may be on the internet; what a name leads to is judged at every connection. */
function isPublicHost(uri: string): boolean {
  const host = new URL(uri).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return isPublicAddress(host);
  return host.includes('.') && !/\.(localhost|local|internal|lan|home\.arpa)\.?$/.test(host);
}
