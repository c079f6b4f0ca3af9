import type { AttributeName } from '../identity/attributes.ts';
import { attributesBehind } from '../identity/claims.ts';
import type { Client } from './client.ts';

/** The part of an authorization request that says what the client wants to know. */
export interface ClaimsRequest {
  readonly scope: readonly string[];
  /** Names in the `claims` parameter. */
  readonly claims: readonly string[];
}

/**
 * The attributes one request is about: those approved for the client that it asks for now, and those it cannot do
 * without. Never more than approved (spid-attributes, 5 and 8).
 */
export function requestedAttributes(client: Client, request: ClaimsRequest, prefix: string): AttributeName[] {
  const asked = attributesBehind(request.scope, request.claims, prefix);
  return client.attributes
    .filter(({ name, required }) => required || asked.includes(name))
    .map(({ name }) => name);
}
