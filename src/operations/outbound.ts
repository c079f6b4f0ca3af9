import { lookup as resolve, type LookupAddress } from 'node:dns';
import { request as requestPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestTls } from 'node:https';
import { BlockList, isIP } from 'node:net';
import { Readable } from 'node:stream';
import { Unavailable } from './errors.ts';

/** Addresses that are nobody's on the internet (IANA special-purpose registries), by their prefixes. */
const SPECIAL: readonly (readonly [network: string, bits: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['2001::', 23, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['3fff::', 20, 'ipv6'],
];

const special = new BlockList();
for (const [network, bits, family] of SPECIAL) special.addSubnet(network, bits, family);

/** In IPv6 the internet is one eighth of what there is; besides, IPv4 is told in it. */
const internet = new BlockList();
internet.addSubnet('2000::', 3, 'ipv6');
internet.addSubnet('::ffff:0:0', 96, 'ipv6');

/** Whether an address may be one on the internet. IPv4 inside IPv6 counts as what it is. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 6) return internet.check(address, 'ipv6') && !special.check(address, 'ipv6');
  return isIP(address) === 4 && !special.check(address, 'ipv4');
}

/** The part of `fetch` that is needed here; redirects are never followed. */
export interface Outbound {
  readonly method?: string | undefined;
  readonly headers?: Headers | Readonly<Record<string, string>> | undefined;
  readonly body?: string | URLSearchParams | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fetches from an address that somebody else named, such as a service's keys: over https, and from nobody inside our
 * own network. Names are looked at once, at connecting, so that a second answer of a name server cannot lead elsewhere
 * (DNS rebinding); no connection to a refused address is ever opened.
 * @throws Unavailable `outbound_refused` for an address that is not one on the internet
 */
export function fetchPublic(address: string | URL, options: Outbound = {}): Promise<Response> {
  const url = new URL(address);
  if (url.protocol !== 'https:') return Promise.reject(refusal(url, 'not https'));
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isPublicAddress(host)) return Promise.reject(refusal(url, 'not on the internet'));
  return send(requestTls, url, options, (name, { family, ...how }, done) => {
    resolve(name, { ...how, family: family ?? 0, all: true }, (error, found) => {
      if (error) done(error, []);
      else if (found.every((one) => isPublicAddress(one.address))) done(null, found);
      else done(refusal(url, 'not on the internet'), []);
    });
  });
}

/** Fetches from an address that the operator named, wherever it is. */
export function fetchFrom(address: string | URL, options: Outbound = {}): Promise<Response> {
  const url = new URL(address);
  return send(url.protocol === 'https:' ? requestTls : requestPlain, url, options, undefined);
}

function refusal({ hostname }: URL, why: string): Unavailable {
  return new Unavailable('outbound_refused', `nothing is fetched from ${hostname}: ${why}`);
}

type Lookup = (
  name: string,
  options: { readonly family?: number },
  done: (error: Error | null, found: LookupAddress[]) => void,
) => void;

function send(
  request: typeof requestPlain,
  url: URL,
  { method = 'GET', headers = {}, body, signal }: Outbound,
  lookup: Lookup | undefined,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const options = {
      method,
      headers: Object.fromEntries(new Headers(headers)),
      agent: false,
      ...(signal ? { signal } : {}),
      ...(lookup ? { lookup } : {}),
    } as RequestOptions;
    request(url, options, (answer) => resolve(responseOf(answer)))
      .on('error', reject)
      .end(body?.toString());
  });
}

/** Statuses that have no body (Fetch standard). */
const BODILESS: readonly number[] = [101, 204, 205, 304];

function responseOf(answer: IncomingMessage): Response {
  const headers = new Headers();
  for (const [name, values] of Object.entries(answer.headersDistinct))
    for (const value of values ?? []) headers.append(name, value);
  const status = answer.statusCode ?? 500;
  if (BODILESS.includes(status)) {
    answer.resume();
    return new Response(null, { status, headers });
  }
  return new Response(Readable.toWeb(answer) as ReadableStream<Uint8Array>, { status, headers });
}
