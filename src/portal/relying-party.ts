import * as oidc from 'openid-client';
import type { PersonKey } from '../identity/identity.ts';
import type { Language } from '../identity/language.ts';
import { acrOf, levelOf, type Level } from '../identity/level.ts';
import { personKeyOf } from '../identity/person-key.ts';
import { Refused } from '../operations/errors.ts';
import type { Area } from './area.ts';
import { callbackUrl, clientIdOf } from './client.ts';

export interface RelyingPartyOptions {
  readonly publicUrl: string;
  /**
   * Where this process itself answers, such as `http://127.0.0.1:3000`. Its own calls go there: in production there may
   * be no route from here to the public address.
   */
  readonly selfUrl: () => string;
  readonly claimsPrefix: string;
  readonly secret: string;
  /** Where a browser brings a logout request that the provider has been given already. */
  readonly logoutPath: (parameters: URLSearchParams) => Promise<string>;
}

/** What has to be remembered while somebody is away to sign in. */
export interface SignInSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Who has signed in, as far as the area may know. */
export interface SignedIn {
  readonly person: PersonKey;
  /** For the greeting; empty when the provider did not tell. */
  readonly name: string;
  readonly level: Level;
  readonly authenticatedAt: Date;
  /** To say at the provider's logout who leaves. */
  readonly idToken: string;
  /** Under these names the provider tells of logouts (OpenID Connect Back-Channel Logout 1.0, 2.4). */
  readonly sid: string;
  readonly sub: string;
}

/** An area of our own pages as an ordinary client of our own OpenID Provider: code flow, PKCE, nonce, signed ID token. */
export class RelyingParty {
  readonly #area: Area;
  readonly #options: RelyingPartyOptions;
  readonly #client: oidc.Configuration;

  constructor(area: Area, options: RelyingPartyOptions) {
    this.#area = area;
    this.#options = options;
    this.#client = configured(area, options);
  }

  /** @param fresh whoever is signed in already has to prove it once more */
  async begin(language: Language, fresh: boolean): Promise<{ url: string; secrets: SignInSecrets }> {
    const secrets = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      codeVerifier: oidc.randomPKCECodeVerifier(),
    };
    const url = oidc.buildAuthorizationUrl(this.#client, {
      redirect_uri: callbackUrl(this.#options.publicUrl, this.#area),
      scope: 'openid profile',
      acr_values: acrOf(this.#area.level),
      ui_locales: language,
      state: secrets.state,
      nonce: secrets.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(secrets.codeVerifier),
      code_challenge_method: 'S256',
      ...(fresh ? { prompt: 'login', max_age: '0' } : {}),
    });
    return { url: url.href, secrets };
  }

  /**
   * @param query of the callback
   * @throws Refused `sign_in_refused` when the provider says no, `sign_in_session` when the answer names no session,
   *   `sign_in_level` when the level is too low, `sign_in_nobody` when the answer names nobody
   */
  async redeem(query: string, secrets: SignInSecrets): Promise<SignedIn> {
    const answered = new URL(`${callbackUrl(this.#options.publicUrl, this.#area)}?${query}`);
    const tokens = await oidc
      .authorizationCodeGrant(this.#client, answered, {
        expectedState: secrets.state,
        expectedNonce: secrets.nonce,
        pkceCodeVerifier: secrets.codeVerifier,
        idTokenExpected: true,
      })
      .catch((cause: unknown) => {
        throw new Refused('sign_in_refused', 'the OpenID Provider refused the sign-in', { cause });
      });
    const claims = tokens.claims();
    const acr = claims?.['acr'];
    const level = typeof acr === 'string' ? levelOf(acr) : undefined;
    const sid = claims?.['sid'];
    if (!claims || !tokens.id_token || typeof sid !== 'string')
      throw new Refused('sign_in_session', 'the ID token does not say of which session it is', {
        status: 403,
      });
    if (level === undefined || level < this.#area.level)
      throw new Refused('sign_in_level', 'the sign-in does not have the level of this area', { status: 403 });
    const userinfo = await oidc.fetchUserInfo(this.#client, tokens.access_token, claims.sub);
    const text = (claim: string) => (typeof userinfo[claim] === 'string' ? userinfo[claim] : undefined);
    const fiscalNumber = text(`${this.#options.claimsPrefix}fiscal_number`);
    const person = fiscalNumber === undefined ? undefined : personKeyOf({ fiscalNumber }, '');
    if (!person) throw new Refused('sign_in_nobody', 'the sign-in has no codice fiscale', { status: 403 });
    return {
      person,
      name: text('name') ?? '',
      level,
      authenticatedAt: new Date(Number(claims.auth_time) * 1000),
      idToken: tokens.id_token,
      sid,
      sub: claims.sub,
    };
  }

  /**
   * Where a browser leaves everything: it ends on the page that says what was closed.
   * @param idToken without it she is asked first
   */
  async signOutUrl(idToken: string | undefined): Promise<string> {
    const url = oidc.buildEndSessionUrl(
      this.#client,
      idToken === undefined ? {} : { id_token_hint: idToken },
    );
    // The ID token says who she is: it goes to the provider, and not through addresses.
    return new URL(await this.#options.logoutPath(url.searchParams), url).href;
  }
}

function configured(area: Area, options: RelyingPartyOptions): oidc.Configuration {
  const { publicUrl, selfUrl, secret } = options;
  const client = new oidc.Configuration(
    {
      issuer: publicUrl,
      authorization_endpoint: `${publicUrl}/oidc/auth`,
      token_endpoint: `${publicUrl}/oidc/token`,
      userinfo_endpoint: `${publicUrl}/oidc/userinfo`,
      jwks_uri: `${publicUrl}/oidc/jwks`,
      end_session_endpoint: `${publicUrl}/oidc/logout`,
      authorization_response_iss_parameter_supported: true,
    },
    clientIdOf(area),
    { id_token_signed_response_alg: 'ES256', require_auth_time: true },
    oidc.ClientSecretBasic(secret),
  );
  if (publicUrl.startsWith('http:')) oidc.allowInsecureRequests(client);
  // The token does not come over TLS from the issuer here, so its signature is all there is.
  oidc.enableNonRepudiationChecks(client);
  client[oidc.customFetch] = (url, init) => {
    const { pathname, search } = new URL(url);
    return fetch(new URL(`${pathname}${search}`, selfUrl()), init as RequestInit);
  };
  return client;
}
