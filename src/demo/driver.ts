import { systemClock, type Clock } from '../operations/clock.ts';
import { CookieJar } from './cookies.ts';
import { formsOf, linkOf, supportReferenceOf, titleOf } from './forms.ts';

/** How long a site may take to answer, in milliseconds. */
const PATIENCE_MS = 15_000;

/** As many redirects in a row as browsers follow. */
const MOST_REDIRECTS = 20;

/** A browser as far as a login needs one: cookies with their rules, redirects, forms. No scripts. */
export class Driver {
  readonly #cookies: CookieJar;
  readonly #before: (url: URL) => Promise<void>;
  #page: Page | undefined;

  /**
   * @param before runs before every single request, redirects included: whoever wants to disturb, does it there
   * @param clock when cookies end
   * @param cookies those the browser has already
   */
  constructor(
    before: (url: URL) => Promise<void> = async () => {},
    clock: Clock = systemClock,
    cookies: CookieJar = new CookieJar(clock),
  ) {
    this.#before = before;
    this.#cookies = cookies;
  }

  /** The page the last step ended on. */
  get page(): Page {
    if (!this.#page) throw new Error('no page yet');
    return this.#page;
  }

  /**
   * Goes to an address, as if typed.
   * @param step what the citizen is doing, for the message when it fails
   * @throws StepFailed
   */
  async visit(step: string, url: string): Promise<Page> {
    return this.#load(step, { url, method: 'GET' });
  }

  /**
   * Follows the link with this text.
   * @throws StepFailed
   */
  async click(step: string, text: string): Promise<Page> {
    const { page } = this;
    const href = linkOf(page.html, text);
    if (href === undefined) throw new StepFailed(step, page, `there is no link "${text}"`);
    return this.#load(step, { url: new URL(href, page.url).href, method: 'GET', from: page.url });
  }

  /**
   * Presses a button: the first whose value or text is `button`, or the page's first when none is named.
   * @throws StepFailed
   */
  async press(step: string, button?: string): Promise<Page> {
    const { page } = this;
    for (const form of formsOf(page.html)) {
      const pressed = form.buttons.find(
        ({ value, text }) => button === undefined || value === button || text === button,
      );
      if (!pressed) continue;
      const fields = new URLSearchParams(form.inputs.map(([name, value]) => [name, value]));
      if (pressed.name) fields.append(pressed.name, pressed.value);
      const action = new URL(form.action, page.url);
      if (form.method === 'GET') action.search = fields.toString();
      return this.#load(step, {
        url: action.href,
        method: form.method,
        from: page.url,
        ...(form.method === 'GET' ? {} : { body: fields.toString() }),
      });
    }
    throw new StepFailed(step, page, button ? `there is no button "${button}"` : 'there is no form');
  }

  async #load(step: string, first: Request): Promise<Page> {
    let request = first;
    for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
      const response = await this.#send(step, request);
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && location) {
        await response.arrayBuffer();
        request = redirected(request, response.status, location);
        continue;
      }
      this.#page = { url: request.url, status: response.status, html: await response.text() };
      if (response.status >= 400) throw new StepFailed(step, this.#page, 'the answer is an error');
      return this.#page;
    }
    throw new StepFailed(step, { url: request.url, status: 0, html: '' }, 'too many redirects');
  }

  async #send(step: string, { url, method, body, from }: Request): Promise<Response> {
    const target = new URL(url);
    await this.#before(target);
    const site = siteOf(target, from);
    const cookie = this.#cookies.header(target, { method, crossSite: site === 'cross-site' });
    const headers = {
      accept: 'text/html',
      'accept-language': 'it',
      'sec-fetch-site': site,
      ...(cookie ? { cookie } : {}),
      ...(method === 'POST'
        ? {
            'content-type': 'application/x-www-form-urlencoded',
            // Our pages tell nobody else where a form comes from (Referrer-Policy: same-origin).
            origin: site === 'same-origin' ? target.origin : 'null',
          }
        : {}),
    };
    const response = await fetch(url, {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body === undefined ? {} : { body }),
    }).catch((cause: unknown) => {
      throw new StepFailed(step, { url, status: 0, html: '' }, 'nobody answers', { cause });
    });
    for (const line of response.headers.getSetCookie()) this.#cookies.keep(target, line);
    return response;
  }
}

export interface Page {
  readonly url: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly html: string;
}

/** A step of a journey that did not end where it should. Says which, and what the citizen would have seen. */
export class StepFailed extends Error {
  readonly step: string;

  constructor(step: string, page: Page, what: string, options?: ErrorOptions) {
    const [title, reference] = [titleOf(page.html), supportReferenceOf(page.html)];
    // Without its query: codes and states are nobody's business.
    const where = `${page.status ? `${page.status} at ` : ''}${page.url.split('?')[0]}`;
    const details = [where, title && `"${title}"`, reference && `support code ${reference}`];
    super(`step "${step}": ${what} (${details.filter(Boolean).join(', ')})`, options);
    this.step = step;
  }
}

interface Request {
  readonly url: string;
  readonly method: string;
  readonly body?: string;
  /** Page the navigation started from; absent when typed. */
  readonly from?: string;
}

/** The site a navigation came from stays what it was; only 307 and 308 repeat what was posted. */
function redirected(request: Request, status: number, location: string): Request {
  const url = new URL(location, request.url).href;
  if (status === 307 || status === 308) return { ...request, url };
  return { url, method: 'GET', ...(request.from === undefined ? {} : { from: request.from }) };
}

/** As browsers say it in Sec-Fetch-Site. Ports make an origin, not a site. */
function siteOf(target: URL, from: string | undefined): string {
  if (from === undefined) return 'none';
  const { origin, hostname } = new URL(from);
  if (origin === target.origin) return 'same-origin';
  return hostname === target.hostname ? 'same-site' : 'cross-site';
}
