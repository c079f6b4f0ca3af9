import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { checkConfiguration } from '../../../src/config/load.ts';
import { Misconfigured, Refused } from '../../../src/operations/errors.ts';
import { readIdentityProviders } from '../../../src/sources/spid/provider-metadata.ts';
import { providerXml } from '../../sources/spid/fixtures.ts';
import { ADMIN_TARGETS } from './admin-targets.ts';
import { mutated } from './mutations.ts';
import { holdAgainst, mutatedResponses } from './oracle.ts';
import { any, base64, endpoint, text, type Target } from './requests.ts';

/** Values for the parameters of SAML: any text, and messages that were right once. */
const saml = fc.oneof(
  text,
  mutatedResponses.map(base64),
  mutatedResponses.map((xml) => deflateRawSync(xml).toString('base64')),
  fc.uint8Array({ maxLength: 300 }).map(base64),
);

const OIDC = {
  ...any('client_id', 'redirect_uri', 'scope', 'state', 'nonce', 'code_challenge', 'code_challenge_method'),
  ...any(
    'response_mode',
    'prompt',
    'max_age',
    'ui_locales',
    'acr_values',
    'claims',
    'id_token_hint',
    'request',
  ),
  ...any('idp_hint', 'request_uri', 'login_hint', 'resource', 'display', 'dpop_jkt'),
  client_id: fc.constant('service'),
  response_type: fc.oneof(fc.constant('code'), text),
};

/** A tree of any values, under the keys that the configuration knows. */
const tree = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.jsonValue(),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('map'),
  ),
  map: fc.dictionary(
    fc.constantFrom(
      'publicUrl',
      'entities',
      'clients',
      'keys',
      'store',
      'sources',
      'spid',
      'id',
      'name',
      'it',
    ),
    tie('value'),
    { maxKeys: 6 },
  ),
})).map;

/** Runs something that may refuse, but only in words. */
function inWords(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Misconfigured)) throw error;
  }
}

/** Everything that takes bytes from outside. A new endpoint gets a line here. */
export const TARGETS: readonly Target[] = [
  ...ADMIN_TARGETS,
  endpoint('acs', '/spid/unione/acs', { SAMLResponse: saml, RelayState: text }),
  endpoint('slo', '/spid/unione/slo', {
    SAMLRequest: saml,
    SAMLResponse: saml,
    ...any('RelayState', 'SigAlg', 'Signature'),
  }),
  endpoint('authorization', '/oidc/auth', OIDC),
  endpoint('pushed-authorization', '/oidc/par', OIDC),
  endpoint('token', '/oidc/token', {
    ...any(
      'code',
      'redirect_uri',
      'code_verifier',
      'refresh_token',
      'client_secret',
      'client_assertion',
      'scope',
    ),
    client_id: fc.constant('service'),
    grant_type: fc.oneof(fc.constantFrom('authorization_code', 'refresh_token', 'client_credentials'), text),
  }),
  endpoint('userinfo', '/oidc/userinfo', any('access_token')),
  endpoint('introspection', '/oidc/introspect', any('token', 'token_type_hint', 'client_id')),
  endpoint('revocation', '/oidc/revoke', any('token', 'token_type_hint', 'client_id')),
  endpoint(
    'logout',
    '/oidc/logout',
    any('id_token_hint', 'post_logout_redirect_uri', 'state', 'client_id', 'xsrf', 'logout'),
  ),
  endpoint(
    'login-pages',
    fc.constantFrom(
      '/login/x',
      '/login/x/depart',
      '/login/x/finish',
      '/login/%00',
      '/login/%zz',
      '/login//',
      '/logout',
    ),
    any('provider', 'source', 'lang', 'csrf'),
  ),
  endpoint(
    'any-path',
    fc.webPath().map((path) => `/${path.replace(/^\/*/, '')}`),
    any('lang'),
  ),
  {
    name: 'registry-file',
    property: () =>
      fc.asyncProperty(
        fc.oneof(
          mutated(fc.constant(providerXml({ keys: [{ use: 'signing', certificate: 'AAAA' }] }))).map((xml) =>
            Buffer.from(xml),
          ),
          fc.uint8Array({ maxLength: 500 }),
        ),
        async (bytes) => inWords(() => readIdentityProviders(bytes)),
      ),
  },
  {
    name: 'configuration',
    property: () =>
      fc.asyncProperty(fc.oneof(tree, fc.jsonValue()), async (input) =>
        inWords(() => checkConfiguration(input, { file: 'gateway.yaml', directory: '/', environment: {} })),
      ),
  },
  {
    name: 'response',
    property: () =>
      fc.asyncProperty(mutatedResponses, async (xml) => {
        await holdAgainst(xml);
      }),
  },
];
