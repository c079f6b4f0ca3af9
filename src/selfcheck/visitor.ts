import { CookieJar } from '../demo/cookies.ts';
import type { Clock } from '../operations/clock.ts';
import { Unavailable } from '../operations/errors.ts';

/** How long a service provider may take to answer, in milliseconds. */
const PATIENCE_MS = 20_000;

/** Most bytes of a page that are read. */
const PAGE_LIMIT = 2 * 1024 * 1024;

/** As many redirects in a row as browsers follow. */
const MOST_REDIRECTS = 20;

export interface Seen {
  readonly url: string;
  readonly status: number;
  /** Where it redirects to, absolute. */
  readonly location: string | undefined;
  readonly body: string;
}

/**
 * A browser without scripts that stops wherever it is told: AgID's checkers look at single answers and at the status a
 * chain of redirects ends in. Its cookies are those of one visit.
 */
export class Visitor {
  readonly #cookies: CookieJar;

  constructor(clock: Clock) {
    this.#cookies = new CookieJar(clock);
  }

  /** One request, no redirect followed. @throws Unavailable when nobody answers */
  async get(url: string, from?: string): Promise<Seen> {
    return this.#send(url, from);
  }

  /** Posts a form from a page of another site, and follows where it leads. @throws Unavailable */
  async post(url: string, form: URLSearchParams, from: string): Promise<Seen> {
    return this.follow(await this.#send(url, from, form), from);
  }

  /** Follows redirects to the answer that is none. @throws Unavailable, also when there is no end to them */
  async follow(start: Seen, from?: string): Promise<Seen> {
    let seen = start;
    for (let hops = 0; seen.location !== undefined; hops++) {
      if (hops === MOST_REDIRECTS) throw new Unavailable('redirects', `${seen.url}: too many redirects`);
      seen = await this.#send(seen.location, from);
    }
    return seen;
  }

  async #send(url: string, from: string | undefined, form?: URLSearchParams): Promise<Seen> {
    const target = new URL(url);
    const method = form ? 'POST' : 'GET';
    const cookie = this.#cookies.header(target, { method, crossSite: from !== undefined });
    const response = await fetch(target, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: {
        accept: 'text/html',
        'accept-language': 'it',
        'sec-fetch-site': from === undefined ? 'none' : 'cross-site',
        ...(cookie ? { cookie } : {}),
        ...(form && from
          ? { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(from).origin }
          : {}),
      },
      ...(form ? { body: form.toString() } : {}),
    }).catch((cause: unknown) => {
      throw new Unavailable('no_answer', `${target.origin}${target.pathname}: nobody answers`, { cause });
    });
    for (const line of response.headers.getSetCookie()) this.#cookies.keep(target, line);
    const location = response.headers.get('location');
    const redirects = response.status >= 300 && response.status < 400 && location !== null;
    return {
      url: target.href,
      status: response.status,
      location: redirects ? new URL(location, target).href : undefined,
      body: await readText(response),
    };
  }
}

/** No page is longer than this: whoever sends one for ever is not waited for. */
async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > PAGE_LIMIT) break;
  }
  return text;
}
