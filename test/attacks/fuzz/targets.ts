import { Agent, request } from 'node:http';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { checkConfiguration } from '../../../src/config/load.ts';
import { Misconfigured, Refused } from '../../../src/operations/errors.ts';
import { readIdentityProviders } from '../../../src/sources/spid/provider-metadata.ts';
import { providerXml } from '../../sources/spid/fixtures.ts';
import { mutated } from './mutations.ts';
import { holdAgainst, mutatedResponses } from './oracle.ts';

/** Something that takes bytes from outside. */
export interface Target {
  readonly name: string;
  /**
   * One property to run; what is thrown is a finding.
   * @param url of a running gateway
   */
  readonly property: (url: string) => fc.IAsyncProperty<[unknown]>;
}

/** Text of every kind, what has worked elsewhere among it. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
  fc.constantFrom(
    ...['', '0', '-1', 'null', '[object Object]', '__proto__', 'constructor', '../../etc/passwd', '%00'],
    ...['%', '%zz', '\u0000', '\ud800', '"><script>', "' or 1=1 --", 'http://127.0.0.1:9/', '//evil.example'],
    ...['javascript:alert(1)', 'a'.repeat(5000), '{"a":1}', 'true', '1e309'],
  ),
);

interface Message {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const agent = new Agent({ keepAlive: true, maxSockets: 4 });

/** @returns the status of the answer */
function send(url: string, { method, path, headers, body }: Message): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(url), { method, path, headers, agent }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const base64 = (value: string | Uint8Array) => Buffer.from(value as Uint8Array).toString('base64');

/** Values for the parameters of SAML: any text, and messages that were right once. */
const saml = fc.oneof(
  text,
  mutatedResponses.map(base64),
  mutatedResponses.map((xml) => deflateRawSync(xml).toString('base64')),
  fc.uint8Array({ maxLength: 300 }).map(base64),
);

/** Parameters by name, with values of every kind, some twice, some unknown. */
function parameters(names: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<string> {
  const known = Object.entries(names).map(([name, value]) => value.map((v) => [name, v] as const));
  const pair = fc.oneof(...known, fc.tuple(text, text));
  const encoded = fc
    .array(pair, { maxLength: 12 })
    .map((pairs) => pairs.map(([name, value]) => `${escape(name)}=${escape(value)}`).join('&'));
  return fc.oneof({ weight: 8, arbitrary: encoded }, { weight: 1, arbitrary: fc.string({ maxLength: 60 }) });
}

function escape(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

/** A value a header can carry at all. */
const header = text.map((value) => value.replace(/[^\x20-\x7e]/g, '').slice(0, 500));

const headers = fc.record(
  {
    'Content-Type': fc.oneof(
      fc.constant('application/x-www-form-urlencoded'),
      fc.constantFrom('application/json', 'multipart/form-data; boundary=x', 'text/xml'),
      header,
    ),
    'Content-Encoding': fc.constantFrom('identity', 'gzip', 'br', 'x'),
    Cookie: header,
    Authorization: fc.oneof(
      header.map((value) => `Basic ${base64(value)}`),
      header.map((v) => `Bearer ${v}`),
      header,
    ),
    Origin: header,
    'Accept-Language': header,
    'X-Forwarded-For': header,
    'X-Forwarded-Host': header,
    'X-Forwarded-Proto': header,
    DPoP: header,
  },
  { requiredKeys: ['Content-Type'] },
);

/** Requests to a path: the parameters in the query or the body, the right or another method. */
function endpoint(
  name: string,
  path: string | fc.Arbitrary<string>,
  names: Readonly<Record<string, fc.Arbitrary<string>>>,
): Target {
  const bytes = fc.oneof(
    { weight: 6, arbitrary: parameters(names).map((form) => Buffer.from(form)) },
    { weight: 1, arbitrary: fc.json().map((json) => Buffer.from(json)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((raw) => Buffer.from(raw)) },
  );
  const message = fc
    .record({
      method: fc.constantFrom('POST', 'POST', 'GET', 'GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
      path: typeof path === 'string' ? fc.constant(path) : path,
      query: fc.oneof(fc.constant(''), parameters(names)),
      headers,
      body: bytes,
    })
    .map(({ query, ...rest }): Message => ({
      ...rest,
      path: rest.path + (query && `?${query.replace(/[^\x21-\x7e]/g, '')}`),
      body: rest.method === 'GET' ? Buffer.alloc(0) : rest.body,
      headers: {
        ...rest.headers,
        ...(rest.method === 'GET' ? {} : { 'Content-Length': String(rest.body.length) }),
      },
    }));
  return {
    name,
    property: (url) =>
      fc.asyncProperty(message, async (sent) => {
        const status = await send(url, sent);
        if (status < 200 || status >= 500) throw new Error(`answered ${status}`);
      }),
  };
}

const any = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, text]));

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
