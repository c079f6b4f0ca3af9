import * as oidc from 'openid-client';
import type { CookieJar } from '../../src/demo/cookies.ts';
import type { Driver } from '../../src/demo/driver.ts';
import { browserWithin, untilClient, type ClientInput, type TestGateway } from './gateway.ts';

export const REDIRECT = 'https://client.example.it/callback';

const purpose = { it: 'prova' };

/** A service of the tests: public, with the usual attributes, changed as a test needs it. */
export type ClientChanges = Partial<ClientInput>;

export function testClient(id: string, changes: ClientChanges = {}): ClientInput {
  return {
    id,
    entity: 'unione',
    name: { it: `Servizio ${id}` },
    homePage: 'https://client.example.it/',
    redirectUris: [REDIRECT],
    postLogoutRedirectUris: ['https://client.example.it/bye'],
    authMethod: 'none',
    attributes: [
      { name: 'name', purpose },
      { name: 'familyName', purpose },
      { name: 'fiscalNumber', purpose },
      { name: 'email', purpose },
    ],
    ...changes,
  };
}

export interface Prepared {
  readonly url: string;
  readonly checks: oidc.AuthorizationCodeGrantChecks & { readonly pkceCodeVerifier: string };
}

export interface Entered {
  readonly config: oidc.Configuration;
  readonly tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers;
  readonly claims: oidc.IDToken;
  readonly back: URL;
  readonly checks: Prepared['checks'];
}

export interface EnterOptions {
  readonly auth?: oidc.ClientAuth;
  readonly parameters?: Record<string, string>;
  readonly browser?: Driver;
  readonly user?: string;
  readonly provider?: string;
  /** The session is expected to suffice: no page is shown. */
  readonly silently?: boolean;
  /** What a client of this kind switches on in the library. */
  readonly prepare?: (config: oidc.Configuration) => void;
  /** How the request gets to the provider; by its URL unless said. */
  readonly build?: (config: oidc.Configuration, parameters: Record<string, string>) => URL | Promise<URL>;
  readonly grantOptions?: oidc.AuthorizationCodeGrantOptions;
}

/** A stock client of the gateway, and browsers that it sends there. */
export class RelyingParty {
  readonly #gateway: TestGateway;

  constructor(gateway: TestGateway) {
    this.#gateway = gateway;
  }

  /** @param cookies those that it has already */
  browser(cookies?: CookieJar): Driver {
    return browserWithin([this.#gateway.url, ...this.#gateway.providers], cookies);
  }

  configure(id: string, auth: oidc.ClientAuth = oidc.None()): Promise<oidc.Configuration> {
    return oidc.discovery(new URL(this.#gateway.url), id, undefined, auth, {
      execute: [oidc.allowInsecureRequests],
    });
  }

  async request(
    config: oidc.Configuration,
    { parameters = {}, build = oidc.buildAuthorizationUrl }: Pick<EnterOptions, 'parameters' | 'build'> = {},
  ): Promise<Prepared> {
    const verifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const url = await build(config, {
      redirect_uri: REDIRECT,
      scope: 'openid profile email',
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...parameters,
    });
    return {
      url: url.href,
      checks: {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      },
    };
  }

  /** Where a browser ends when the gateway asks nothing. */
  silently(from: Driver, url: string): Promise<URL> {
    return untilClient(() => from.visit('authorization request', url));
  }

  /** A whole login. */
  async enter(id: string, options: EnterOptions = {}): Promise<Entered> {
    const config = await this.configure(id, options.auth);
    options.prepare?.(config);
    const { url, checks } = await this.request(config, options);
    const back = options.silently
      ? await this.silently(options.browser ?? this.browser(), url)
      : await this.#gateway.login(url, options);
    const tokens = await oidc.authorizationCodeGrant(config, back, checks, undefined, options.grantOptions);
    const claims = tokens.claims();
    if (!claims) throw new Error('no ID token');
    return { config, tokens, claims, back, checks };
  }
}
