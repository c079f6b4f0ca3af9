import type { Violation } from '../entities/rules.ts';
import { isLoopback } from '../operations/loopback.ts';
import type { Api } from './api.ts';
import type { Client } from './client.ts';

/** What the gateway as a whole offers its clients. */
export interface Offered {
  readonly apis: readonly Api[];
  /** How far the proxy in front tells about the certificates of clients. */
  readonly certificates: 'none' | 'presented' | 'verified';
}

/** Nothing that has to be configured first. */
export const NOTHING_OFFERED: Offered = { apis: [], certificates: 'none' };

type Add = (rule: string, key: string, found: unknown, allowed: string) => void;

const LONG_ENOUGH_REASON = 20;

/** The rules for what a client does beyond the ordinary code flow. */
export function protocolViolations(client: Client, offered: Offered): Violation[] {
  const violations: Violation[] = [];
  const add: Add = (rule, key, found, allowed) =>
    violations.push({ rule, key, found: JSON.stringify(found) ?? 'nothing', allowed });
  keys(client, add);
  certificates(client, offered, add);
  grants(client, offered, add);
  if (client.protocol?.profile === 'fapi-2.0') fapi(client, add);
  const { pkce } = client.protocol ?? {};
  if (pkce && (client.authMethod === 'none' || client.protocol?.profile === 'fapi-2.0'))
    add(
      'RFC 9700 2.1.1',
      'protocol.pkce',
      pkce,
      'only for a client that proves itself, and not with FAPI 2.0',
    );
  const reason = client.protocol?.publicSubject;
  if (reason !== undefined && reason.trim().length < LONG_ENOUGH_REASON) {
    add(
      'one-identity 3',
      'protocol.publicSubject',
      reason,
      `the reason, in ${LONG_ENOUGH_REASON} letters or more`,
    );
  }
  return violations;
}

function keys(client: Client, add: Add): void {
  const { jwks, jwksUri, protocol = {}, authMethod } = client;
  if (jwks && jwksUri) add('RFC 7591 2', 'jwksUri', jwksUri, 'jwks or jwksUri, not both');
  if (jwksUri && !isFetchable(jwksUri)) add('RFC 7591 2', 'jwksUri', jwksUri, 'an https URL');
  if (jwks?.keys.some((key) => ['d', 'priv', 'k'].some((part) => part in key)))
    add('RFC 7517 9.2', 'jwks', '(private key)', 'public keys only');
  const uses = [
    authMethod === 'private_key_jwt' && 'private_key_jwt',
    authMethod === 'self_signed_tls_client_auth' && 'self_signed_tls_client_auth',
    protocol.requestObjects && 'requestObjects',
    protocol.encryptedIdToken && 'encryptedIdToken',
    protocol.encryptedUserinfo && 'encryptedUserinfo',
  ].filter((use) => typeof use === 'string');
  if (uses.length > 0 && !jwks && !jwksUri)
    add('RFC 7591 2', 'jwks', undefined, `public keys (jwks or jwksUri) for ${uses.join(', ')}`);
  if (protocol.assertionAlgorithm && authMethod !== 'private_key_jwt') {
    add(
      'OpenID Connect Core 9',
      'protocol.assertionAlgorithm',
      protocol.assertionAlgorithm,
      'only with private_key_jwt',
    );
  }
}

function certificates(client: Client, offered: Offered, add: Add): void {
  const { authMethod, jwks, protocol = {} } = client;
  if (authMethod === 'tls_client_auth') {
    if (offered.certificates !== 'verified')
      add('RFC 8705 2.1', 'authMethod', authMethod, 'only with clientCertificates.verifiedHeader configured');
    if (!protocol.certificateDns)
      add('RFC 8705 2.1.2', 'protocol.certificateDns', undefined, 'the DNS name in its certificate');
  }
  if (authMethod === 'self_signed_tls_client_auth') {
    if (offered.certificates === 'none')
      add('RFC 8705 2.2', 'authMethod', authMethod, 'only with clientCertificates configured');
    if (jwks && !jwks.keys.some((key) => Array.isArray(key['x5c'])))
      add('RFC 8705 2.2.2', 'jwks', '(no x5c)', 'a key with its certificate in x5c');
  }
  if (protocol.boundTokens === 'mtls' && offered.certificates === 'none')
    add('RFC 8705 3', 'protocol.boundTokens', 'mtls', 'only with clientCertificates configured');
}

