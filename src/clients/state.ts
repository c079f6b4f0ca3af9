import { isIP } from 'node:net';
import { isLoopback } from '../operations/loopback.ts';
import { isPublicAddress } from '../operations/outbound.ts';
import type { Client } from './client.ts';
import { withoutBasis } from './legal-basis.ts';

/**
 * Where a client is in its life. New ones wait for approval; only live ones are known to citizens and services; what is
 * retired stays for the record.
 */
export const CLIENT_STATES = ['waiting', 'live', 'suspended', 'retired'] as const;
export type ClientState = (typeof CLIENT_STATES)[number];

/** What may follow on what. */
export const NEXT: Readonly<Record<ClientState, readonly ClientState[]>> = {
  waiting: ['live', 'retired'],
  live: ['suspended', 'retired'],
  suspended: ['live', 'retired'],
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
