import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Client, ClientAuthMethod, WantedAttribute } from '../clients/client.ts';
import { clientSchema, MOST_CONTACTS } from '../clients/schema.ts';
import { InvalidClient, type ClientChanges } from '../clients/changes.ts';
import { LEGAL_GROUNDS, LONGEST_LAW, type LegalBasis } from '../clients/legal-basis.ts';
import { redirectProblem, type RedirectProblem } from '../clients/redirect.ts';
import { ATTRIBUTE_SETS } from '../clients/rules.ts';
import { daysFrom, type SecretValidity } from '../clients/secret-changes.ts';
import type { Violation } from '../entities/rules.ts';
import { ATTRIBUTE_NAMES, type AttributeName } from '../identity/attributes.ts';
import type { Level } from '../identity/level.ts';

/** Fields of the form, in the order in which they are asked; the attributes follow, by name. */
export const SERVICE_FIELDS = [
  'entity',
  'nameIt',
  'nameEn',
  'homePage',
  'contacts',
  'applicationType',
  'redirectUris',
  'postLogoutRedirectUris',
  'authMethod',
  'jwksUri',
  'jwks',
  'minimumLevel',
  'attributes',
] as const;
export type ServiceField = (typeof SERVICE_FIELDS)[number];

/** Ways of proving itself that the form offers; certificates are for the configuration file and the API. */
const OFFERED_METHODS = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'none',
] as const satisfies readonly ClientAuthMethod[];

/** What is offered for a client, beside them the way that it has already: to open the form must not change it. */
export function methodsFor(before: Pick<Client, 'authMethod'> | undefined): readonly ClientAuthMethod[] {
  return [...new Set([...OFFERED_METHODS, ...(before ? [before.authMethod] : [])])];
}

/** What can be wrong with a piece of data that is asked for: no reason, no legal basis, no law, no set that has them all. */
type AttributeProblem = 'why' | 'basis' | 'law' | 'set';

/** One thing that is wrong with the answer to a question. */
export interface FieldFault {
  /** The value that is wrong; empty where something is missing. */
  readonly found: string;
  /** What is wrong with it, where that can be said more closely than by what is allowed. */
  readonly problem?: RedirectProblem | 'long' | AttributeProblem | undefined;
  /** The piece of data that it is about. */
  readonly attribute?: AttributeName;
}

/** Everything that is wrong, beside the field it came from. */
export type FieldFaults = Partial<Record<ServiceField, readonly FieldFault[]>>;

export type Fields = ReadonlyMap<string, string>;

const CONTACT = z.email();

const LONGEST = { name: 100, url: 500, purpose: 200 } as const;

/** Of an answer that should be there. */
const MISSING: FieldFault = { found: '' };

/** Which field of the form a rule of clients/rules.ts speaks of. */
const FIELD_OF: Readonly<Record<string, ServiceField>> = {
  entity: 'entity',
  redirectUris: 'redirectUris',
  postLogoutRedirectUris: 'postLogoutRedirectUris',
  authMethod: 'authMethod',
  jwks: 'jwks',
  jwksUri: 'jwksUri',
  attributes: 'attributes',
};

/**
 * The client that a form describes.
 * @param before the client as it is; what the form does not ask for stays
 */
