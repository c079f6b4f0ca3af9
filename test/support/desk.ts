import { CookieJar } from '../../src/demo/cookies.ts';
import { Driver, StepFailed } from '../../src/demo/driver.ts';
import { formsOf } from '../../src/demo/forms.ts';
import { systemClock } from '../../src/operations/clock.ts';
import type { TestGateway } from './gateway.ts';

/** A page with its form token, if it has one. */
interface DeskPage {
  readonly url: string;
  readonly status: number;
  readonly html: string;
  readonly csrf: string;
}

/** Somebody at the gateway's own pages: signs in as a persona, opens pages, sends forms with what she likes in them. */
export class Desk {
  readonly #gateway: Pick<TestGateway, 'url' | 'providers'>;
  readonly #cookies = new CookieJar(systemClock);

  constructor(gateway: Pick<TestGateway, 'url' | 'providers'>) {
    this.#gateway = gateway;
  }

  /** @param before runs before every request of the way there and back */
  async signIn(
    path = '/admin',
    before?: (url: URL) => Promise<void>,
    persona = 'anna.rossi',
  ): Promise<DeskPage> {
    const browser = new Driver(before, systemClock, this.#cookies);
    try {
      await browser.visit('a page of the gateway', `${this.#gateway.url}${path}`);
      await browser.press('choose the provider', this.#gateway.providers[0]);
      await browser.press('send the request');
      await browser.press('choose the persona', persona);
      await browser.press('consent', persona);
      await browser.press('send the response');
    } catch (error) {
      // Pages that say no are what many tests are about.
      if (!(error instanceof StepFailed) || !browser.page.url.startsWith(this.#gateway.url)) throw error;
    }
    return withToken(browser.page);
  }

  /** What her browser would send to an address. */
  cookieFor(address: string): string {
    const url = new URL(address, this.#gateway.url);
    return this.#cookies.header(url, { method: 'GET', crossSite: false }) ?? '';
  }

  get(address: string): Promise<DeskPage> {
    return this.#load(new URL(address, this.#gateway.url), { method: 'GET' });
  }

  post(address: string, fields: Readonly<Record<string, string>>): Promise<DeskPage> {
    return this.#load(new URL(address, this.#gateway.url), {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { 'sec-fetch-site': 'same-origin' },
    });
  }

  /** Sends a form that answers with a file. */
  download(address: string, fields: Readonly<Record<string, string>>): Promise<Response> {
    return this.#fetch(new URL(address, this.#gateway.url), {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { 'sec-fetch-site': 'same-origin' },
    });
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    const cookie = this.#cookies.header(url, { method: init.method ?? 'GET', crossSite: false });
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { 'accept-language': 'it', ...init.headers, ...(cookie ? { cookie } : {}) },
    });
    for (const line of response.headers.getSetCookie()) this.#cookies.keep(url, line);
    return response;
  }

  async #load(url: URL, init: RequestInit): Promise<DeskPage> {
    const response = await this.#fetch(url, init);
    const location = response.headers.get('location');
    if (location && response.status >= 300 && response.status < 400) {
      await response.arrayBuffer();
      return this.#load(new URL(location, url), { method: 'GET' });
    }
    return withToken({ url: url.href, status: response.status, html: await response.text() });
  }
}

function withToken(page: Omit<DeskPage, 'csrf'>): DeskPage {
  const tokens = formsOf(page.html).flatMap(({ inputs }) => inputs.filter(([name]) => name === 'csrf'));
  return { ...page, csrf: tokens[0]?.[1] ?? '' };
}
