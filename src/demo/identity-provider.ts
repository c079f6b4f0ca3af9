import { randomBytes } from 'node:crypto';
import Koa, { type Context } from 'koa';
import type { Localised } from '../identity/language.ts';
import { LEVELS, type Level } from '../identity/level.ts';
import { readBody } from '../operations/body.ts';
import type { Clock } from '../operations/clock.ts';
import { Refused } from '../operations/errors.ts';
import { parseForm, postBinding } from '../saml/bindings.ts';
import type { SigningKey } from '../saml/signature.ts';
import { createRouter } from '../web/app.ts';
import { applyPolicy, securityHeaders } from '../web/headers.ts';
import { html } from '../web/html.ts';
import { languageOf } from '../web/language.ts';
import type { Assets } from '../web/static/assets.ts';
import { acceptRequest, Anomaly, unreadAnomaly, type AcceptedRequest, type Reply } from './authn-request.ts';
import { acceptLogout, answerLogout } from './logout-request.ts';
import { demoSite, showPage, type Site } from './pages.ts';
import { personaOf, type Persona } from './personas.ts';
import { createProviderKey, PROVIDER_NAME, providerMetadata } from './provider-metadata.ts';
import { consentForm, personaList, sendingForm } from './provider-pages.ts';
import { ProviderSessions } from './provider-sessions.ts';
import { providerTexts, USER_ANOMALIES } from './provider-texts.ts';
import { Remembered } from './remembered.ts';
import { anomalyResponse, successResponse } from './response.ts';
import { fetchServiceProvider, type ServiceProvider } from './service-provider.ts';
import { BadMessage, issuerOf, type Arrival } from './signed-message.ts';

/** As long as a citizen may take to say who she is, in milliseconds. */
const VISIT_MS = 15 * 60 * 1000;

/** As long as a logout request could be sent again, in milliseconds. */
const REPLAY_MS = 10 * 60 * 1000;

const MESSAGE_LIMIT = 200_000;
const FORM_LIMIT = 10_000;
const SESSION_COOKIE = 'provider_session';

export interface DemoProviderOptions {
  readonly url: string;
  /** What it is called on its pages and in its metadata. */
  readonly name?: Localised;
  readonly assets: Assets;
  readonly clock: Clock;
  /** EntityIDs of the service providers it knows; their metadata is fetched there. */
  readonly allowedIssuers: readonly string[];
  /** Answers for this persona without a page: for tools that log in by themselves. */
  readonly automatic?: string | undefined;
}

export interface DemoProvider {
  readonly app: Koa;
  /** Signed metadata, as AgID would hand it out. */
  readonly metadata: string;
}

/** A SPID identity provider for trials: as strict with requests as the real ones, with invented citizens. */
export async function createDemoProvider(options: DemoProviderOptions): Promise<DemoProvider> {
  const { url, name = PROVIDER_NAME, assets, clock } = options;
  const key = await createProviderKey(url, clock);
  const metadata = providerMetadata(url, name.it, key);
  const site = demoSite(name, url, assets);
  const provider = new ProviderSite(options, key, site);

  const router = createRouter();
  router.get('/metadata', (ctx) => {
    ctx.type = 'application/samlmetadata+xml';
    ctx.body = metadata;
  });
  router.get('/', (ctx) => {
    showPage(
      ctx,
      site,
      site.brand.name[languageOf(ctx)],
      html`<p>${providerTexts(languageOf(ctx)).home}</p>`,
    );
  });
  router.get('/sso', (ctx) => provider.arrive(ctx, byRedirect(ctx)));
  router.post('/sso', async (ctx) => provider.arrive(ctx, await byPost(ctx)));
  router.get('/visit/:visit', (ctx) => provider.welcome(ctx, String(ctx.params['visit'])));
  router.post('/consent', (ctx) => provider.askConsent(ctx));
  router.post('/answer', (ctx) => provider.answer(ctx));
  router.get('/slo', (ctx) => provider.logout(ctx, byRedirect(ctx)));
  router.post('/slo', async (ctx) => provider.logout(ctx, await byPost(ctx)));

  const app = new Koa();
  app.silent = true;
  app.use(securityHeaders(url));
  app.use((ctx, next) => withProblems(ctx, site, next));
  app.use(assets.middleware);
  app.use(router.routes());
  return { app, metadata };
}

function byRedirect(ctx: Context): Arrival {
  return { binding: 'redirect', rawQuery: ctx.querystring };
}

