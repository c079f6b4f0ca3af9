import type { AttributeName } from '../identity/attributes.ts';
import { attributesBehind } from '../identity/claims.ts';
import type { Client } from './client.ts';
import { attributesFor } from './policy-rules.ts';

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
  return attributesFor(client).filter((name) => {
    const wanted = client.attributes.find((attribute) => attribute.name === name);
    // What is not registered is not released: it decides whether she may enter (policy.age).
    return (
      !wanted || wanted.required || asked.includes(name) || (name === 'dateOfBirth' && client.policy?.age)
    );
  });
}
