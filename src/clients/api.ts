import type { Violation } from '../entities/rules.ts';
import type { Localised } from '../identity/language.ts';
import type { Client } from './client.ts';

/** A union API that clients get access tokens for (RFC 8707: a resource). */
export interface Api {
  /** Its identifier: `resource` in requests, `aud` in tokens. */
  readonly resource: string;
  readonly name: Localised;
  readonly scopes: readonly string[];
  /** `jwt` is checked with our public keys (RFC 9068); `opaque` by asking us (RFC 7662). */
  readonly tokenFormat: 'jwt' | 'opaque';
  /** The client that the API itself is when it asks about a token. */
  readonly introspectedBy?: string;
  readonly tokenMinutes: number;
}

/** @param before the APIs declared before it @param clients all clients, one of which an API may be itself */
export function apiViolations(api: Api, before: readonly Api[], clients: readonly Client[]): Violation[] {
  const violations: Violation[] = [];
  const add = (rule: string, key: string, found: unknown, allowed: string) =>
    violations.push({ rule, key, found: JSON.stringify(found) ?? 'nothing', allowed });
  const { resource, tokenFormat, introspectedBy } = api;
  if (before.some((other) => other.resource === resource))
    add('RFC 8707 2', 'resource', resource, 'a resource of its own');
  if (resource.includes('#')) add('RFC 8707 2', 'resource', resource, 'a URI without fragment');
  if ((tokenFormat === 'opaque') !== (introspectedBy !== undefined))
    add('RFC 7662 2', 'introspectedBy', introspectedBy, 'a client for opaque tokens, nothing for jwt');
  const asks = clients.find(({ id }) => id === introspectedBy);
  if (introspectedBy !== undefined && (!asks || asks.authMethod === 'none'))
    add('RFC 7662 2.1', 'introspectedBy', introspectedBy, 'a registered client that proves itself');
  return violations;
}