async function byPost(ctx: Context): Promise<Arrival> {
  return { binding: 'post', form: parseForm(await readBody(ctx.req, MESSAGE_LIMIT)) };
}

/** What the addresses of the provider do. */
class ProviderSite {
  readonly #options: DemoProviderOptions;
  readonly #signer: { readonly entityId: string; readonly key: SigningKey };
  readonly #site: Site;
  readonly #visits: Remembered<AcceptedRequest>;
  readonly #sessions: ProviderSessions;
  readonly #logouts: Remembered<true>;

  constructor(options: DemoProviderOptions, key: SigningKey, site: Site) {
    this.#options = options;
    this.#signer = { entityId: options.url, key };
    this.#site = site;
    this.#visits = new Remembered(options.clock, VISIT_MS);
    this.#sessions = new ProviderSessions(options.clock);
    this.#logouts = new Remembered(options.clock, REPLAY_MS);
  }

  /**
   * An authentication request. What is good goes on with a GET of our own site: a request that was posted from another
   * site came without the cookie of the citizen's session.
   */
  async arrive(ctx: Context, arrival: Arrival): Promise<void> {
    const { url, clock } = this.#options;
    try {
      const serviceProvider = await this.#serviceProvider(arrival);
      const request = acceptRequest(arrival, `${url}/sso`, serviceProvider, clock.now());
      const visit = randomBytes(16).toString('base64url');
      this.#visits.set(visit, request);
      ctx.redirect(`/visit/${visit}`);
      ctx.status = 303;
    } catch (error) {
      const anomaly = error instanceof BadMessage ? unreadAnomaly(error, arrival) : error;
      if (!(anomaly instanceof Anomaly)) throw error;
      this.#turnDown(ctx, anomaly);
    }
  }

