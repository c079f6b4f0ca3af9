import type { Clock } from '../operations/clock.ts';
import { isLoopback } from '../operations/loopback.ts';

interface Cookie {
  readonly host: string;
  readonly path: string;
  readonly name: string;
  readonly value: string;
  readonly sameSite: 'strict' | 'lax' | 'none';
  readonly secure: boolean;
  /** Milliseconds since the epoch; never when it lasts as long as the browser is open. */
  readonly ends: number;
}

/** How a request came about: what SameSite decides by. */
export interface Navigation {
  readonly method: string;
  /** Whether the page that led here belongs to another site. */
  readonly crossSite: boolean;
}

/**
 * The cookies of one browser, kept and sent as browsers do (RFC 6265bis): by host, whatever the port; Path, Secure,
 * SameSite, Expires and Max-Age honoured. HttpOnly makes no difference where no script runs. No site of a login shares
 * cookies across hosts, so a Domain wider than the host is refused.
 */
export class CookieJar {
  #cookies: Cookie[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The Cookie header of a request, longest paths first; undefined when there is nothing to send. */
  header(target: URL, { method, crossSite }: Navigation): string | undefined {
    const now = this.#clock.now().getTime();
    this.#cookies = this.#cookies.filter(({ ends }) => ends > now);
    const sent = this.#cookies
      .filter((cookie) => cookie.host === target.hostname && isBelow(target.pathname, cookie.path))
      .filter(({ secure }) => !secure || isSecure(target))
      .filter(({ sameSite }) => !crossSite || sameSite === 'none' || (sameSite === 'lax' && method === 'GET'))
      .toSorted((one, other) => other.path.length - one.path.length);
    return sent.length > 0 ? sent.map(({ name, value }) => `${name}=${value}`).join('; ') : undefined;
  }

  /** Takes in one Set-Cookie line, or leaves it where a browser would. */
  keep(from: URL, line: string): void {
    const cookie = this.#read(from, line);
    if (!cookie) return;
    const { host, path, name } = cookie;
    this.#cookies = this.#cookies.filter((c) => !(c.host === host && c.path === path && c.name === name));
    if (cookie.ends > this.#clock.now().getTime()) this.#cookies.push(cookie);
  }

  #read(from: URL, line: string): Cookie | undefined {
    const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
    const attributes = new Map(rest.map((part) => split(part)).map(([name, v]) => [name.toLowerCase(), v]));
    const [name, value] = split(pair);
    const secure = attributes.has('secure');
    const path = attributes.get('path');
    const sameSite = (attributes.get('samesite') ?? 'lax').toLowerCase();
    if (!name || !isSameSite(sameSite)) return undefined;
    if (secure && !isSecure(from)) return undefined;
    if (sameSite === 'none' && !secure) return undefined;
    if ((attributes.get('domain') ?? from.hostname).replace(/^\./, '') !== from.hostname) return undefined;
    if (name.startsWith('__Host-') && (!secure || path !== '/' || attributes.has('domain'))) return undefined;
    if (name.startsWith('__Secure-') && !secure) return undefined;
    return {
      host: from.hostname,
      path: path?.startsWith('/') ? path : directoryOf(from.pathname),
      name,
      value,
      sameSite,
      secure,
      ends: this.#endOf(attributes),
    };
  }

  /** Max-Age counts before Expires; with neither a cookie lasts as long as the browser. */
  #endOf(attributes: ReadonlyMap<string, string>): number {
    const seconds = attributes.get('max-age');
    if (seconds !== undefined && /^-?\d+$/.test(seconds)) {
      return this.#clock.now().getTime() + Number(seconds) * 1000;
    }
    const expires = Date.parse(attributes.get('expires') ?? '');
    return Number.isNaN(expires) ? Infinity : expires;
  }
}

function split(pair: string): [name: string, value: string] {
  const at = pair.indexOf('=');
  return at < 0 ? [pair, ''] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
}

function isSameSite(value: string): value is Cookie['sameSite'] {
  return ['strict', 'lax', 'none'].includes(value);
}

/** Browsers trust what does not leave this machine as they trust https. */
function isSecure({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || isLoopback(hostname);
}

function isBelow(path: string, cookiePath: string): boolean {
  return path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);
}

/** Where a cookie without Path belongs: the directory of the page that set it. */
function directoryOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 1));
}
