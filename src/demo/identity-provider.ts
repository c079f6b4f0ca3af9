import { createPrivateKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import Koa, { type Context } from 'koa';
import Keygrip from 'keygrip';
import { acrOf } from '../identity/level.ts';
import type { AttributeName } from '../identity/attributes.ts';
import type { Attributes } from '../identity/identity.ts';
import { selfSignedCertificate } from '../keys/certificate.ts';
import { readBody } from '../operations/body.ts';
import type { Clock } from '../operations/clock.ts';
import { Refused } from '../operations/errors.ts';
import { parseForm } from '../saml/bindings.ts';
import { newId, xml } from '../saml/documents.ts';
import { BINDING, NAMEID_TRANSIENT, NS } from '../saml/names.ts';
import { signEnveloped, type SigningKey } from '../saml/signature.ts';
import { createRouter } from '../web/app.ts';
import { applyPolicy, securityHeaders } from '../web/headers.ts';
import { html } from '../web/html.ts';
import { messages } from '../web/messages/index.ts';
import type { Assets } from '../web/static/assets.ts';
import {
  acceptRequest,
  Anomaly,
  issuerOf,
  readServiceProvider,
  requestBytes,
  type AcceptedRequest,
  type RequestMessage,
} from './authn-request.ts';
import { demoBrand, demoPage } from './pages.ts';
import { personaOf, PERSONAS } from './personas.ts';
import { anomalyResponse, successResponse } from './response.ts';

/** What a citizen can do wrong at a provider, by AgID's number (spid-response-validation, 6.1). */
const ANOMALIES: Readonly<Record<number, string>> = {
  19: 'Sbaglia password troppe volte',
  20: 'Non avere il livello richiesto',
  21: 'Lascia scadere il tempo',
  22: 'Nega il consenso',
  23: 'Identità sospesa',
  25: 'Annulla',
  30: 'Identità di tipo sbagliato',
};

interface Visit {
  readonly request: AcceptedRequest;
  readonly relayState: string;
}

export interface DemoProviderOptions {
  readonly url: string;
  readonly assets: Assets;
  readonly clock: Clock;
  /** Where the metadata of a service provider is fetched: its entityID. */
  readonly allowedIssuers: readonly string[];
}

export interface DemoProvider {
  readonly app: Koa;
  /** Signed metadata, as AgID would hand it out. */
  readonly metadata: string;
}

const NAME = 'Gestore SPID di prova';

/** A SPID identity provider for trials: as strict with requests as the real ones, with invented citizens. */
export async function createDemoProvider(options: DemoProviderOptions): Promise<DemoProvider> {
  const key = await createKey(options);
  const provider = { entityId: options.url, key };
  const metadata = signEnveloped(metadataOf(options.url, key.certificate), key, 'first');
  const brand = demoBrand(NAME, options.url);
  const visits = new Map<string, Visit>();
  const page = (title: string, body: ReturnType<typeof html>) => demoPage(brand, options.assets, title, body);

  async function arrive(
    ctx: Context,
    message: RequestMessage,
    relayState: string | undefined,
  ): Promise<void> {
    try {
      const issuer = issuerOf(requestBytes(message)) ?? '';
      if (!options.allowedIssuers.includes(issuer)) throw new Anomaly(10, 'unknown issuer');
      const serviceProvider = readServiceProvider(new Uint8Array(await (await fetch(issuer)).arrayBuffer()));
      const request = acceptRequest(message, `${options.url}/sso`, serviceProvider, options.clock.now());
      const visit = randomBytes(16).toString('base64url');
      visits.set(visit, { request, relayState: relayState ?? '' });
      ctx.type = 'html';
      ctx.body = page('Chi sei?', personaList(visit, request));
    } catch (error) {
      if (!(error instanceof Anomaly)) throw error;
      if (error.to)
        send(
          ctx,
          error.to.acsUrl,
          anomalyResponse(error.to, error.nr, provider, options.clock.now()),
          relayState ?? '',
        );
      else refuse(ctx, error);
    }
  }

  /** What real providers show themselves: the service never hears of it. */
  function refuse(ctx: Context, error: Anomaly): void {
    ctx.status = 403;
    ctx.type = 'html';
    ctx.body = page(
      'Richiesta non valida',
      html`<p role="alert">Anomalia ${error.nr}: ${error.message}.</p>`,
    );
  }

  function send(ctx: Context, acsUrl: string, response: string, relayState: string): void {
    const nonce = randomBytes(16).toString('base64');
    applyPolicy(ctx, { nonce }, options.url);
    ctx.type = 'html';
    ctx.body = page(
      'Torni al servizio',
      html`<form method="post" action="${acsUrl}" id="answer">
          <input type="hidden" name="SAMLResponse" value="${Buffer.from(response).toString('base64')}" />
          <input type="hidden" name="RelayState" value="${relayState}" />
          <button class="btn btn-primary" type="submit">Continua</button>
        </form>
        <script nonce="${nonce}">
          document.getElementById('answer').requestSubmit();
        </script>`,
    );
  }

  const router = createRouter();
  router.get('/metadata', (ctx) => {
    ctx.type = 'application/samlmetadata+xml';
    ctx.body = metadata;
  });
  router.get('/', (ctx) => {
    ctx.type = 'html';
    ctx.body = page(
      NAME,
      html`<p>Un gestore di identità inventato, per provare gli accessi. Parti dal servizio.</p>`,
    );
  });
  router.get('/sso', (ctx) =>
    arrive(
      ctx,
      { binding: 'redirect', rawQuery: ctx.querystring },
      new URLSearchParams(ctx.querystring).get('RelayState') ?? undefined,
    ),
  );
  router.post('/sso', async (ctx) => {
    const form = parseForm(await readBody(ctx.req, 200_000));
    await arrive(ctx, { binding: 'post', message: form.get('SAMLRequest') ?? '' }, form.get('RelayState'));
  });
  router.post('/consent', async (ctx) => {
    const form = parseForm(await readBody(ctx.req, 10_000));
    const { id, visit } = visitOf(visits, form.get('visit'));
    const persona = personaOf(form.get('user') ?? '');
    if (!persona) throw new Refused('unknown_persona', 'no such invented citizen');
    ctx.type = 'html';
    ctx.body = page('Acconsenti?', consentForm(id, visit.request, persona.user));
  });
  router.post('/answer', async (ctx) => {
    const form = parseForm(await readBody(ctx.req, 10_000));
    const { id, visit } = visitOf(visits, form.get('visit'));
    visits.delete(id);
    const [now, nr, persona] = [
      options.clock.now(),
      Number(form.get('anomaly')),
      personaOf(form.get('user') ?? ''),
    ];
    if (!nr && !persona) throw new Refused('unknown_persona', 'no such invented citizen');
    const response =
      nr || !persona
        ? anomalyResponse(visit.request, nr, provider, now)
        : successResponse(visit.request, persona, provider, now);
    send(ctx, visit.request.acsUrl, response, visit.relayState);
  });

  const app = new Koa();
  app.keys = new Keygrip([randomBytes(32).toString('base64url')], 'sha256');
  app.silent = true;
  app.use(async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      ctx.status = error instanceof Refused ? error.status : 500;
      ctx.type = 'html';
      ctx.body = page(
        'Non è possibile',
        html`<p role="alert">
          ${error instanceof Refused ? error.message : 'Errore del gestore di prova'}.
        </p>`,
      );
    }
  });
  app.use(securityHeaders(options.url));
  app.use(options.assets.middleware);
  app.use(router.routes());
  return { app, metadata };
}

