import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientPolicy } from '../../src/clients/policy.ts';
import { CookieJar } from '../../src/demo/cookies.ts';
import { Driver } from '../../src/demo/driver.ts';
import type { Language } from '../../src/identity/language.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { errorXml, signAt } from '../../src/selfcheck/model.ts';
import { testProvider, type TestProvider } from '../../src/selfcheck/provider.ts';
import { signElement } from '../../src/selfcheck/signer.ts';
import { startTestGateway, type TestGateway } from './gateway.ts';

export const CALLBACK = 'http://127.0.0.1:9/callback';
export const SERVICE = { it: 'Sportello unico', en: 'One-stop desk' };
const URN = 'urn:oasis:names:tc:SAML:2.0:status:';

/** What an answer to a request needs of it. */
export interface Fields {
  readonly requestId: string;
  readonly relayState: string;
}

/** A provider's error. */
export interface Anomaly {
  /** First and second status code, without their common prefix. */
  readonly pair: readonly [string, string?];
  readonly message: string;
  readonly signed?: boolean;
}

/** A gateway, and a provider that answers with errors only. */
export class AnomalyStage {
  readonly gateway: TestGateway;
  readonly provider: TestProvider;
  readonly storeUrl: string;
  readonly #directory: string;

  private constructor(gateway: TestGateway, provider: TestProvider, storeUrl: string, directory: string) {
    this.gateway = gateway;
    this.provider = provider;
    this.storeUrl = storeUrl;
    this.#directory = directory;
  }

  /** @param policies of clients that differ in nothing else, by their ids */
  static async open(
    policies: Readonly<Record<string, Pick<ClientPolicy, 'purpose' | 'levelNotHeld'>>> = { service: {} },
  ) {
    const directory = mkdtempSync(join(tmpdir(), 'anomalies-'));
    const storeUrl = `sqlite:${join(directory, 'gateway.db')}`;
    const provider = await testProvider('https://provider.invalid', systemClock);
    const gateway = await startTestGateway({
      storeUrl,
      trusted: [provider.metadata],
      clients: Object.entries(policies).map(([id, policy]) => ({
        id,
        entity: 'unione',
        name: SERVICE,
        homePage: CALLBACK,
        redirectUris: [CALLBACK],
        authMethod: 'none' as const,
        attributes: [],
        policy,
      })),
    });
    return new AnomalyStage(gateway, provider, storeUrl, directory);
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** A citizen at the provider: her browser, and what the provider needs to answer. */
  async departed(language: Language, client = 'service') {
    const cookies = new CookieJar(systemClock);
    const browser = new Driver(undefined, systemClock, cookies);
    const query = new URLSearchParams({
      client_id: client,
      response_type: 'code',
      scope: 'openid',
      state: 'of-the-service',
      redirect_uri: CALLBACK,
      ui_locales: language,
      idp_hint: this.provider.entityId,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    await browser.visit('request', `${this.gateway.url}/oidc/auth?${query.toString()}`);
    return { browser, cookies, fields: fieldsOf(browser.page.html) };
  }

  /** The provider's error, posted as a browser does, and the page that answers. */
  async fail(
    { requestId, relayState }: Fields,
    language: Language,
    { pair: [top, sub], message, signed = true }: Anomaly,
  ): Promise<{ status: number; html: string }> {
    const status = `<samlp:StatusCode Value="${URN}${top}">${sub ? `<samlp:StatusCode Value="${URN}${sub}"/>` : ''}</samlp:StatusCode>`;
    const acsUrl = `${this.gateway.url}/spid/unione/acs`;
    const instant = new Date(systemClock.now().getTime() + 1000).toISOString();
    const xml = errorXml(
      {
        requestId,
        requested: instant,
        acsUrl,
        audience: `${this.gateway.url}/spid`,
        level: 2,
        provider: this.provider.entityId,
        responseId: `_r${requestId}`,
        assertionId: '',
        nameId: '',
        instant,
        end: instant,
        attributes: {},
      },
      status,
      message,
    );
    const kit = { key: this.provider.key, sign: signElement };
    const response = await fetch(acsUrl, {
      method: 'POST',
      headers: { 'accept-language': language },
      body: new URLSearchParams({
        SAMLResponse: Buffer.from(signAt(xml, `_r${requestId}`, kit, signed ? {} : false)).toString('base64'),
        RelayState: relayState,
      }),
    });
    return { status: response.status, html: await response.text() };
  }

  /**
   * Presses the button that leads back to the service.
   * @returns the address at the service
   */
  async backToService(html: string, cookies: CookieJar): Promise<URL> {
    const [, action = '', code = ''] =
      /action="([^"]*\/back)"[^]*?name="code" value="([^"]*)"/.exec(html) ?? [];
    let url = new URL(action, this.gateway.url);
    let form: URLSearchParams | undefined = new URLSearchParams({ code });
    while (url.origin === this.gateway.url) {
      const answer: Response = await fetch(url, {
        method: form ? 'POST' : 'GET',
        ...(form ? { body: form } : {}),
        headers: {
          cookie: cookies.header(url, { method: 'POST', crossSite: false }) ?? '',
          'sec-fetch-site': 'same-origin',
          origin: url.origin,
        },
        redirect: 'manual',
      });
      url = new URL(answer.headers.get('location') ?? 'about:blank', url);
      form = undefined;
    }
    return url;
  }
}

/** What the page that leaves for the provider holds. */
export function fieldsOf(html: string): Fields {
  const field = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';
  const xml = Buffer.from(field('SAMLRequest'), 'base64').toString();
  return { requestId: / ID="([^"]*)"/.exec(xml)?.[1] ?? '', relayState: field('RelayState') };
}