  /** Who is it? At level 1 a citizen who is in already is not asked again (spid-register-and-logout, 2). */
  welcome(ctx: Context, visit: string): void {
    const [language, request] = [languageOf(ctx), this.#requestOf(visit)];
    const automatic = personaOf(this.#options.automatic ?? '');
    if (automatic) {
      this.#answer(ctx, visit, request, automatic, request.level);
      return;
    }
    const text = providerTexts(language);
    const mayKnow = request.level === 1 && !request.forceAuthn && ctx.query['other'] === undefined;
    const known = mayKnow ? personaOf(this.#sessions.userOf(this.#sessionId(ctx)) ?? '') : undefined;
    if (known) showPage(ctx, this.#site, text.consent, consentForm(language, visit, request, known, true));
    else showPage(ctx, this.#site, text.who, personaList(language, visit, request));
  }

  async askConsent(ctx: Context): Promise<void> {
    const form = parseForm(await readBody(ctx.req, FORM_LIMIT));
    const [visit, language] = [form.get('visit') ?? '', languageOf(ctx)];
    const [request, persona] = [this.#requestOf(visit), personaNamed(form.get('user'))];
    const title = providerTexts(language).consent;
    showPage(ctx, this.#site, title, consentForm(language, visit, request, persona, false));
  }

  /** The end of a visit: consent, or one of the ways not to get there. */
  async answer(ctx: Context): Promise<void> {
    const form = parseForm(await readBody(ctx.req, FORM_LIMIT));
    const visit = form.get('visit') ?? '';
    const request = this.#requestOf(visit);
    const anomaly = USER_ANOMALIES.find((nr) => String(nr) === form.get('anomaly'));
    const persona = anomaly ? undefined : personaNamed(form.get('user'));
    const level = levelUsed(request, form.get('level'));
    this.#answer(ctx, visit, request, persona, level, anomaly);
  }

  #answer(
    ctx: Context,
    visit: string,
    request: AcceptedRequest,
    persona: Persona | undefined,
    level: Level,
    anomaly?: (typeof USER_ANOMALIES)[number],
  ): void {
    this.#visits.delete(visit);
    const now = this.#options.clock.now();
    // Whoever has the wrong kind of identity for this service finds out here (AgID notice 18).
    const response =
      persona && request.kinds.includes(persona.kind)
        ? successResponse(request, this.#authentication(ctx, request, persona, level), this.#signer, now)
        : anomalyResponse(request, anomaly ?? 30, this.#signer, now);
    this.#send(ctx, request, response);
  }

  /** A service provider asks to close the citizen's session (spid-register-and-logout, 3). */
  async logout(ctx: Context, arrival: Arrival): Promise<void> {
    const { url, clock } = this.#options;
    const own = { entityId: url, destination: `${url}/slo` };
    try {
      const serviceProvider = await this.#serviceProvider(arrival);
      const request = acceptLogout(arrival, own, serviceProvider, clock.now());
      if (this.#logouts.get(request.id)) {
        throw new Refused('logout_replayed', 'LogoutRequest: used before', { status: 403 });
      }
      this.#logouts.set(request.id, true);
      const complete = this.#sessions.close(serviceProvider.entityId, request.nameId, request.sessionIndex);
      const answerer = { provider: serviceProvider, ...this.#signer };
      const departure = answerLogout(request, complete, arrival.binding, answerer, clock.now());
      if (departure.kind === 'redirect') ctx.redirect(departure.url);
      else this.#submit(ctx, departure.action, departure.fields);
    } catch (error) {
      if (error instanceof BadMessage) throw new Refused('logout_refused', error.message, { status: 403 });
      throw error;
    }
  }

  /** The metadata of whoever says to have sent this. */
  async #serviceProvider(arrival: Arrival): Promise<ServiceProvider> {
    const issuer = issuerOf(arrival);
    if (!this.#options.allowedIssuers.includes(issuer)) throw new Anomaly(10, 'unknown Issuer');
    try {
      return await fetchServiceProvider(issuer);
    } catch (error) {
      throw new Anomaly(10, `no usable metadata: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  }

  #requestOf(visit: string): AcceptedRequest {
    const request = this.#visits.get(visit);
    if (!request) throw new Refused('visit_over', 'this visit is over or never was');
    return request;
  }

  #sessionId(ctx: Context): string | undefined {
    return ctx.cookies.get(SESSION_COOKIE, { signed: false });
  }

  /** Sessions exist at level 1 only; every other answer carries a name that is used once. */
  #authentication(ctx: Context, request: AcceptedRequest, { user, attributes }: Persona, level: Level) {
    const entered = this.#sessions.enter(
      request.level === 1 ? this.#sessionId(ctx) : undefined,
      user,
      request.audience,
    );
    const { id, nameId, sessionIndex } = entered;
    if (request.level > 1) return { attributes, level, nameId };
    ctx.cookies.set(SESSION_COOKIE, id, { signed: false, httpOnly: true, sameSite: 'lax' });
    return { attributes, level, nameId, sessionIndex };
  }

  /** To the service where it can be told, else on a page of our own with status 403. */
  #turnDown(ctx: Context, { nr, message, reply }: Anomaly): void {
    if (reply) {
      this.#send(ctx, reply, anomalyResponse(reply, nr, this.#signer, this.#options.clock.now()));
      return;
    }
    const text = providerTexts(languageOf(ctx));
    ctx.status = 403;
    showPage(ctx, this.#site, text.invalid, html`<p role="alert">${text.anomaly(nr, message)}</p>`);
  }

  #send(ctx: Context, { acsUrl, relayState }: Reply, response: string): void {
    this.#submit(ctx, acsUrl, postBinding('SAMLResponse', response, relayState));
  }

  #submit(ctx: Context, action: string, fields: Readonly<Record<string, string>>): void {
    const [language, nonce] = [languageOf(ctx), randomBytes(16).toString('base64')];
    applyPolicy(ctx, { nonce }, this.#options.url);
    showPage(ctx, this.#site, providerTexts(language).back, sendingForm(language, action, fields, nonce));
  }
}

function personaNamed(user: string | undefined): Persona {
  const persona = personaOf(user ?? '');
  if (!persona) throw new Refused('unknown_persona', 'no such invented citizen');
  return persona;
}

/** The level asked for, or a higher one that the citizen chose: a provider may always go higher, never lower. */
function levelUsed({ level: asked }: AcceptedRequest, chosen: string | undefined): Level {
  if (chosen === undefined) return asked;
  const level = LEVELS.find((candidate) => String(candidate) === chosen);
  if (!level || level < asked) throw new Refused('level_too_low', 'the service asked for a higher level');
  return level;
}

async function withProblems(ctx: Context, site: Site, next: () => Promise<unknown>): Promise<void> {
  try {
    await next();
  } catch (error) {
    const text = providerTexts(languageOf(ctx));
    ctx.status = error instanceof Refused ? error.status : error instanceof Anomaly ? 403 : 500;
    const what =
      error instanceof Anomaly
        ? text.anomaly(error.nr, error.message)
        : error instanceof Refused && error.code === 'visit_over'
          ? text.over
          : text.fault;
    showPage(ctx, site, text.impossible, html`<p role="alert">${what}</p>`);
  }
}
