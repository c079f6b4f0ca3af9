import { OWN_CLIENT_PREFIX, type Client } from '../clients/client.ts';
import type { DeclaredClient } from '../clients/register.ts';
import { OWN_SECTOR } from '../clients/sector.ts';
import { smallestCoveringSet, type Entity } from '../entities/entity.ts';
import type { KeyRing } from '../keys/directory.ts';
import type { Area } from './area.ts';

/** Where the OpenID Provider sends people back to. */
export function callbackUrl(publicUrl: string, area: Area): string {
  return `${publicUrl}${area.path}/callback`;
}

export function clientIdOf(area: Area): string {
  return `${OWN_CLIENT_PREFIX}${area.id}`;
}

/** Newest first; derived, not stored: every process with the same keys has the same. */
export function clientSecretsOf(area: Area, keys: KeyRing): readonly [string, ...string[]] {
  return keys.derived(`client:${clientIdOf(area)}`);
}

/** An area as a client of our own OpenID Provider, in the name of an entity. */
export function ownClient(area: Area, entity: Entity, publicUrl: string, keys: KeyRing): DeclaredClient {
  const all = area.attributes.map(({ name }) => name);
  const client: Client = {
    id: clientIdOf(area),
    entity: entity.id,
    name: area.name,
    applicationType: 'web',
    redirectUris: [callbackUrl(publicUrl, area)],
    postLogoutRedirectUris: [],
    authMethod: 'client_secret_basic',
    refreshTokens: false,
    idTokenAlgorithm: 'ES256',
    sector: OWN_SECTOR,
    minimumLevel: area.level,
    attributes: smallestCoveringSet(entity, all)
      ? area.attributes
      : area.attributes.filter(({ required }) => required),
    homePage: `${publicUrl}${area.path}`,
  };
  return { client, secrets: clientSecretsOf(area, keys) };
}
