import { createHash, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';
import { systemClock } from '../../src/operations/clock.ts';
import { REDIRECT } from './relying-party.ts';

/** Key pair with its public JWK. */
export interface Key {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function newKey(kid: string, alg = 'ES256'): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
}

/** What a module of the FAPI suite changes about one request. */
export interface Changes {
  readonly parameters?: Readonly<Record<string, string>>;
  /** Claims of the client assertion; undefined leaves the usual ones. */
  readonly assertion?: Readonly<Record<string, unknown>>;
  readonly assertionKey?: Key & { readonly alg?: string };
  readonly proof?: Readonly<Record<string, unknown>>;
  readonly proofKey?: Key;
  /** Sends no DPoP proof at all. */
  readonly unbound?: boolean;
  /** The parameters go in a request object: its claims besides them, and header; undefined leaves the usual ones. */
  readonly request?: {
    readonly claims?: Readonly<Record<string, unknown>>;
    readonly header?: Readonly<Record<string, string>>;
    readonly key?: Key;
    /** Parameters beside the object. */
    readonly outside?: Readonly<Record<string, string>>;
  };
}

const VERIFIER = 'a-verifier-of-these-tests-with-more-than-43-characters';
export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

/** A client of the FAPI 2.0 Security Profile, made of requests that a test can get wrong one by one. */
export class FapiClient {
  readonly id: string;
  readonly #issuer: string;
  readonly #key: Key;
  readonly #proofKey: Key;
  #nonce: string | undefined;

  constructor(issuer: string, id: string, key: Key, proofKey: Key) {
    this.id = id;
    this.#issuer = issuer;
    this.#key = key;
    this.#proofKey = proofKey;
  }

  async push(changes: Changes = {}): Promise<Answer> {
    const usual = {
      response_type: 'code',
      redirect_uri: REDIRECT,
      scope: 'openid',
      state: 'a state',
      nonce: 'a nonce',
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
    };
    if (!changes.request) return this.#post('par', usual, changes);
    const { parameters = {}, ...others } = changes;
    const request = await this.#requestObject({ ...usual, ...parameters }, changes.request);
    return this.#post('par', { request, ...changes.request.outside }, others);
  }

  /** The address to send the browser to. @throws when the request was not taken */
  async pushed(changes: Changes = {}): Promise<string> {
    const { status, body } = await this.push(changes);
    if (status !== 201) throw new Error(JSON.stringify(body));
    return this.at(body['request_uri'] ?? '');
  }

  at(requestUri: string, id = this.id): string {
    return `${this.#issuer}/oidc/auth?${new URLSearchParams({ client_id: id, request_uri: requestUri }).toString()}`;
  }

  redeem(code: string, changes: Changes = {}): Promise<Answer> {
    const usual = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: VERIFIER };
    return this.#post('token', usual, changes);
  }

  refresh(token: string, changes: Changes = {}): Promise<Answer> {
    return this.#post('token', { grant_type: 'refresh_token', refresh_token: token }, changes);
  }

  /** @param scheme of the Authorization header */
  async userinfo(token: string, changes: Changes = {}, scheme = 'DPoP'): Promise<Response> {
    const url = `${this.#issuer}/oidc/userinfo`;
    const ath = createHash('sha256').update(token).digest('base64url');
    const send = async () =>
      fetch(url, {
        headers: {
          authorization: `${scheme} ${token}`,
          ...(changes.unbound
            ? {}
            : { DPoP: await this.#proof('GET', url, { ...changes, proof: { ath, ...changes.proof } }) }),
        },
      });
    return this.#withNonce(send);
  }

  async #post(path: string, usual: Readonly<Record<string, string>>, changes: Changes): Promise<Answer> {
    const url = `${this.#issuer}/oidc/${path}`;
    const answer = await this.#withNonce(async () =>
      fetch(url, {
        method: 'POST',
        headers: changes.unbound ? {} : { DPoP: await this.#proof('POST', url, changes) },
        body: new URLSearchParams({
          ...usual,
          client_id: this.id,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: await this.#assertion(changes),
          ...changes.parameters,
        }),
      }),
    );
    return { status: answer.status, body: (await answer.json()) as Record<string, string> };
  }

  async #withNonce(send: () => Promise<Response>): Promise<Response> {
    const first = await send();
    const nonce = first.headers.get('dpop-nonce');
    if (nonce) this.#nonce = nonce;
    const asked =
      first.headers.get('www-authenticate')?.includes('use_dpop_nonce') ??
      ((await first.clone().json()) as { error?: string }).error === 'use_dpop_nonce';
    return asked ? send() : first;
  }

  #requestObject(
    parameters: Readonly<Record<string, string>>,
    { claims = {}, header = {}, key = this.#key }: NonNullable<Changes['request']>,
  ): Promise<string> {
    const now = Math.floor(systemClock.now().getTime() / 1000);
    const usual = { iss: this.id, aud: this.#issuer, client_id: this.id, iat: now, nbf: now, exp: now + 300 };
    return new SignJWT({ ...usual, ...parameters, ...claims })
      .setProtectedHeader({ alg: key.jwk.alg ?? 'ES256', kid: key.jwk.kid ?? '', ...header })
      .sign(key.privateKey);
  }

  #assertion({ assertion = {}, assertionKey }: Changes): Promise<string> {
    const now = Math.floor(systemClock.now().getTime() / 1000);
    const { privateKey, jwk } = assertionKey ?? this.#key;
    const usual = {
      iss: this.id,
      sub: this.id,
      aud: this.#issuer,
      jti: randomUUID(),
      iat: now,
      exp: now + 60,
    };
    return new SignJWT({ ...usual, ...assertion })
      .setProtectedHeader({ alg: assertionKey?.alg ?? jwk.alg ?? 'ES256', kid: jwk.kid ?? '' })
      .sign(privateKey);
  }

  #proof(htm: string, htu: string, { proof = {}, proofKey = this.#proofKey }: Changes): Promise<string> {
    const { kty, crv, x, y } = proofKey.jwk;
    const nonce = this.#nonce ? { nonce: this.#nonce } : {};
    const iat = Math.floor(systemClock.now().getTime() / 1000);
    return new SignJWT({ htm, htu, jti: randomUUID(), iat, ...nonce, ...proof })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: { kty, crv, x, y } as JWK })
      .sign(proofKey.privateKey);
  }
}