function grants(client: Client, offered: Offered, add: Add): void {
  const { protocol = {} } = client;
  const { withoutCitizens = false, clientCredentials = false, apis = [] } = protocol;
  if (withoutCitizens !== (client.redirectUris.length === 0)) {
    const allowed = withoutCitizens ? 'none for a client without citizens' : 'at least one';
    add('OpenID Connect Core 3.1.2.1', 'redirectUris', client.redirectUris, allowed);
  }
  if (withoutCitizens && !clientCredentials && !offered.apis.some((api) => api.introspectedBy === client.id))
    add('RFC 6749 4.4', 'protocol.clientCredentials', false, 'true, or an API that it introspects for');
  if (withoutCitizens && (client.refreshTokens || client.attributes.length > 0))
    add('RFC 6749 4.4.3', 'refreshTokens', client.refreshTokens, 'neither refresh tokens nor attributes');
  if (clientCredentials && client.authMethod === 'none')
    add('RFC 6749 4.4', 'protocol.clientCredentials', true, 'false for a client that proves nothing (none)');
  if (clientCredentials && apis.length === 0)
    add('RFC 8707 2.2', 'protocol.apis', [], 'the APIs that it gets tokens for');
  for (const [at, { resource, scopes }] of apis.entries()) {
    const api = offered.apis.find((candidate) => candidate.resource === resource);
    const foreign = scopes.filter((scope) => !api?.scopes.includes(scope));
    if (!api)
      add('RFC 8707 2', `protocol.apis[${at}].resource`, resource, 'the resource of a configured API');
    else if (foreign.length > 0)
      add(
        'RFC 8707 2',
        `protocol.apis[${at}].scopes`,
        foreign,
        `scopes of that API: ${api.scopes.join(', ')}`,
      );
  }
}

/** FAPI 2.0 Security Profile, 5.3.2.1 and 5.4. */
function fapi(client: Client, add: Add): void {
  const { protocol = {} } = client;
  const rule = 'FAPI 2.0 Security Profile 5.3.2.1';
  const strong = ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'];
  if (!strong.includes(client.authMethod)) add(rule, 'authMethod', client.authMethod, strong.join(', '));
  if (!protocol.pushedRequests) add(rule, 'protocol.pushedRequests', protocol.pushedRequests, 'true');
  if (!protocol.boundTokens) add(rule, 'protocol.boundTokens', protocol.boundTokens, 'dpop or mtls');
  const algorithms = 'FAPI 2.0 Security Profile 5.4';
  if (client.idTokenAlgorithm !== 'ES256')
    add(algorithms, 'idTokenAlgorithm', client.idTokenAlgorithm, 'ES256');
  if (client.authMethod === 'private_key_jwt' && !isStrong(protocol.assertionAlgorithm))
    add(algorithms, 'protocol.assertionAlgorithm', protocol.assertionAlgorithm, 'ES256 or PS256');
  if (protocol.requestObjects && !isStrong(protocol.requestObjects))
    add(algorithms, 'protocol.requestObjects', protocol.requestObjects, 'ES256 or PS256');
}

function isStrong(algorithm: string | undefined): boolean {
  return algorithm === 'ES256' || algorithm === 'PS256';
}

/** Whether we would ask there at all: https, or http on this machine for trials. */
export function isFetchable(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol, hostname, hash, username } = new URL(uri);
  return (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) && !hash && !username;
}
