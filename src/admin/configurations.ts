import type { Client, ClientAuthMethod } from '../clients/client.ts';
import { SCOPES, type Scope } from '../identity/claims.ts';

/** The scopes that bring what a client is registered for. */
export function scopesOf(client: Client): string {
  const wanted = client.attributes.map(({ name }) => name);
  const scopes = (Object.keys(SCOPES) as Scope[]).filter(
    (scope) => scope === 'openid' || SCOPES[scope].some((name) => wanted.includes(name)),
  );
  return scopes.join(' ');
}

/** Ready to paste; the secret stays in the environment, where it belongs. */
export function configurations(
  client: Client,
  issuer: string,
): readonly { readonly name: string; readonly content: string }[] {
  const [redirect] = client.redirectUris;
  if (redirect === undefined) return [];
  const { id, authMethod } = client;
  const scope = scopesOf(client);
  const all = [
    {
      name: 'openid-client (Node.js)',
      content: `import * as client from 'openid-client';

const config = await client.discovery(new URL('${issuer}'), '${id}', ${proofInNode(authMethod)});
const verifier = client.randomPKCECodeVerifier();
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: '${redirect}',
  scope: '${scope}',
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state: client.randomState(),
});`,
    },
    {
      name: 'Spring Security (application.yaml)',
      content: `spring.security.oauth2.client:
  registration.gateway:
    client-id: ${id}
    client-secret: \${CLIENT_SECRET}
    client-authentication-method: ${authMethod}
    authorization-grant-type: authorization_code
    redirect-uri: ${redirect}
    scope: [${scope.split(' ').join(', ')}]
  provider.gateway.issuer-uri: ${issuer}
# PKCE: OAuth2AuthorizationRequestCustomizers.withPkce()`,
    },
    {
      name: 'mod_auth_openidc (Apache)',
      content: `OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCClientID ${id}
OIDCClientSecret "exec:/bin/cat /run/secrets/client-secret"
OIDCProviderTokenEndpointAuth ${authMethod}
OIDCRedirectURI ${redirect}
OIDCScope "${scope}"
OIDCPKCEMethod S256
OIDCCryptoPassphrase "exec:/usr/bin/openssl rand -hex 32"`,
    },
    {
      name: 'Keycloak (identity provider, JSON)',
      content: JSON.stringify(
        {
          alias: 'gateway',
          providerId: 'oidc',
          config: {
            issuer,
            clientId: id,
            clientSecret: '${vault.client-secret}',
            authorizationUrl: `${issuer}/oidc/auth`,
            tokenUrl: `${issuer}/oidc/token`,
            userInfoUrl: `${issuer}/oidc/userinfo`,
            jwksUrl: `${issuer}/oidc/jwks`,
            logoutUrl: `${issuer}/oidc/logout`,
            clientAuthMethod: authMethod,
            defaultScope: scope,
            pkceEnabled: 'true',
            pkceMethod: 'S256',
            validateSignature: 'true',
            useJwksUrl: 'true',
          },
        },
        null,
        2,
      ),
    },
    {
      name: 'WordPress (OpenID Connect Generic, wp-config.php)',
      content: `define( 'OIDC_CLIENT_ID', '${id}' );
define( 'OIDC_CLIENT_SECRET', getenv( 'CLIENT_SECRET' ) );
define( 'OIDC_CLIENT_SCOPE', '${scope}' );
define( 'OIDC_ENDPOINT_LOGIN_URL', '${issuer}/oidc/auth' );
define( 'OIDC_ENDPOINT_TOKEN_URL', '${issuer}/oidc/token' );
define( 'OIDC_ENDPOINT_USERINFO_URL', '${issuer}/oidc/userinfo' );
define( 'OIDC_ENDPOINT_LOGOUT_URL', '${issuer}/oidc/logout' );
define( 'OIDC_ENABLE_PKCE', 1 );`,
    },
    {
      name: '.NET (Program.cs)',
      content: `builder.Services.AddAuthentication().AddOpenIdConnect(options => {
  options.Authority = "${issuer}";
  options.ClientId = "${id}";
  options.ClientSecret = builder.Configuration["ClientSecret"];
  options.ResponseType = "code";
  options.UsePkce = true;
  options.GetClaimsFromUserInfoEndpoint = true;
  options.CallbackPath = "${redirect.startsWith('http') ? new URL(redirect).pathname : '/callback'}";
  options.Scope.Clear();
${scope
  .split(' ')
  .map((name) => `  options.Scope.Add("${name}");`)
  .join('\n')}
});`,
    },
  ];
  // What the others say holds a secret, which this client does not use.
  return usesSecret(authMethod) ? all : all.filter(({ name }) => name.startsWith('openid-client'));
}

function usesSecret(method: ClientAuthMethod): boolean {
  return method.startsWith('client_secret');
}

/** What openid-client gets as the client's metadata and its way of proving itself. */
function proofInNode(method: ClientAuthMethod): string {
  if (usesSecret(method)) return 'process.env.CLIENT_SECRET';
  return method === 'private_key_jwt'
    ? 'undefined, client.PrivateKeyJwt(privateKey)'
    : 'undefined, client.None()';
}
