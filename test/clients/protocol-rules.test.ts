import { describe, expect, it } from 'vitest';
import { apiViolations, type Api } from '../../src/clients/api.ts';
import type { Client } from '../../src/clients/client.ts';
import { protocolViolations, type Offered } from '../../src/clients/protocol-rules.ts';

const API: Api = {
  resource: 'https://api.example.it/',
  name: { it: 'API', en: 'API' },
  scopes: ['read'],
  tokenFormat: 'jwt',
  tokenMinutes: 10,
};
const OFFERED: Offered = { apis: [API], certificates: 'verified' };
const jwks = { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] };

const client = (changes: Partial<Client> = {}): Client => ({
  id: 'suap',
  entity: 'unione',
  name: { it: 'SUAP', en: 'SUAP' },
  applicationType: 'web',
  redirectUris: ['https://suap.example.it/callback'],
  postLogoutRedirectUris: [],
  authMethod: 'client_secret_basic',
  refreshTokens: false,
  idTokenAlgorithm: 'ES256',
  sector: 'unione',
  minimumLevel: 2,
  attributes: [],
  homePage: 'https://suap.example.it/',
  ...changes,
});

const fapi: Partial<Client> = {
  authMethod: 'private_key_jwt',
  jwks,
  protocol: { profile: 'fapi-2.0', pushedRequests: true, boundTokens: 'dpop', assertionAlgorithm: 'ES256' },
};

