import type { AttributeName } from '../../identity/attributes.ts';
import type { EntityDeclaration } from '../../entities/entity.ts';
import { entityViolations, type Violation } from '../../entities/rules.ts';

/** What has to be known of a union, by the flag that says it. */
export interface Question {
  readonly flag: string;
  readonly text: string;
  /** Without an answer it is left out, or follows from the others. */
  readonly optional?: true;
}

export const QUESTIONS: readonly Question[] = [
  { flag: 'name', text: 'Full legal name of the union, with its capitals and accents' },
  { flag: 'display-name', text: 'Short name that citizens see (empty: the same)', optional: true },
  { flag: 'ipa', text: 'Its code in IPA (indicepa.gov.it), such as udc_vald' },
  { flag: 'locality', text: 'City of its legal seat' },
  { flag: 'domain', text: 'Host name of the gateway, for good, such as accesso.unione.example.it' },
  { flag: 'email', text: 'Mailbox of an office, not of a person, for AgID' },
  { flag: 'telephone', text: 'Telephone, +39 and digits (empty: none)', optional: true },
  { flag: 'website', text: 'Page of the union about its online services' },
  { flag: 'privacy', text: 'Page with the notice on personal data' },
  { flag: 'accessibility', text: 'Page with the accessibility statement' },
  { flag: 'support', text: 'Page where citizens find help' },
];

/** Flags that nobody is asked for. */
export const FURTHER_FLAGS = ['id', 'vat', 'fiscal-code'] as const;

export type Answers = Readonly<Record<string, string>>;

/** A flag whose value breaks a rule. */
export interface Fault {
  readonly flag: string;
  readonly found: string;
  readonly allowed: string;
  readonly rule: string;
}

/** Two sets that most services do with; further ones are added when a service needs them (spid-sp-metadata, 3). */
const IDENTIFICATION: readonly AttributeName[] = ['spidCode', 'name', 'familyName', 'fiscalNumber'];
const CONTACTS: readonly AttributeName[] = ['email', 'mobilePhone'];

export function publicUrlOf({ domain = '' }: Answers): string {
  return `https://${domain}`;
}

/** The union as its own service provider in SPID. */
export function entityOf(answers: Answers): EntityDeclaration {
  const { name = '', ipa = '', email = '', locality = '', website = '', telephone, vat } = answers;
  const displayName = answers['display-name'] || name;
  const fiscalCode = answers['fiscal-code'];
  const both = (text: string) => ({ it: text, en: text });
  return {
    id: answers['id'] || 'unione',
    entityId: `${publicUrlOf(answers)}/spid`,
    organization: { name: both(name), displayName: both(displayName), url: both(website) },
    contact: {
      ipaCode: ipa,
      email,
      ...(telephone ? { telephone } : {}),
      ...(vat ? { vatNumber: vat } : {}),
      ...(fiscalCode ? { fiscalCode } : {}),
    },
    locality,
    attributeSets: [
      { index: 0, name: 'Identificazione', attributes: IDENTIFICATION },
      { index: 1, name: 'Identificazione e contatti', attributes: [...IDENTIFICATION, ...CONTACTS] },
    ],
  };
}

/** Questions that have to be answered and are not. */
export function unanswered(answers: Answers): Question[] {
  return QUESTIONS.filter(({ flag, optional }) => !optional && !answers[flag]);
}

/** What is wrong with answers that are all there: a host name, addresses, and AgID's rules for metadata. */
export function faultsOf(answers: Answers): Fault[] {
  const own = [...domainFaults(answers), ...addressFaults(answers), ...idFaults(answers)];
  // What depends on a wrong host name is wrong too, and tells nothing more.
  const ofEntity = entityViolations(entityOf(answers), publicUrlOf(answers)).flatMap((violation) => {
    const flag = flagOf(violation);
    return flag === undefined || own.some((fault) => fault.flag === flag) ? [] : [{ ...violation, flag }];
  });
  return [...own, ...distinct(ofEntity)].map(({ flag, found, allowed, rule }) => ({
    flag,
    found,
    allowed,
    rule,
  }));
}

const HOST = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

function domainFaults({ domain = '' }: Answers): Fault[] {
  if (HOST.test(domain)) return [];
  const allowed = 'a host name in lower case, without https:// and without port or path';
  return [{ flag: 'domain', found: domain, allowed, rule: 'spid-sp-metadata 1' }];
}

function addressFaults(answers: Answers): Fault[] {
  return ['website', 'privacy', 'accessibility', 'support'].flatMap((flag) => {
    const found = answers[flag] ?? '';
    if (URL.canParse(found) && /^https?:$/.test(new URL(found).protocol)) return [];
    const rule = flag === 'website' ? 'spid-sp-metadata 2.2' : 'brand';
    return [{ flag, found, allowed: 'an absolute http(s) URL', rule }];
  });
}

function idFaults({ id = 'unione' }: Answers): Fault[] {
  if (/^[a-z][a-z0-9_-]{0,39}$/.test(id)) return [];
  const allowed = '1 to 40 lower-case letters, digits, - and _, beginning with a letter';
  return [{ flag: 'id', found: id, allowed, rule: 'entities[].id' }];
}

const FLAGS: Readonly<Record<string, string>> = {
  entityId: 'domain',
  locality: 'locality',
  'organization.name': 'name',
  'organization.displayName': 'display-name',
  'organization.url': 'website',
  'contact.ipaCode': 'ipa',
  'contact.email': 'email',
  'contact.telephone': 'telephone',
  'contact.vatNumber': 'vat',
  'contact.fiscalCode': 'fiscal-code',
};

function flagOf({ key }: Violation): string | undefined {
  return FLAGS[key.replace(/\.(it|en)$/, '')];
}

/** A text is the same in both languages here, and so is what is wrong with it. */
function distinct<T extends { readonly flag: string }>(faults: readonly T[]): T[] {
  return faults.filter(({ flag }, at) => faults.findIndex((other) => other.flag === flag) === at);
}
