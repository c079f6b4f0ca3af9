import type { ConfigurationInput } from '../config/schema.ts';

type ClientInput = NonNullable<ConfigurationInput['clients']>[number];

/** The same at every start, so that what is tried keeps its settings; it opens nothing but invented citizens' data. */
const SECRET = 'secret-of-the-demo-worth-nothing';

/** Everything that the demo's gateway asks identity providers for. */
const ATTRIBUTES = ['name', 'familyName', 'fiscalNumber', 'email', 'mobilePhone'] as const;

/**
 * A service that a developer is just writing, by the one thing that only she knows.
 * @param redirectUri where her library awaits citizens: http or https
 * @param backchannelLogoutUri where it wants to be told that one has left
 */
export function yourService(redirectUri: string, backchannelLogoutUri: string | undefined): ClientInput {
  const home = new URL('/', redirectUri).href;
  return {
    id: 'my-service',
    entity: 'unione',
    name: { it: 'Il mio servizio', en: 'My service' },
    homePage: home,
    redirectUris: [redirectUri],
    // With and without the slash, as libraries have it; a live service registers the one that its library sends.
    postLogoutRedirectUris: [home, home.slice(0, -1)],
    ...(backchannelLogoutUri === undefined ? {} : { backchannelLogoutUri }),
    secrets: [SECRET],
    refreshTokens: true,
    attributes: ATTRIBUTES.map((name) => ({
      name,
      purpose: { it: 'provare', en: 'to try' },
      legalBasis: { ground: 'consent' },
    })),
  };
}

/** What its library has to be told, for reading. */
export function settingsOf(
  { id, redirectUris, postLogoutRedirectUris, backchannelLogoutUri }: ClientInput,
  issuer: string,
): string {
  return [
    ['issuer', issuer],
    ['client id', id],
    ['client secret', SECRET],
    ['redirect URI', redirectUris?.join(' ')],
    ['scopes', 'openid profile email phone'],
    ['PKCE', 'on, with S256'],
    ['after a logout', postLogoutRedirectUris?.join(' or ')],
    ['back-channel logout', backchannelLogoutUri ?? 'none: give --backchannel-logout-uri'],
  ]
    .map(([name, value]) => `    ${name?.padEnd(22)}${value}\n`)
    .join('');
}
