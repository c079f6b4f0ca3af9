/** A browser as far as a login needs one: cookies with their rules, redirects, forms. No scripts. */
export class Driver {
  readonly #cookies: Cookie[] = [];
  readonly #before: (url: URL) => Promise<void>;
  #page: Page | undefined;

  /** @param before runs before every single request, redirects included: whoever wants to disturb, does it there */
  constructor(before: (url: URL) => Promise<void> = async () => {}) {
    this.#before = before;
  }

  /** The page the last step ended on. */
  get page(): Page {
    if (!this.#page) throw new Error('no page yet');
    return this.#page;
  }

  /** Goes to an address, as if typed. */
  async visit(step: string, url: string): Promise<Page> {
    return this.#load(step, { url, method: 'GET' });
  }

  /** Follows the link with this text. */
  async click(step: string, text: string): Promise<Page> {
    const { page } = this;
    const link = [...page.html.matchAll(/<a\b([^>]*)>([\s\S]*?)<\/a\s*>/g)].find(
      (match) => plain(match[2]) === text,
    );
    const href = attribute(link?.[1] ?? '', 'href');
    if (href === undefined) throw new StepFailed(step, page, `there is no link "${text}"`);
    return this.#load(step, { url: new URL(href, page.url).href, method: 'GET' });
  }

  /** Presses a button: the first whose value or text is `button`, or the page's first when none is named. */
  async press(step: string, button?: string): Promise<Page> {
    const { page } = this;
    for (const form of forms(page.html)) {
      const pressed = form.buttons.find(
        ({ value, text }) => button === undefined || value === button || text === button,
      );
      if (!pressed) continue;
      const fields = new URLSearchParams(form.inputs);
      if (pressed.name) fields.append(pressed.name, pressed.value);
      return this.#load(step, {
        url: new URL(form.action, page.url).href,
        method: form.method,
        body: fields.toString(),
        from: page.url,
      });
    }
    throw new StepFailed(step, page, button ? `there is no button "${button}"` : 'there is no form');
  }

  async #load(step: string, first: Request): Promise<Page> {
    let request = first;
    for (let hops = 0; hops < 15; hops++) {
      const response = await this.#send(request);
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && location) {
        await response.arrayBuffer();
        // The site a navigation came from stays what it was through redirects; a 302 or 303 turns it into a GET.
        request = {
          url: new URL(location, request.url).href,
          method: 'GET',
          ...(request.from ? { from: request.from } : {}),
        };
        continue;
      }
      this.#page = { url: request.url, status: response.status, html: await response.text() };
      if (response.status >= 400) throw new StepFailed(step, this.#page, 'the answer is an error');
      return this.#page;
    }
    throw new StepFailed(step, { url: request.url, status: 0, html: '' }, 'too many redirects');
  }

  async #send({ url, method, body, from }: Request): Promise<Response> {
    const target = new URL(url);
    await this.#before(target);
    const crossSite = from !== undefined && new URL(from).hostname !== target.hostname;
    const cookie = this.#cookies
      .filter((candidate) => candidate.host === target.hostname && isBelow(target.pathname, candidate.path))
      .filter(({ sameSite }) => sameSite === 'none' || !crossSite || (sameSite === 'lax' && method === 'GET'))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        'accept-language': 'it',
        'sec-fetch-site':
          from === undefined
            ? 'none'
            : crossSite
              ? 'cross-site'
              : new URL(from).origin === target.origin
                ? 'same-origin'
                : 'same-site',
        ...(cookie ? { cookie } : {}),
        ...(method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      },
      ...(method === 'POST' ? { body: body ?? '' } : {}),
    });
    for (const line of response.headers.getSetCookie()) this.#keep(target, line);
    return response;
  }

  #keep(from: URL, line: string): void {
    const [pair = '', ...rest] = line.split(/;\s*/);
    const attributes = new Map(
      rest.map((part) => [part.split('=')[0]?.toLowerCase() ?? '', part.split('=')[1] ?? '']),
    );
    const [name = '', ...value] = pair.split('=');
    const cookie: Cookie = {
      host: from.hostname,
      path: attributes.get('path') ?? '/',
      name,
      value: value.join('='),
      sameSite: (attributes.get('samesite') ?? 'lax').toLowerCase(),
    };
    const known = this.#cookies.findIndex(
      (c) => c.host === cookie.host && c.path === cookie.path && c.name === name,
    );
    if (known >= 0) this.#cookies.splice(known, 1);
    const expires = attributes.get('expires');
    const expired = expires !== undefined && new Date(expires).getTime() <= 0;
    if (!expired) this.#cookies.push(cookie);
  }
}

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly html: string;
}

/** A step of a journey that did not end where it should. */
export class StepFailed extends Error {
  readonly step: string;

  constructor(step: string, page: Page, what: string) {
    const title = plain(/<h1\b[^>]*>([\s\S]*?)<\/h1>/.exec(page.html)?.[1]);
    const reference = /<strong translate="no">([^<]+)<\/strong>/.exec(page.html)?.[1];
    super(
      `step "${step}": ${what} (${page.status} at ${page.url.split('?')[0]}${title ? `, "${title}"` : ''}${reference ? `, support code ${reference}` : ''})`,
    );
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

interface Cookie {
  readonly host: string;
  readonly path: string;
  readonly name: string;
  readonly value: string;
  readonly sameSite: string;
}

function isBelow(path: string, cookiePath: string): boolean {
  return path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);
}

function forms(page: string) {
  return [...page.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form\s*>/g)].map(([, head = '', body = '']) => ({
    action: attribute(head, 'action') ?? '',
    method: (attribute(head, 'method') ?? 'get').toUpperCase(),
    inputs: [...body.matchAll(/<input\b([^>]*)>/g)].map(([, input = '']): [string, string] => [
      attribute(input, 'name') ?? '',
      attribute(input, 'value') ?? '',
    ]),
    buttons: [...body.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button\s*>/g)].map(([, button = '', text]) => ({
      name: attribute(button, 'name'),
      value: attribute(button, 'value') ?? '',
      text: plain(text),
    })),
  }));
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? undefined : unescape(value);
}

function plain(fragment: string | undefined): string {
  return unescape((fragment ?? '').replace(/<[^>]*>/g, '').replace(/\s+/g, ' ')).trim();
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  '#9': '\t',
  '#10': '\n',
  '#13': '\r',
};

function unescape(text: string): string {
  return text.replace(/&(#?\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