describe('rules of protocol features', () => {
  it.each([
    ['a plain client', {}],
    ['a FAPI client', fapi],
    ['a back end', { redirectUris: [], protocol: back({}) }],
    ['keys by address', { authMethod: 'private_key_jwt', jwksUri: 'https://suap.example.it/jwks' }],
    [
      'a client with a certificate',
      { authMethod: 'tls_client_auth', protocol: { certificateDns: 'a.example' } },
    ],
  ] satisfies [string, Partial<Client>][])('let %s be', (_what, changes) => {
    expect(protocolViolations(client(changes), OFFERED)).toEqual([]);
  });

  it.each([
    ['jwks and jwksUri at once', { jwks, jwksUri: 'https://suap.example.it/jwks' }, 'jwksUri'],
    ['keys over http', { jwksUri: 'http://suap.example.it/jwks' }, 'jwksUri'],
    ['a private key', { jwks: { keys: [{ kty: 'EC', d: 'secret' }] } }, 'jwks'],
    ['a symmetric key', { jwks: { keys: [{ kty: 'oct', k: 'secret' }] } }, 'jwks'],
    ['private_key_jwt without keys', { authMethod: 'private_key_jwt' }, 'jwks'],
    ['request objects without keys', { protocol: { requestObjects: 'ES256' } }, 'jwks'],
    ['encryption without keys', { protocol: { encryptedIdToken: 'ECDH-ES' } }, 'jwks'],
    [
      'an assertion algorithm without assertions',
      { protocol: { assertionAlgorithm: 'ES256' } },
      'protocol.assertionAlgorithm',
    ],
    ['a certificate without a name', { authMethod: 'tls_client_auth' }, 'protocol.certificateDns'],
    ['a self-signed certificate without x5c', { authMethod: 'self_signed_tls_client_auth', jwks }, 'jwks'],
    ['no redirect URI', { redirectUris: [] }, 'redirectUris'],
    ['a back end with a redirect URI', { protocol: back({}) }, 'redirectUris'],
    [
      'a back end with nothing to do',
      { redirectUris: [], protocol: { withoutCitizens: true } },
      'protocol.clientCredentials',
    ],
    [
      'a back end with refresh tokens',
      { redirectUris: [], refreshTokens: true, protocol: back({}) },
      'refreshTokens',
    ],
    [
      'client credentials without any',
      { redirectUris: [], authMethod: 'none', protocol: back({}) },
      'protocol.clientCredentials',
    ],
    [
      'client credentials without an API',
      { redirectUris: [], protocol: back({ apis: [] }) },
      'protocol.apis',
    ],
    [
      'an unknown API',
      { protocol: { apis: [{ resource: 'https://other.example/', scopes: ['read'] }] } },
      'protocol.apis[0].resource',
    ],
    [
      'a scope that the API has not',
      { protocol: { apis: [{ resource: API.resource, scopes: ['write'] }] } },
      'protocol.apis[0].scopes',
    ],
    ['no PKCE and no proof either', { authMethod: 'none', protocol: { pkce: 'optional' } }, 'protocol.pkce'],
    ['a public subject without a reason', { protocol: { publicSubject: 'so' } }, 'protocol.publicSubject'],
    ['FAPI with a secret', { ...fapi, authMethod: 'client_secret_basic', jwks }, 'authMethod'],
    ['FAPI without pushed requests', fapiWithout({ pushedRequests: false }), 'protocol.pushedRequests'],
    [
      'FAPI with tokens that anybody can use',
      { ...fapi, protocol: { profile: 'fapi-2.0', pushedRequests: true, assertionAlgorithm: 'ES256' } },
      'protocol.boundTokens',
    ],
    ['FAPI with an RS256 ID token', { ...fapi, idTokenAlgorithm: 'RS256' }, 'idTokenAlgorithm'],
    [
      'FAPI with RS256 assertions',
      fapiWithout({ assertionAlgorithm: 'RS256' }),
      'protocol.assertionAlgorithm',
    ],
    ['FAPI with RS256 request objects', fapiWithout({ requestObjects: 'RS256' }), 'protocol.requestObjects'],
  ] satisfies [string, Partial<Client>, string][])('refuse %s', (_what, changes, key) => {
    expect(protocolViolations(client(changes), OFFERED).map((violation) => violation.key)).toContain(key);
  });

  it('refuse what needs certificates where the proxy tells of none', () => {
    const none: Offered = { ...OFFERED, certificates: 'none' };
    const keys = (changes: Partial<Client>, offered = none) =>
      protocolViolations(client(changes), offered).map(({ key }) => key);
    expect(keys({ protocol: { boundTokens: 'mtls' } })).toEqual(['protocol.boundTokens']);
    expect(keys({ authMethod: 'tls_client_auth', protocol: { certificateDns: 'a' } })).toEqual([
      'authMethod',
    ]);
    expect(keys({ authMethod: 'self_signed_tls_client_auth', jwksUri: 'https://a.example/' })).toEqual([
      'authMethod',
    ]);
    expect(
      keys(
        { authMethod: 'tls_client_auth', protocol: { certificateDns: 'a' } },
        { ...none, certificates: 'presented' },
      ),
    ).toEqual(['authMethod']);
  });
});

describe('rules of APIs', () => {
  it('refuse a resource declared twice, one with a fragment, and introspection that does not fit', () => {
    const keys = (api: Api, before: Api[] = []) =>
      apiViolations(api, before, [client()]).map(({ key }) => key);
    expect(keys(API)).toEqual([]);
    expect(keys(API, [API])).toEqual(['resource']);
    expect(keys({ ...API, resource: 'https://api.example.it/#x' })).toEqual(['resource']);
    expect(keys({ ...API, tokenFormat: 'opaque' })).toEqual(['introspectedBy']);
    expect(keys({ ...API, introspectedBy: 'suap' })).toEqual(['introspectedBy']);
    expect(keys({ ...API, tokenFormat: 'opaque', introspectedBy: 'nobody' })).toEqual(['introspectedBy']);
    expect(keys({ ...API, tokenFormat: 'opaque', introspectedBy: 'suap' })).toEqual([]);
  });
});

function back(changes: Client['protocol']): NonNullable<Client['protocol']> {
  return {
    withoutCitizens: true,
    clientCredentials: true,
    apis: [{ resource: API.resource, scopes: ['read'] }],
    ...changes,
  };
}

function fapiWithout(changes: Client['protocol']): Partial<Client> {
  return { ...fapi, protocol: { ...fapi.protocol, ...changes } };
}
