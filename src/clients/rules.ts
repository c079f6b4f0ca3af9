import { smallestCoveringSet, type Entity } from '../entities/entity.ts';
import type { AttributeName } from '../identity/attributes.ts';
import type { Violation } from '../entities/rules.ts';
import { isOwn, OWN_CLIENT_PREFIX, type Client } from './client.ts';
import { legalBasisViolations } from './legal-basis.ts';
import { attributesFor, policyViolations } from './policy-rules.ts';
import { isFetchable, NOTHING_OFFERED, protocolViolations, type Offered } from './protocol-rules.ts';
import { REDIRECT_PROBLEMS, redirectProblem } from './redirect.ts';
import { PUBLIC_SECTOR } from './sector.ts';

/** The rule that everything a service asks for is in one attribute set of its body. */
export const ATTRIBUTE_SETS = 'spid-sp-metadata 3';

/** The body that a service belongs to, as far as it matters to the service. */
export interface ServiceBody extends Pick<Entity, 'id' | 'attributeSets'> {
  /** Sets that are declared, in force or not, where `attributeSets` are those in force. */
  readonly declaredSets?: Entity['attributeSets'];
}

/**
 * What keeps a client from being registered: the same rules for file, command line, API and console.
 * @param entity the body the client belongs to; undefined when there is no such body
 * @param secrets how many secrets it is given
 * @param offered what the gateway as a whole offers its clients
 */
export function clientViolations(
  client: Client,
  entity: ServiceBody | undefined,
  secrets: number,
  offered: Offered = NOTHING_OFFERED,
): Violation[] {
  const violations: Violation[] = [];
  const add = (rule: string, key: string, found: unknown, allowed: string) =>
    violations.push({ rule, key, found: JSON.stringify(found), allowed });

  if (isOwn(client))
    add('architecture', 'id', client.id, `an id that does not begin with ${OWN_CLIENT_PREFIX}`);
  if (!entity) add('architecture', 'entity', client.entity, 'the id of an entity that is configured');
  for (const [key, uris] of [
    ['redirectUris', client.redirectUris],
    ['postLogoutRedirectUris', client.postLogoutRedirectUris],
  ] as const) {
    for (const [at, uri] of uris.entries()) {
      const problem = redirectProblem(uri, client.applicationType);
      if (problem) add('RFC 9700 2.1', `${key}[${at}]`, uri, REDIRECT_PROBLEMS[problem]);
    }
  }
  const usesSecret = client.authMethod.startsWith('client_secret');
  if (usesSecret && secrets === 0)
    add('OpenID Connect Core 9', 'secrets', [], `at least one secret for ${client.authMethod}`);
  if (!usesSecret && secrets > 0)
    add('OpenID Connect Core 9', 'secrets', secrets, `no secret for ${client.authMethod}`);
  const { backchannelLogoutUri } = client;
  if (backchannelLogoutUri !== undefined && !isFetchable(backchannelLogoutUri))
    add(
      'OpenID Connect Back-Channel Logout 2.2',
      'backchannelLogoutUri',
      backchannelLogoutUri,
      'an https URL',
    );
  if (client.sector === PUBLIC_SECTOR)
    add('one-identity 3', 'sector', client.sector, 'another name: this one is taken by public subjects');
  violations.push(
    ...protocolViolations(client, offered),
    ...policyViolations(client),
    ...legalBasisViolations(client),
  );

  const wanted = client.attributes.map(({ name }) => name);
  if (new Set(wanted).size !== wanted.length) add('GDPR 5', 'attributes', wanted, 'each attribute once');
  if (entity && !smallestCoveringSet(entity, attributesFor(client))) {
    add(ATTRIBUTE_SETS, 'attributes', attributesFor(client), remedyFor(entity, attributesFor(client)));
  }
  return violations;
}

/** What to do about attributes that no set has: every way out takes time, except asking for less. */
function remedyFor({ id, declaredSets = [] }: ServiceBody, wanted: readonly AttributeName[]): string {
  const coming = smallestCoveringSet({ attributeSets: declaredSets }, wanted);
  return coming
    ? `what one attribute set of ${id} in force has; set ${coming.index} is declared: bring its metadata into force first (metadata draft ${id})`
    : `what one attribute set of ${id} has; ask for less, or declare a further set and bring it into force`;
}