export function readService(
  fields: Fields,
  id: string,
  before?: Client,
): { client: Client; faults: FieldFaults } {
  const text = (name: string) => (fields.get(name) ?? '').trim();
  const faults: FieldFaults = {};
  const refuse = (name: ServiceField, ...found: readonly FieldFault[]) => {
    if (found.length > 0) faults[name] = found;
  };
  const nameIt = text('nameIt');
  const nameEn = text('nameEn') || nameIt;
  if (nameIt === '' || nameIt.length > LONGEST.name) refuse('nameIt', { found: nameIt });
  if (nameEn.length > LONGEST.name) refuse('nameEn', { found: nameEn });
  const homePage = text('homePage');
  if (!isWebAddress(homePage)) refuse('homePage', { found: homePage });
  // No address has a comma or a semicolon; many a list of them has.
  const contacts = lines(text('contacts').replace(/[,;]/g, ' '));
  const notAddresses = contacts.filter((contact) => !CONTACT.safeParse(contact).success);
  refuse('contacts', ...notAddresses.map((found) => ({ found })));
  if (contacts.length > MOST_CONTACTS) refuse('contacts', MISSING);
  const redirectUris = lines(text('redirectUris'));
  const needsRedirect = !before?.protocol?.withoutCitizens;
  refuse('redirectUris', ...redirectUris.flatMap(tooLong));
  if (needsRedirect && redirectUris.length === 0) refuse('redirectUris', MISSING);
  const postLogoutRedirectUris = lines(text('postLogoutRedirectUris'));
  refuse('postLogoutRedirectUris', ...postLogoutRedirectUris.flatMap(tooLong));
  const authMethod = methodsFor(before).find((method) => method === text('authMethod'));
  if (!authMethod) refuse('authMethod', { found: text('authMethod') });
  const jwksUri = text('jwksUri');
  const jwks = readKeys(text('jwks'));
  if (text('jwks') !== '' && !jwks) refuse('jwks', MISSING);
  const applicationType = text('applicationType') === 'native' ? 'native' : 'web';
  const attributes = readAttributes(fields);
  refuse('attributes', ...attributes.flatMap(unexplained));
  const client: Client = {
    ...kept(before),
    id,
    entity: text('entity'),
    name: { it: nameIt, en: nameEn },
    homePage,
    applicationType,
    redirectUris,
    postLogoutRedirectUris,
    authMethod: authMethod ?? 'client_secret_basic',
    attributes,
    ...(jwksUri ? { jwksUri } : {}),
    ...(jwks ? { jwks } : {}),
    ...(contacts.length > 0 ? { contacts } : {}),
    sector: before && before.entity === text('entity') ? before.sector : text('entity'),
    minimumLevel: LEVELS.find((level) => String(level) === text('minimumLevel')) ?? 2,
  };
  return { client, faults };
}

/** In how many days a new secret may end, and those that it takes over from. */
export const SECRET_DAYS = { own: [90, 365, 730], others: [1, 7, 30] } as const;

/** Of days that are not offered nothing ends. */
export function readValidity(fields: Fields, now: Date): SecretValidity {
  const read = (name: string, offered: readonly number[]) =>
    daysFrom(
      now,
      offered.find((days) => String(days) === fields.get(name)),
    );
  return {
    until: read('days', SECRET_DAYS.own),
    othersUntil: read('othersDays', SECRET_DAYS.others),
  };
}

/** Everything that is wrong with a client, each beside its field; none when it may be registered. */
export function serviceFaults(client: Client, faults: FieldFaults, clients: ClientChanges): FieldFaults {
  const all: FieldFaults = { ...faults };
  try {
    clients.check(client);
  } catch (error) {
    if (!(error instanceof InvalidClient)) throw error;
    for (const violation of error.violations) {
      const [name, fault] = faultOf(client, violation);
      const before = all[name] ?? [];
      if (!before.some((one) => isDeepStrictEqual(one, fault))) all[name] = [...before, fault];
    }
  }
  return all;
}

/** What a rule of clients/rules.ts says, beside the field of the form that it speaks of. */
function faultOf(client: Client, { key, rule, found }: Violation): readonly [ServiceField, FieldFault] {
  const [, word = '', index] = /^(\w+)(?:\[(\d+)\])?/.exec(key) ?? [];
  const name = FIELD_OF[word] ?? 'authMethod';
  const at = Number(index);
  if (name === 'redirectUris' || name === 'postLogoutRedirectUris') {
    const uri = client[name][at];
    if (uri === undefined) return [name, MISSING];
    return [name, { found: uri, problem: redirectProblem(uri, client.applicationType) }];
  }
  if (name === 'attributes') {
    const attribute = client.attributes[at]?.name;
    if (attribute !== undefined) return [name, { found: '', problem: 'law', attribute }];
    return [name, rule === ATTRIBUTE_SETS ? { found: '', problem: 'set' } : MISSING];
  }
  return [name, { found: found === 'nothing' ? '' : found.replace(/^"|"$/g, '') }];
}

