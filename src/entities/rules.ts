import type { AttributeName } from '../identity/attributes.ts';
import { LANGUAGES, type Localised } from '../identity/language.ts';
import { isLoopback } from '../operations/loopback.ts';
import type { EntityDeclaration } from './entity.ts';
import { ACTIVITY_CODES, TEST_IPA_CODE } from './names.ts';

/** A rule that a declaration breaks: where, what was found, what is allowed, and which rule says so. */
export interface Violation {
  readonly rule: string;
  readonly key: string;
  readonly found: string;
  readonly allowed: string;
}

/** Used by others: 77 for signatures (art. 20 CAD), 99 and 100 for eIDAS (spid-sp-metadata, 3). */
export const RESERVED_INDEXES: readonly number[] = [77, 99, 100];

/** Without these a person cannot be told from another (one-identity, 1). */
const KEY_ATTRIBUTES: readonly AttributeName[] = ['spidCode', 'fiscalNumber'];

/**
 * What AgID's checkers would refuse in an entity, and what would break this gateway (spid-sp-metadata, 1 to 3).
 * @param publicUrl where the gateway is reached, without trailing slash
 * @returns empty when all is well
 */
export function entityViolations(entity: EntityDeclaration, publicUrl: string): Violation[] {
  return [
    ...entityIdViolations(entity, publicUrl),
    ...organizationViolations(entity),
    ...contactViolations(entity),
    ...setViolations(entity),
  ];
}

function entityIdViolations(entity: EntityDeclaration, publicUrl: string): Violation[] {
  const allowed = entityIdFault(entity.entityId, publicUrl);
  const fault = (rule: string, sentence: string) => [
    { rule, key: 'entityId', found: entity.entityId, allowed: sentence },
  ];
  if (allowed) return fault('spid-sp-metadata 1', allowed);
  const segments = new URL(entity.entityId).pathname.split('/').slice(1);
  if (OWN_PATHS.includes(segments[0] ?? ''))
    return fault('spid-sp-metadata 1', `a path that begins with none of ${OWN_PATHS.join(', ')}`);
  const code = ACTIVITY_CODES.find((known) => segments.includes(known));
  const expected = entity.aggregator === undefined ? undefined : 'pub-ag-full';
  if (code === expected) return [];
  return fault(
    'spid-aggregator 2',
    expected
      ? `${expected} as a segment of its path, such as ${publicUrl}/${expected}/${entity.contact.ipaCode}`
      : 'no activity code of an aggregator in its path',
  );
}

/** Paths that are the gateway's own. */
const OWN_PATHS = ['oidc', 'login', 'health', 'assets', 'admin', 'api', '.well-known'];

/** What an entityID would have to be; undefined when it is. http and ports are for trials on one machine. */
function entityIdFault(found: string, publicUrl: string): string | undefined {
  if (!URL.canParse(found) || found.length > 1024) return 'an absolute URL of at most 1024 characters';
  const { protocol, hostname, port, search, hash, pathname, username, href } = new URL(found);
  const local = isLoopback(hostname);
  if (protocol !== 'https:' && !(local && protocol === 'http:')) return 'an https URL';
  if (port && !local) return 'a URL without port';
  if (search || hash || username) return 'a URL without query, fragment and user name';
  // Compared byte for byte by everybody: one way to write it, and nothing a router could take for a pattern.
  if (href !== found || !/^[\w./~-]+$/.test(pathname))
    return 'a URL as browsers write it, its path of letters, digits and . _ ~ - /';
  if (!found.startsWith(`${publicUrl}/`) || pathname === '/')
    return `a URL below ${publicUrl}/, where the metadata is served`;
  return undefined;
}

