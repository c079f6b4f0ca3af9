import { NS } from '../../saml/names.ts';
import type { XmlElement } from '../../saml/xml.ts';
import { SPID_NS, TEST_IPA_CODE } from '../names.ts';
import {
  advise,
  rawText,
  unless,
  type ExaminedMetadata,
  type MetadataFault,
  type MetadataProfile,
  type MetadataRule,
  type Phrase,
} from './rule.ts';

const CONTACT = 'spid-sp-metadata 2.3';
const AGGREGATOR = 'spid-aggregator 3';

/** Elements that say as what a body takes part; exactly one for each contact (spid-aggregator, 3). */
const TYPE_ELEMENTS = [
  'PublicServicesFullAggregator',
  'PublicServicesLightAggregator',
  'PrivateServicesFullAggregator',
  'PrivateServicesLightAggregator',
  'PublicServicesFullOperator',
  'PublicServicesLightOperator',
  'Public',
  'PublicOperator',
  'Private',
];
const CODES = ['IPACode', 'VATNumber', 'FiscalCode'];

/** Plain addresses only: AgID's checkers refuse `mailto:` and signs such as "+". */
const EMAIL = /^[\w.-]+@[\w-]+(\.[\w-]+)*\.[A-Za-z]{2,8}$/;

type Part = 'public' | 'aggregator' | 'aggregated';

/** As what each contact stands there: one for the body itself, or one for the aggregator and one for the aggregated body. */
function partOf(contact: XmlElement, profile: MetadataProfile): Part | undefined {
  if (profile === 'public') return 'public';
  const type = contact.attributeNS(SPID_NS, 'entityType');
  return type === 'spid:aggregator' ? 'aggregator' : type === 'spid:aggregated' ? 'aggregated' : undefined;
}

/** Which profile the contacts announce. */
export function profileOf(contacts: readonly XmlElement[]): MetadataProfile {
  const has = (name: string) => contacts.some((contact) => contact.descendants(SPID_NS, name).length > 0);
  if (has('PublicServicesLightAggregator')) return 'public-aggregator-lite';
  const announced = contacts.some((contact) => contact.attributeNS(SPID_NS, 'entityType') !== undefined);
  return has('PublicServicesFullAggregator') || announced ? 'public-aggregator-full' : 'public';
}

/** Rules about who answers for the body (spid-sp-metadata, 2.3; spid-aggregator, 3 and 5). */
export const CONTACT_RULES: readonly MetadataRule[] = [
  {
    id: 'M23',
    rule: CONTACT,
    faults: ({ contacts, profile }) => {
      const types = contacts.map((contact) => contact.attribute('contactType') ?? '');
      const parts = contacts.map((contact) => contact.attributeNS(SPID_NS, 'entityType') ?? '');
      const expected = profile === 'public' ? [''] : ['spid:aggregator', 'spid:aggregated'];
      return [
        ...unless(
          types.every((type) => type === 'other'),
          'ContactPerson/@contactType',
          types.join(' '),
          ['text', 'other'],
        ),
        ...unless(
          parts.length === expected.length && expected.every((part, at) => parts[at] === part),
          'ContactPerson',
          parts.map((part) => part || 'ContactPerson').join(', '),
          [profile === 'public' ? 'one-contact' : 'two-contacts'],
        ),
      ];
    },
  },
  {
    id: 'M24',
    rule: CONTACT,
    faults: (examined) => each(examined, contentFaults),
  },
  {
    id: 'M25',
    rule: CONTACT,
    faults: (examined) =>
      each(examined, (contact, at) =>
        contact.children(NS.md, 'EmailAddress').flatMap((element) => {
          const text = rawText(examined, element);
          return unless(EMAIL.test(text), `${at}/EmailAddress`, text, ['plain-email']);
        }),
      ),
  },
  {
    id: 'M26',
    rule: CONTACT,
    faults: (examined) =>
      each(examined, (contact, at) =>
        contact.children(NS.md, 'TelephoneNumber').flatMap((element) => {
          const text = rawText(examined, element);
          return [
            ...unless(/^\+?\d{5,15}$/.test(text), `${at}/TelephoneNumber`, text, ['telephone']),
            ...advise(text.startsWith('+39'), `${at}/TelephoneNumber`, text, ['italian-telephone']),
          ];
        }),
      ),
  },
  {
    id: 'M27',
    rule: 'spid-sp-metadata 2.3 and 6; spid-aggregator 3 and 6',
    faults: (examined) => each(examined, (contact, at, part) => codeFaults(examined, contact, at, part)),
  },
  {
    id: 'M28',
    rule: 'spid-sp-metadata 2.3; spid-aggregator 3',
    faults: (examined) => each(examined, (contact, at, part) => typeFaults(examined, contact, at, part)),
  },
  {
    id: 'M29',
    rule: 'spid-sp-metadata 2.3; spid-aggregator 3',
    faults: (examined) => each(examined, orderFaults),
  },
  {
    id: 'M30',
    rule: 'spid-sp-metadata 2.3; spid-aggregator 3',
    faults: (examined) =>
      each(examined, (contact, at, part) => {
        if (part === 'aggregator') return [];
        const company = contact.child(NS.md, 'Company')?.text;
        const names = (examined.organization?.children(NS.md, 'OrganizationName') ?? []).map(
          ({ text }) => text,
        );
        return unless(company === undefined || names.includes(company), `${at}/Company`, company, [
          'company',
          names.join(', '),
        ]);
      }),
  },
  {
    id: 'M31',
    rule: AGGREGATOR,
    faults: (examined) => {
      if (examined.profile !== 'public-aggregator-lite') return [];
      return each(examined, (contact, at, part) => {
        if (part !== 'aggregator') return [];
        const keys = contact.descendants(SPID_NS, 'KeyDescriptor');
        const good = keys.filter(
          (key) =>
            key.attribute('use') === 'spid:validation' &&
            (key.descendants(NS.ds, 'X509Certificate')[0]?.text ?? '') !== '',
        );
        return unless(
          good.length === 1 && keys.length === 1,
          `${at}/Extensions/KeyDescriptor`,
          `${keys.length}`,
          ['validation-key'],
        );
      });
    },
  },
];