/** The form of a client that exists. */
export function fieldsOf(client: Client): Fields {
  return new Map<string, string>([
    ['entity', client.entity],
    ['nameIt', client.name.it],
    ['nameEn', client.name.en],
    ['homePage', client.homePage],
    ['contacts', (client.contacts ?? []).join('\n')],
    ['applicationType', client.applicationType],
    ['redirectUris', client.redirectUris.join('\n')],
    ['postLogoutRedirectUris', client.postLogoutRedirectUris.join('\n')],
    ['authMethod', client.authMethod],
    ['jwksUri', client.jwksUri ?? ''],
    ['jwks', client.jwks ? JSON.stringify(client.jwks) : ''],
    ['minimumLevel', String(client.minimumLevel)],
    ...client.attributes.flatMap(({ name, purpose, legalBasis, required }): [string, string][] => [
      [`wants-${name}`, required ? 'required' : 'yes'],
      [`why-it-${name}`, purpose.it],
      [`why-en-${name}`, purpose.en],
      [`basis-${name}`, legalBasis?.ground ?? ''],
      [`law-${name}`, legalBasis?.law ?? ''],
    ]),
  ]);
}

const LEVELS: readonly Level[] = [1, 2, 3];

/** What may be left out of an answer, so that a client without it is one that has lost it. */
const ASKED_FOR: readonly string[] = ['jwksUri', 'jwks', 'contacts'];

/** What the form does not ask for. */
function kept(before: Client | undefined): Pick<Client, 'refreshTokens' | 'idTokenAlgorithm'> {
  if (!before) return { refreshTokens: false, idTokenAlgorithm: 'RS256' };
  return Object.fromEntries(
    Object.entries(before).filter(([name]) => !ASKED_FOR.includes(name)),
  ) as unknown as Client;
}

/** A key set, or a single key, in JSON. */
function readKeys(text: string): Client['jwks'] {
  try {
    const given = JSON.parse(text) as unknown;
    const keys = clientSchema.shape.jwks.safeParse(given);
    return keys.success ? keys.data : clientSchema.shape.jwks.safeParse({ keys: [given] }).data;
  } catch {
    return undefined;
  }
}

function readAttributes(fields: Fields): WantedAttribute[] {
  return ATTRIBUTE_NAMES.flatMap((name): WantedAttribute[] => {
    const wanted = fields.get(`wants-${name}`);
    if (wanted !== 'yes' && wanted !== 'required') return [];
    const it = (fields.get(`why-it-${name}`) ?? '').trim();
    const en = (fields.get(`why-en-${name}`) ?? '').trim() || it;
    const legalBasis = readBasis(fields, name);
    const required = wanted === 'required';
    return [{ name, purpose: { it, en }, ...(legalBasis ? { legalBasis } : {}), required }];
  });
}

function readBasis(fields: Fields, name: AttributeName): LegalBasis | undefined {
  const ground = LEGAL_GROUNDS.find((candidate) => candidate === fields.get(`basis-${name}`));
  const law = (fields.get(`law-${name}`) ?? '').trim();
  return ground && { ground, ...(law ? { law } : {}) };
}

/** What is missing so that a citizen can read why, and on what legal basis. */
function unexplained({ name, purpose, legalBasis }: WantedAttribute): FieldFault[] {
  const fault = (problem: AttributeProblem): FieldFault => ({ found: '', problem, attribute: name });
  const reasons = [purpose.it, purpose.en];
  return [
    ...(reasons.some((reason) => reason === '' || reason.length > LONGEST.purpose) ? [fault('why')] : []),
    ...(legalBasis === undefined ? [fault('basis')] : []),
    ...((legalBasis?.law ?? '').length > LONGEST_LAW ? [fault('law')] : []),
  ];
}

function lines(text: string): string[] {
  return text
    .split(/\s+/)
    .map((line) => line.trim())
    .filter(Boolean);
}

function tooLong(uri: string): FieldFault[] {
  return uri.length > LONGEST.url ? [{ found: uri, problem: 'long' }] : [];
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && text.length <= LONGEST.url;
}
