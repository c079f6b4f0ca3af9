import type { AttributeName } from '../identity/attributes.ts';
import { isLoopback } from '../operations/loopback.ts';
import type { Entity } from './entity.ts';

/** A rule that a declaration breaks: where, what was found, what is allowed, and which rule says so. */
export interface Violation {
  readonly rule: string;
  readonly key: string;
  readonly found: string;
  readonly allowed: string;
}

/** Used by others: 77 for signatures (art. 20 CAD), 99 and 100 for eIDAS (spid-sp-metadata, 3). */
const RESERVED_INDEXES = [77, 99, 100];

/** Without these a person cannot be told from another (one-identity, 1). */
const KEY_ATTRIBUTES: readonly AttributeName[] = ['spidCode', 'fiscalNumber'];

/** What AgID's checkers would refuse in an entity, and what would break this gateway. Empty when all is well. */
export function entityViolations(entity: Entity, publicUrl: string): Violation[] {
  return [...entityIdViolations(entity, publicUrl), ...contactViolations(entity), ...setViolations(entity)];
}

function entityIdViolations(entity: Entity, publicUrl: string): Violation[] {
  const found = entity.entityId;
  const violation = (allowed: string): Violation[] => [
    { rule: 'spid-sp-metadata 1', key: 'entityId', found, allowed },
  ];
  if (!URL.canParse(found) || found !== found.trim() || found.length > 1024)
    return violation('an absolute URL of at most 1024 characters');
  const { protocol, hostname, port, search, hash, pathname } = new URL(found);
  const local = isLoopback(hostname);
  if (protocol !== 'https:' && !local) return violation('an https URL');
  if (port && !local) return violation('a URL without port');
  if (search || hash) return violation('a URL without query and fragment');
  if (!found.startsWith(`${publicUrl}/`) || pathname === '/')
    return violation(`a URL below ${publicUrl}/, where the metadata is served`);
  return [];
}

function contactViolations({ contact }: Entity): Violation[] {
  const checks: readonly [key: string, value: string | undefined, pattern: RegExp, allowed: string][] = [
    [
      'contact.ipaCode',
      contact.ipaCode,
      /^\S{1,16}$/,
      'the code of the body in IPA, 1 to 16 characters without blanks',
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

function setViolations({ attributeSets }: Entity): Violation[] {
  return attributeSets.flatMap((set, at) => {
    const key = `attributeSets[${at}]`;
    const violations: Violation[] = [];
    const add = (part: string, found: unknown, allowed: string) =>
      violations.push({
        rule: 'spid-sp-metadata 3',
        key: `${key}.${part}`,
        found: JSON.stringify(found),
        allowed,
      });
    if (
      !Number.isInteger(set.index) ||
      set.index < 0 ||
      set.index > 65535 ||
      RESERVED_INDEXES.includes(set.index)
    ) {
      add('index', set.index, `0 to 65535, except the reserved ${RESERVED_INDEXES.join(', ')}`);
    }
    if (attributeSets.findIndex(({ index }) => index === set.index) !== at)
      add('index', set.index, 'an index no other set has');
    if (new Set(set.attributes).size !== set.attributes.length)
      add('attributes', set.attributes, 'each attribute once');
    const missing = KEY_ATTRIBUTES.filter((name) => !set.attributes.includes(name));
    if (missing.length > 0)
      add(
        'attributes',
        set.attributes,
        `a list that has ${missing.join(' and ')}: the subject is built on them`,
      );
    return violations;
  });
}
