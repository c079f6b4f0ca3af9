import { Unavailable } from '../../../operations/errors.ts';
import type { Outbound, OutboundRequest } from '../../../operations/outbound.ts';

/** Largest file taken from the registry, in bytes (spid-registry-and-idps, 1.3); AgID's has 140 KB. */
export const LARGEST_AGGREGATE = 2 * 1024 * 1024;

/** What the registry said about the file we have: sent back, so that it need not be sent again. */
export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** The file, or undefined when what we have is still it. */
export type Fetched = ({ readonly bytes: Buffer } & Validators) | undefined;

/**
 * Fetches a file from the registry. Nothing of what it brings is believed here.
 * @param known of the file in use, if there is one
 * @param limits timeout in milliseconds, size in bytes
 * @throws Unavailable `registry_unreachable`, `registry_status` or `registry_too_large`
 */
export async function fetchFile(
  outbound: Outbound,
  url: string,
  known: Validators,
  limits: { readonly timeoutMs: number; readonly bytes: number },
): Promise<Fetched> {
  const headers = {
    ...(known.etag ? { 'if-none-match': known.etag } : {}),
    ...(known.lastModified ? { 'if-modified-since': known.lastModified } : {}),
  };
  try {
    const response = await followed(outbound, url, {
      headers,
      signal: AbortSignal.timeout(limits.timeoutMs),
    });
    if (response.status === 304) return undefined;
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Unavailable('registry_status', `${url} answered ${response.status}`);
    }
    return {
      bytes: await limited(response, limits.bytes),
      etag: response.headers.get('etag'),
      lastModified: response.headers.get('last-modified'),
    };
  } catch (cause) {
    if (cause instanceof Unavailable) throw cause;
    throw new Unavailable('registry_unreachable', `${url} does not answer (${reasonOf(cause)})`, { cause });
  }
}

/** What the network said, such as ENOTFOUND: enough to tell a name server from a firewall or a certificate. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown';
  if (['AbortError', 'TimeoutError'].includes(cause.name)) return 'not in time';
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
}

/** As many redirects in a row as a registry that moved has. */
const MOST_REDIRECTS = 3;

/** Where the operator's address is, is her decision; where it sends us is on the internet, or at the same place. */
async function followed(outbound: Outbound, address: string, options: OutboundRequest): Promise<Response> {
  let url = new URL(address);
  const { origin } = url;
  for (let hops = 0; ; hops++) {
    const response = await (url.origin === origin
      ? outbound.fetchFrom(url, options)
      : outbound.fetchPublic(url, options));
    const location = response.headers.get('location');
    if (response.status < 301 || response.status > 308 || response.status === 304 || !location)
      return response;
    await response.body?.cancel();
    if (hops === MOST_REDIRECTS || !URL.canParse(location, url))
      throw new Unavailable('registry_status', 'the registry redirects without end');
    url = new URL(location, url);
  }
}

/**
 * No more than the limit is ever held, whatever the length announced.
 * @throws Unavailable `registry_too_large`
 */
export async function limited(response: Response, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > limit) throw new Unavailable('registry_too_large', `more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
