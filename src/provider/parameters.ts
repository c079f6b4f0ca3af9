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
  const maxAge = Number(parameters['max_age'] ?? NaN);
  return {
    client,
    level: acceptableLevel(client.minimumLevel, [
      ...essentialAcr(claims),
      ...words(parameters, 'acr_values'),
    ]),
    attributes: requestedAttributes(
      client,
      { scope: words(parameters, 'scope'), claims: claimNames(claims) },
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

type ClaimsParameter = Readonly<Record<'userinfo' | 'id_token', Readonly<Record<string, unknown>>>>;

function claimsParameter(parameters: Parameters): ClaimsParameter {
  const none = { userinfo: {}, id_token: {} };
  const value = parameters['claims'];
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    return typeof parsed === 'object' && parsed !== null
      ? { ...none, ...(parsed as Partial<ClaimsParameter>) }
      : none;
  } catch {
    return none; // the library has refused it before anybody gets here
  }
}

function claimNames(claims: ClaimsParameter): string[] {
  return [...Object.keys(claims.userinfo), ...Object.keys(claims.id_token)];
}

function essentialAcr(claims: ClaimsParameter): string[] {
  const acr = claims.id_token['acr'] as { value?: unknown; values?: unknown } | null | undefined;
  const values = Array.isArray(acr?.values) ? (acr.values as unknown[]) : [acr?.value];
  return values.filter((value) => typeof value === 'string');
}
