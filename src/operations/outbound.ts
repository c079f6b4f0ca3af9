import { lookup as resolve, promises as nameServer, type LookupAddress } from 'node:dns';
import {
  Agent as AgentPlain,
  request as requestPlain,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as AgentTls, request as requestTls } from 'node:https';
import { BlockList, isIP } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
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
export interface OutboundRequest {
  readonly method?: string | undefined;
  readonly headers?: Headers | Readonly<Record<string, string>> | undefined;
  readonly body?: string | URLSearchParams | Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What everything that leaves has to go through, where a network has no other way out. */
export interface WebProxy {
  /** `http://` or `https://`, with user and password where it wants them. */
  readonly url: string;
  /** Where it is not to be used, as in `NO_PROXY`: hosts, `.suffix`, addresses and their ranges. */
  readonly exceptions: readonly string[];
}

/** Never by way of a proxy: nobody else can reach this machine by these names. */
const THIS_MACHINE = ['localhost', '127.0.0.1', '::1'];

/** How long a proxy may take to open a tunnel before its connection is given up, in milliseconds. */
const TUNNEL_MS = 10_000;

/** What went wrong between us and the web proxy. The code names the proxy, for logs that say no more than the code. */
class ProxyFailure extends Error {
  readonly code: string;

  constructor(code: string, cause: Error) {
    super(code, { cause });
    this.code = code;
  }
}

/** How the gateway asks others: straight, or through the web proxy that the operator names. */
export class Outbound {
  readonly #proxy: URL | undefined;
  readonly #agents: { readonly plain: AgentPlain; readonly tls: AgentTls } | undefined;

  constructor(proxy?: WebProxy) {
    if (!proxy) return;
    this.#proxy = new URL(proxy.url);
    const proxyEnv = {
      HTTP_PROXY: proxy.url,
      HTTPS_PROXY: proxy.url,
      NO_PROXY: [...THIS_MACHINE, ...proxy.exceptions].join(','),
    };
    const options = { proxyEnv, timeout: TUNNEL_MS };
    this.#agents = { plain: new AgentPlain(options), tls: new AgentTls(options) };
  }

  /**
   * Fetches from an address that somebody else named, such as a service's keys: over https, and from nobody inside our
   * own network. Names are looked at once, at connecting, so that a second answer of a name server cannot lead elsewhere
   * (DNS rebinding); no connection to a refused address is ever opened. A web proxy looks at names by itself: what our
   * own name server says of them is judged before it is asked.
   * @throws Unavailable `outbound_refused` for an address that is not one on the internet
   */
  async fetchPublic(address: string | URL, options: OutboundRequest = {}): Promise<Response> {
    const url = new URL(address);
    if (url.protocol !== 'https:') throw refusal(url, 'not https');
    const host = hostOf(url);
    if (isIP(host) !== 0 && !isPublicAddress(host)) throw refusal(url, 'not on the internet');
    if (this.#proxy && isIP(host) === 0) {
      if (host === hostOf(this.#proxy)) throw refusal(url, 'it is the web proxy');
      if (!(await seenFromHere(host)).every(isPublicAddress)) throw refusal(url, 'not on the internet');
    }
    return this.#send(url, options, (name, { family, ...how }, done) => {
      resolve(name, { ...how, family: family ?? 0, all: true }, (error, found) => {
        const isProxy = this.#proxy !== undefined && name === hostOf(this.#proxy);
        if (error) done(error, []);
        else if (isProxy || found.every((one) => isPublicAddress(one.address))) done(null, found);
        else done(refusal(url, 'not on the internet'), []);
      });
    });
  }

  /** Fetches from an address that the operator named, wherever it is. */
  fetchFrom(address: string | URL, options: OutboundRequest = {}): Promise<Response> {
    return this.#send(new URL(address), options, undefined);
  }

  #send(
    url: URL,
    { method = 'GET', headers = {}, body, signal }: OutboundRequest,
    lookup: Lookup | undefined,
  ): Promise<Response> {
    const tls = url.protocol === 'https:';
    return new Promise((done, fail) => {
      const options = {
        method,
        headers: Object.fromEntries(new Headers(headers)),
        agent: this.#agents?.[tls ? 'tls' : 'plain'] ?? false,
        ...(signal ? { signal } : {}),
        ...(lookup ? { lookup } : {}),
      } as RequestOptions;
      // Node looks at the signal only when it has a connection, and a proxy that hangs gives none.
      signal?.addEventListener('abort', () => fail(signal.reason as Error), { once: true });
      (tls ? requestTls : requestPlain)(url, options, (answer) => done(responseOf(answer)))
        .on('error', (error) => fail(this.#named(error)))
        .end(body instanceof URLSearchParams ? body.toString() : body);
    });
  }

  /** Tells failures of the proxy, or on the way to it, from those of whoever is asked. */
  #named(error: NodeJS.ErrnoException): Error {
    if (!this.#proxy) return error;
    const { host, port, protocol } = this.#proxy;
    const { code = error.name, hostname, address, port: failed, statusCode }: ConnectionError = error;
    if (code === 'ERR_PROXY_TUNNEL')
      return new ProxyFailure(`${statusCode ?? 'no answer'} from the web proxy ${host}`, error);
    const name = hostOf(this.#proxy);
    const toProxy =
      hostname === name ||
      (String(failed) === (port || DEFAULT_PORTS[protocol]) && (isIP(name) === 0 || address === name));
    return toProxy ? new ProxyFailure(`${code} at the web proxy ${host}`, error) : error;
  }
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** What Node says of a connection that could not be made. */
type ConnectionError = NodeJS.ErrnoException & {
  readonly hostname?: string;
  readonly address?: string;
  readonly port?: number;
  readonly statusCode?: number;
};

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** How long our own name server may take where it is the proxy that has to know, in milliseconds. */
const LOOK_MS = 1000;

/**
 * The addresses of a name as our own name server knows it; none where it does not know, as in networks that leave names
 * of the internet to their proxy. Asked without the system's resolver: that has four threads for the whole process, and
 * a name server that does not answer would hold them.
 */
async function seenFromHere(name: string): Promise<string[]> {
  // Each kind by itself: what is known of the one counts, also when nobody answers for the other.
  const found = await Promise.all(
    [nameServer.resolve4(name), nameServer.resolve6(name)].map((asked) =>
      Promise.race([asked.catch((): string[] => []), setTimeout(LOOK_MS, [], { ref: false })]),
    ),
  );
  return found.flat();
}

function refusal({ hostname }: URL, why: string): Unavailable {
  return new Unavailable('outbound_refused', `nothing is fetched from ${hostname}: ${why}`);
}

type Lookup = (
  name: string,
  options: { readonly family?: number },
  done: (error: Error | null, found: LookupAddress[]) => void,
) => void;

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
