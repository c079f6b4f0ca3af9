import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import type { Adapter } from 'oidc-provider';
import { readBody } from '../operations/body.ts';
import { Refused } from '../operations/errors.ts';
import { formFields } from '../operations/text.ts';
import { ENDPOINTS } from './endpoints.ts';
import type { ServiceErrorCode } from './service-errors.ts';

/** In bytes: about what an address may bring, since it is kept for whoever sends it. What is larger can be pushed (RFC 9126). */
const LARGEST_REQUEST = 16 * 1024;
const PATHS: readonly string[] = [ENDPOINTS.authorization, ENDPOINTS.end_session];
/** Parameters of a logout that say who leaves. */
const PERSONAL = ['id_token_hint', 'logout_hint'];
/** The parameter by which a kept request goes on. */
const NAME = 'kept';

/**
 * Requests that a browser brings and that must not stand in its address bar. Those by POST (OpenID Connect Core 3.1.2.1,
 * RP-Initiated Logout 2) go on by GET: a form of another site carries no session cookie of ours, and the redirect does,
 * so the cookie need not be weakened. Logouts that name a person go on in the same way: what is in the address of a page
 * gets into histories, logs and the `Referer` of its forms. Both are kept in the store, and go on under a name.
 */
export class KeptRequests {
  readonly #records: Adapter;
  readonly #seconds: number;

  /** @param seconds that a request is kept: a page may be asked for again, in the other language */
  constructor(records: Adapter, seconds: number) {
    this.#records = records;
    this.#seconds = seconds;
  }

  /**
   * Keeps a request.
   * @returns the path by which a browser goes on with it
   */
  async keep(path: string, parameters: URLSearchParams): Promise<string> {
    const name = randomBytes(24).toString('base64url');
    await this.#records.upsert(name, { parameters: parameters.toString() }, this.#seconds);
    return `${path}?${NAME}=${name}`;
  }

  /**
   * Before the library sees a request: keeps it, or puts a kept one where the library looks for it.
   * @returns whether it was kept: then the request is answered
   * @throws Refused `not_a_form` (415), `body_too_large` (413), `characters_refused`, `page_expired`
   */
  async intercept(ctx: Context): Promise<boolean> {
    if (!PATHS.includes(ctx.path)) return false;
    const query = new URLSearchParams(ctx.querystring);
    if (ctx.method === 'POST') await goOn(ctx, this.keep(ctx.path, await posted(ctx)));
    else if (ctx.path === ENDPOINTS.end_session && PERSONAL.some((parameter) => query.has(parameter)))
      await goOn(ctx, this.keep(ctx.path, query));
    else {
      const name = query.get(NAME);
      if (name !== null) ctx.querystring = await this.#parameters(name, query.get('lang'));
      return false;
    }
    return true;
  }

  async #parameters(name: string, language: string | null): Promise<string> {
    const kept = await this.#records.find(name);
    if (!kept)
      throw new Refused('page_expired' satisfies ServiceErrorCode, 'no such request is kept, or no longer');
    const parameters = new URLSearchParams(kept['parameters'] as string);
    if (language !== null) parameters.set('lang', language);
    return parameters.toString();
  }
}

async function posted(ctx: Context): Promise<URLSearchParams> {
  if (!ctx.is('application/x-www-form-urlencoded'))
    throw new Refused('not_a_form', 'only application/x-www-form-urlencoded is accepted', { status: 415 });
  return formFields(await readBody(ctx.req, LARGEST_REQUEST));
}

async function goOn(ctx: Context, path: Promise<string>): Promise<void> {
  ctx.set('Location', await path);
  ctx.status = 303;
  ctx.body = '';
}
