import { inflateRawSync } from 'node:zlib';
import { Unavailable } from '../operations/errors.ts';
import { readPage } from './page.ts';
import type { Seen, Visitor } from './visitor.ts';

/** An authentication request on its way to the provider, caught in the browser. */
export interface CapturedRequest {
  readonly binding: 'post' | 'redirect';
  /** Redirects before it came: AgID's checker follows none (spid-authn-request, 10). */
  readonly hops: number;
  /** HTTP status of the answer it came in. */
  readonly status: number;
  /** Where it goes, its own parameters taken off. */
  readonly destination: string;
  /** The document; empty when there is none to read. */
  readonly xml: string;
  readonly relayState: string | undefined;
  /** Redirect only: the query string as it stands, without `?`. */
  readonly query?: string;
  /** POST only: whether its form is the page's first and is posted. */
  readonly firstForm?: boolean;
}

const REQUEST_LIMIT = 256 * 1024;
const MOST_HOPS = 10;

/**
 * Starts a login and stops at the request that is to leave for the provider.
 * @throws Unavailable `no_request` when no such request comes
 */
export async function captureRequest(visitor: Visitor, loginUrl: string): Promise<CapturedRequest> {
  let seen = await visitor.get(loginUrl);
  for (let hops = 0; hops <= MOST_HOPS; hops++) {
    const captured = byRedirect(seen, hops) ?? byPost(seen, hops);
    if (captured) return captured;
    if (seen.location === undefined) break;
    seen = await visitor.get(seen.location);
  }
  const { origin, pathname } = new URL(seen.url);
  const heading = readPage(seen.body).heading;
  throw new Unavailable(
    'no_request',
    `${loginUrl}: no authentication request came; the visit ended at ${origin}${pathname} with status ${seen.status}${heading && ` and "${heading}"`}`,
  );
}

function byRedirect({ location, status }: Seen, hops: number): CapturedRequest | undefined {
  if (location === undefined) return undefined;
  const at = location.indexOf('?');
  const query = at < 0 ? '' : location.slice(at + 1);
  const parameters = new URLSearchParams(query);
  const message = parameters.get('SAMLRequest');
  if (message === null) return undefined;
  const relayState = parameters.get('RelayState') ?? undefined;
  const xml = textOf(() =>
    inflateRawSync(Buffer.from(message, 'base64'), { maxOutputLength: REQUEST_LIMIT }),
  );
  return { binding: 'redirect', hops, status, destination: location.slice(0, at), xml, relayState, query };
}

function byPost(seen: Seen, hops: number): CapturedRequest | undefined {
  if (seen.status !== 200) return undefined;
  const { forms } = readPage(seen.body);
  const form = forms.find(({ fields }) => fields.has('SAMLRequest'));
  if (!form) return undefined;
  return {
    binding: 'post',
    hops,
    status: seen.status,
    destination: new URL(form.action, seen.url).href,
    xml: textOf(() => Buffer.from(form.fields.get('SAMLRequest') ?? '', 'base64')),
    relayState: form.fields.get('RelayState'),
    firstForm: forms[0] === form && form.method === 'POST',
  };
}

function textOf(decode: () => Buffer): string {
  try {
    return decode().toString('utf8');
  } catch {
    return '';
  }
}