function organizationViolations({ organization, locality }: EntityDeclaration): Violation[] {
  const texts = [
    ...perLanguage('organization.name', organization.name),
    ...perLanguage('organization.displayName', organization.displayName),
    ...perLanguage('organization.url', organization.url),
    ['locality', locality] as const,
  ];
  const rule = 'spid-sp-metadata 2.2';
  return texts.flatMap(([key, found]) => {
    if (!isPlainText(found)) return [{ rule, key, found, allowed: PLAIN_TEXT }];
    const isAddress = URL.canParse(found) && /^https?:$/.test(new URL(found).protocol);
    if (key.startsWith('organization.url') && !isAddress)
      return [{ rule, key, found, allowed: 'an absolute http(s) URL' }];
    return [];
  });
}

const PLAIN_TEXT = 'a text without control characters, not empty, without blanks at either end';

function isPlainText(text: string): boolean {
  return text !== '' && text === text.trim() && !/\p{Cc}/u.test(text);
}

function perLanguage(key: string, text: Localised): (readonly [key: string, found: string])[] {
  return LANGUAGES.map((language) => [`${key}.${language}`, text[language]]);
}

const IPA_CODE = /^[\w.-]{1,16}$/;
/** The body of acceptance tests takes part through an aggregator only (spid-aggregator, 6). */
const REAL_IPA_CODE = new RegExp(`^(?!${TEST_IPA_CODE}$)[\\w.-]{1,16}$`);

function contactViolations({ contact, aggregator }: EntityDeclaration): Violation[] {
  const checks: readonly [key: string, value: string | undefined, pattern: RegExp, allowed: string][] = [
    [
      'contact.ipaCode',
      contact.ipaCode,
      aggregator === undefined ? REAL_IPA_CODE : IPA_CODE,
      'the code of the body in IPA, such as c_h501: 1 to 16 letters, digits and . _ -',
    ],
    [
      'contact.email',
      contact.email,
      /^[\w.-]+@[\w-]+(\.[\w-]+)*\.[A-Za-z]{2,8}$/,
      'a plain e-mail address of letters, digits, ".", "_" and "-"',
    ],
    ['contact.telephone', contact.telephone, /^\+39\d{5,12}$/, '+39 and digits, without blanks'],
    [
      'contact.vatNumber',
      contact.vatNumber,
      /^[A-Z]{2}\S{2,28}$/,
      'country code and number, such as IT01234567890',
    ],
    ['contact.fiscalCode', contact.fiscalCode, /^\d{11}$/, '11 digits'],
  ];
  return checks.flatMap(([key, found, pattern, allowed]) =>
    found === undefined || pattern.test(found) ? [] : [{ rule: 'spid-sp-metadata 2.3', key, found, allowed }],
  );
}

function setViolations({ attributeSets }: EntityDeclaration): Violation[] {
  const rule = 'spid-sp-metadata 3';
  if (attributeSets.length === 0)
    return [{ rule, key: 'attributeSets', found: '[]', allowed: 'at least one attribute set' }];
  return attributeSets.flatMap(({ index, name, attributes }, at) => {
    const faults: [part: string, found: unknown, allowed: string][] = [];
    if (!Number.isInteger(index) || index < 0 || index > 65535 || RESERVED_INDEXES.includes(index))
      faults.push(['index', index, `0 to 65535, except the reserved ${RESERVED_INDEXES.join(', ')}`]);
    if (attributeSets.findIndex((set) => set.index === index) !== at)
      faults.push(['index', index, 'an index no other set has']);
    if (!isPlainText(name)) faults.push(['name', name, PLAIN_TEXT]);
    if (new Set(attributes).size !== attributes.length)
      faults.push(['attributes', attributes, 'each attribute once']);
    const missing = KEY_ATTRIBUTES.filter((key) => !attributes.includes(key));
    if (missing.length > 0)
      faults.push([
        'attributes',
        attributes,
        `a list that has ${missing.join(' and ')}: the subject is built on them`,
      ]);
    return faults.map(([part, found, allowed]) => ({
      rule,
      key: `attributeSets[${at}].${part}`,
      found: JSON.stringify(found),
      allowed,
    }));
  });
}