function visitOf(visits: ReadonlyMap<string, Visit>, id: string | undefined): { id: string; visit: Visit } {
  const visit = visits.get(id ?? '');
  if (!id || !visit)
    throw new Refused('visit_over', 'Questa pagina è scaduta: torna al servizio e ricomincia');
  return { id, visit };
}

function personaList(visit: string, { organization, level }: AcceptedRequest) {
  return html`<p class="lead">
      ${organization} chiede di sapere chi sei, con ${messages('it').levels[level]}.
    </p>
    <form method="post" action="/consent">
      <input type="hidden" name="visit" value="${visit}" />
      <ul class="provider-list list-unstyled">
        ${PERSONAS.map(
          ({ user, about }) =>
            html`<li>
              <button class="btn provider-button" type="submit" name="user" value="${user}">${user}</button
              ><span class="small" lang="en">${about}</span>
            </li>`,
        )}
      </ul>
    </form>
    <h2 class="h4">Oppure qualcosa va storto</h2>
    <form method="post" action="/answer" class="problem-actions">
      <input type="hidden" name="visit" value="${visit}" />
      ${Object.entries(ANOMALIES).map(
        ([nr, what]) =>
          html`<button class="btn btn-outline-primary" type="submit" name="anomaly" value="${nr}">
            ${what}
          </button>`,
      )}
    </form>`;
}

function consentForm(visit: string, request: AcceptedRequest, user: string) {
  const attributes: Attributes = personaOf(user)?.attributes ?? {};
  const sent = request.attributes.filter((name) => name in attributes) as AttributeName[];
  return html`<p class="lead">A ${request.organization} saranno inviati questi dati:</p>
    <dl class="released-data">
      ${sent.map(
        (name) =>
          html`<div>
            <dt>${messages('it').attributes[name]}</dt>
            <dd>${attributes[name]}</dd>
          </div>`,
      )}
    </dl>
    <form method="post" action="/answer" class="problem-actions">
      <input type="hidden" name="visit" value="${visit}" />
      <button class="btn btn-primary" type="submit" name="user" value="${user}">
        Acconsento (${acrOf(request.level).slice(-2)})
      </button>
      <button class="btn btn-outline-primary" type="submit" name="anomaly" value="22">Non acconsento</button>
    </form>`;
}

async function createKey({ url, clock }: DemoProviderOptions): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const key = createPrivateKey(privateKey);
  const subject = {
    commonName: NAME,
    organizationName: NAME,
    entityId: url,
    ipaCode: 'demo',
    locality: 'Pontedera',
  };
  const certificate = new X509Certificate(await selfSignedCertificate(subject, key, clock.now(), 1));
  return { privateKey: key, certificate: certificate.raw.toString('base64') };
}

function metadataOf(url: string, certificate: string): string {
  const bindings = [BINDING.post, BINDING.redirect];
  return xml`<md:EntityDescriptor xmlns:md="${NS.md}" xmlns:ds="${NS.ds}" ID="${newId()}" entityID="${url}"><md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="${NS.samlp}"><md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:NameIDFormat>${NAMEID_TRANSIENT}</md:NameIDFormat>${bindings.map(
    (binding) => xml`<md:SingleSignOnService Binding="${binding}" Location="${url}/sso"/>`,
  )}</md:IDPSSODescriptor><md:Organization><md:OrganizationName xml:lang="it">${NAME}</md:OrganizationName><md:OrganizationDisplayName xml:lang="it">${NAME}</md:OrganizationDisplayName><md:OrganizationURL xml:lang="it">${url}</md:OrganizationURL></md:Organization></md:EntityDescriptor>`.toString();
}
