import { errors, type ClaimsParameter, type ClaimsParameterMember } from 'oidc-provider';
import { requestedAttributes } from '../clients/attributes.ts';
import type { Client } from '../clients/client.ts';
import { levelOf, type Level } from '../identity/level.ts';
import type { RequestFacts } from './facts.ts';

/** Parameters of an authorization request as the library hands them out: validated there, untyped here. */
export type Parameters = Readonly<Record<string, unknown>>;

export function textParameter(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A parameter that is a list of words. */
export function words(parameters: Parameters, name: string): readonly string[] {
  return textParameter(parameters, name)?.split(' ').filter(Boolean) ?? [];
}

/** What a request asks of whoever answers it, the citizen's session or an identity source. */
export function requestFacts(client: Client, parameters: Parameters, claimsPrefix: string): RequestFacts {
  const claims = claimsParameter(parameters);
  const acrs = acrsIn(claims.id_token['acr']);
  const maxAge = Number(parameters['max_age'] ?? NaN);
  return {
    client,
    level: acceptableLevel(client.minimumLevel, [
      ...acrs.filter((value) => typeof value === 'string'),
      ...words(parameters, 'acr_values'),
    ]),
    attributes: requestedAttributes(
      client,
      // The ID token has none of them: who asks for them there gets nothing, and so nobody is asked for it.
      { scope: words(parameters, 'scope'), claims: Object.keys(claims.userinfo) },
      claimsPrefix,
    ),
    prompts: words(parameters, 'prompt'),
    maxAge: Number.isFinite(maxAge) ? maxAge : undefined,
    loginHint: textParameter(parameters, 'login_hint'),
  };
}

/**
 * The lowest of the levels that a client accepts, never below its minimum (spid-authn-request, 2.3). Values that name
 * no level of ours are voluntary and passed over.
 */
export function acceptableLevel(minimum: Level, acrValues: readonly string[]): Level {
  const levels = acrValues.map(levelOf).filter((level) => level !== undefined);
  const lowest = levels.length > 0 ? Math.min(...levels) : minimum;
  return Math.max(minimum, lowest) as Level;
}

/** The levels of which one has to be reached; none when any will do (OpenID Connect Core 5.5.1.1). */
export function essentialAcrs(parameters: Parameters): readonly unknown[] {
  const { acr } = claimsParameter(parameters).id_token;
  return acr?.essential ? acrsIn(acr) : [];
}

type ClaimRequests = NonNullable<ClaimsParameter['id_token']>;

function claimsParameter(parameters: Parameters): Readonly<Record<'userinfo' | 'id_token', ClaimRequests>> {
  const none = { userinfo: {}, id_token: {} };
  const value = parameters['claims'];
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    return typeof parsed === 'object' && parsed !== null ? { ...none, ...parsed } : none;
  } catch {
    return none; // the library has refused it before anybody gets here
  }
}

function acrsIn(acr: ClaimsParameterMember | null | undefined): readonly unknown[] {
  return acr?.values ?? (acr?.value === undefined ? [] : [acr.value]);
}

/**
 * What the library leaves unchecked of a `claims` parameter: values are given in a list.
 * @throws InvalidRequest
 */
export function refuseMalformedClaims(claims: ClaimsParameter): void {
  for (const part of ['userinfo', 'id_token'] as const) {
    for (const request of Object.values(claims[part] ?? {})) {
      if (request?.values !== undefined && !Array.isArray(request.values))
        throw new errors.InvalidRequest(`claims.${part} values must be arrays`);
    }
  }
}
