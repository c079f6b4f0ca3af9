import { Unavailable } from '../../../operations/errors.ts';

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
  url: string,
  known: Validators,
  limits: { readonly timeoutMs: number; readonly bytes: number },
): Promise<Fetched> {
  const headers = {
    ...(known.etag ? { 'if-none-match': known.etag } : {}),
    ...(known.lastModified ? { 'if-modified-since': known.lastModified } : {}),
  };
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(limits.timeoutMs) });
    if (response.status === 304) return undefined;
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Unavailable('registry_status', `the registry answered ${response.status}`);
    }
    return {
      bytes: await limited(response, limits.bytes),
      etag: response.headers.get('etag'),
      lastModified: response.headers.get('last-modified'),
    };
  } catch (cause) {
    if (cause instanceof Unavailable) throw cause;
    throw new Unavailable('registry_unreachable', 'the registry does not answer', { cause });
  }
}

/** No more than the limit is ever held, whatever the length announced. */
async function limited(response: Response, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > limit) throw new Unavailable('registry_too_large', `more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