function each(
  { contacts, profile }: ExaminedMetadata,
  faults: (contact: XmlElement, at: string, part: Part) => readonly MetadataFault[],
): readonly MetadataFault[] {
  return contacts.flatMap((contact) => {
    const part = partOf(contact, profile);
    return part ? faults(contact, part === 'public' ? 'ContactPerson' : `ContactPerson[${part}]`, part) : [];
  });
}

/** How often each element may stand in a contact; the aggregated body alone may lack an e-mail address. */
function contentFaults(contact: XmlElement, at: string, part: Part): readonly MetadataFault[] {
  const counts: readonly [name: string, least: number, most: number][] = [
    ['Extensions', 1, 1],
    ['Company', part === 'public' ? 0 : 1, 1],
    ['EmailAddress', part === 'aggregated' ? 0 : 1, 1],
    ['TelephoneNumber', 0, 1],
    ['GivenName', 0, 0],
    ['SurName', 0, 0],
  ];
  return counts.flatMap(([name, least, most]) => {
    const found = contact.children(NS.md, name).length;
    return unless(
      found >= least && found <= most,
      `${at}/${name}`,
      `${found}`,
      least === most ? ['exactly', String(most)] : ['between', `${least}–${most}`],
    );
  });
}

function codeFaults(
  { production }: ExaminedMetadata,
  contact: XmlElement,
  at: string,
  part: Part,
): readonly MetadataFault[] {
  const values = (name: string) => contact.descendants(SPID_NS, name).map(({ text }) => text);
  const formats: readonly [name: string, format: RegExp, allowed: Phrase][] = [
    ['IPACode', /^[\w.-]{1,16}$/, 'ipa-code'],
    ['VATNumber', /^[A-Z]{2}[A-Za-z0-9]{2,28}$/, 'vat-number'],
    ['FiscalCode', /^(\d{11}|[A-Z0-9]{16})$/, 'fiscal-code'],
  ];
  const ipaCodes = values('IPACode');
  const isTest = ipaCodes.includes(TEST_IPA_CODE);
  return [
    ...formats.flatMap(([name, format, allowed]) => {
      const found = values(name);
      return [
        ...unless(found.length <= 1, `${at}/${name}`, `${found.length}`, ['at-most-one']),
        ...found.flatMap((value) => unless(format.test(value), `${at}/${name}`, value, [allowed])),
      ];
    }),
    ...(part === 'aggregator'
      ? unless(
          CODES.some((name) => values(name).length > 0),
          `${at}/Extensions`,
          undefined,
          ['some-code'],
        )
      : unless(ipaCodes.length > 0, `${at}/IPACode`, undefined, ['ipa-code'])),
    ...unless(!isTest || (part === 'aggregated' && !production), `${at}/IPACode`, TEST_IPA_CODE, [
      'real-body',
    ]),
  ];
}

function typeFaults(
  examined: ExaminedMetadata,
  contact: XmlElement,
  at: string,
  part: Part,
): readonly MetadataFault[] {
  const wanted =
    part !== 'aggregator'
      ? 'Public'
      : examined.profile === 'public-aggregator-full'
        ? 'PublicServicesFullAggregator'
        : 'PublicServicesLightAggregator';
  const found = (contact.child(NS.md, 'Extensions')?.elements ?? []).filter(
    ({ namespace, name }) => namespace === SPID_NS && TYPE_ELEMENTS.includes(name),
  );
  return [
    ...unless(
      found.length === 1 && found[0]?.name === wanted,
      `${at}/Extensions`,
      found.map(({ name }) => name).join(' '),
      ['kind-of-body', `spid:${wanted}`],
    ),
    ...found.flatMap((element) =>
      unless(rawText(examined, element) === '', `${at}/${element.name}`, ['content'], ['empty-element']),
    ),
  ];
}

/** Codes first, then what the body is; in the schema's order (spid-aggregator, 3). */
function orderFaults(contact: XmlElement, at: string): readonly MetadataFault[] {
  const found = (contact.child(NS.md, 'Extensions')?.elements ?? []).map(({ name }) => name);
  const order = [...CODES, ...TYPE_ELEMENTS, 'KeyDescriptor'];
  const places = found.map((name) => order.indexOf(name));
  const sorted = places.every((place, position) => position === 0 || place >= (places[position - 1] ?? 0));
  return unless(sorted && !places.includes(-1), `${at}/Extensions`, found.join(' '), ['order-of-codes']);
}
