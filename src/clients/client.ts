import type { AttributeName } from '../identity/attributes.ts';
import type { Localised } from '../identity/language.ts';
import type { Level } from '../identity/level.ts';
import type { LegalBasis } from './legal-basis.ts';
import type { ClientBranding, ClientPolicy } from './policy.ts';
import type { ClientProtocol, OurAlgorithm } from './protocol.ts';

/** How a client proves itself at the token endpoint (OpenID Connect Core 9, RFC 8705; `none` needs PKCE). */
export const CLIENT_AUTH_METHODS = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
] as const;
export type ClientAuthMethod = (typeof CLIENT_AUTH_METHODS)[number];

/** An attribute a client wants, and why: citizens read purpose and legal basis before they choose a provider. */
export interface WantedAttribute {
  readonly name: AttributeName;
  readonly purpose: Localised;
  /** Services for trials may do without; live ones may not (GDPR 13(1)(c)). */
  readonly legalBasis?: LegalBasis;
  /** Without it the service cannot work: its absence ends the login. */
  readonly required: boolean;
}

/** Ids that begin so belong to the gateway's own pages. */
export const OWN_CLIENT_PREFIX = 'gateway-';

/** Whether a client is a part of the gateway's own pages. */
export function isOwn({ id }: Pick<Client, 'id'>): boolean {
  return id.startsWith(OWN_CLIENT_PREFIX);
}

/** Whether a client knows when a citizen leaves: it has an address for the message, or is one of the gateway's own pages. */
export function isToldOfLogouts(client: Client): boolean {
  return client.backchannelLogoutUri !== undefined || isOwn(client);
}

/** A union service registered at the OpenID Provider (relying party). */
export interface Client {
  readonly id: string;
  /** The entity (body) the service belongs to. */
  readonly entity: string;
  readonly name: Localised;
  readonly applicationType: 'web' | 'native';
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  /** Where it wants to be told that a citizen left (OpenID Connect Back-Channel Logout). */
  readonly backchannelLogoutUri?: string;
  readonly authMethod: ClientAuthMethod;
  /** Its public keys: client assertions, request objects, encryption to it. */
  readonly jwks?: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
  /** Where it publishes them instead. */
  readonly jwksUri?: string;
  /** What it does beyond the ordinary code flow. */
  readonly protocol?: ClientProtocol;
  /** What it is allowed and owes in logins. */
  readonly policy?: ClientPolicy;
  readonly branding?: ClientBranding;
  /** Whether it may stay signed in without the citizen; refresh tokens rotate and end with her login's policy. */
  readonly refreshTokens: boolean;
  readonly idTokenAlgorithm: OurAlgorithm;
  /** Clients of one sector see the same `sub` for the same person; default: the entity. */
  readonly sector: string;
  readonly minimumLevel: Level;
  readonly attributes: readonly WantedAttribute[];
  /** In the test stage: only test identity providers answer for it. Set by the register, never part of a declaration. */
  readonly testing?: boolean;
  /** Offices or suppliers that are told, by e-mail, of what the service needs. Citizens never see them. */
  readonly contacts?: readonly string[];
  /** Home page, offered where a citizen is stranded. */
  readonly homePage: string;
}
