import { ATTRIBUTE_NAMES, type AttributeName } from '../../identity/attributes.ts';
import { ATTRNAME_BASIC, BINDING, NAMEID_TRANSIENT, NS } from '../../saml/names.ts';
import type { XmlElement } from '../../saml/xml.ts';
import { addressFault, readCertificate } from './document.ts';
import { advise, unless, type ExaminedMetadata, type MetadataFault, type MetadataRule } from './rule.ts';

const ROLE = 'spid-sp-metadata 2.1';
const SETS = 'spid-sp-metadata 3';
const SOAP = 'urn:oasis:names:tc:SAML:2.0:bindings:SOAP';

/** The two sets of the Italian eIDAS node, exactly so; the fiscal number may come along (spid-sp-metadata, 3). */
const EIDAS_SETS: Readonly<
  Record<string, { readonly name: string; readonly attributes: readonly string[] }>
> = {
  '99': {
    name: 'eIDAS Natural Person Minimum Attribute Set',
    attributes: ['spidCode', 'name', 'familyName', 'dateOfBirth'],
  },
  '100': {
    name: 'eIDAS Natural Person Full Attribute Set',
    attributes: ['spidCode', 'name', 'familyName', 'dateOfBirth', 'placeOfBirth', 'address', 'gender'],
  },
};

/** Rules about the service provider's role: keys, endpoints, attribute sets (spid-sp-metadata, 2.1 and 3). */
export const ROLE_RULES: readonly MetadataRule[] = [
  {
    id: 'M10',
    rule: ROLE,
    faults: ({ role }) =>
      (
        [
          ['protocolSupportEnumeration', NS.samlp],
          ['AuthnRequestsSigned', 'true'],
          ['WantAssertionsSigned', 'true'],
        ] as const
      ).flatMap(([name, value]) =>
        unless(role?.attribute(name) === value, `SPSSODescriptor/@${name}`, role?.attribute(name), [
          'text',
          value,
        ]),
      ),
  },
  {
    id: 'M11',
    rule: ROLE,
    faults: ({ role }) => {
      const keys = children(role, 'KeyDescriptor');
      const signing = keys.filter((key) => key.attribute('use') === 'signing');
      return [
        ...unless(signing.length > 0, 'KeyDescriptor', ['no-signing-key'], ['signing-key']),
        ...signing.flatMap((key) => {
          const text = key.descendants(NS.ds, 'X509Certificate')[0]?.text ?? '';
          return unless(
            readCertificate(text) !== undefined,
            'KeyDescriptor/X509Certificate',
            text.slice(0, 20),
            ['certificate'],
          );
        }),
        ...keys.flatMap((key) =>
          unless(key.attribute('use') !== undefined, 'KeyDescriptor/@use', undefined, ['text', 'signing']),
        ),
        ...advise(
          !keys.some((key) => key.attribute('use') === 'encryption'),
          'KeyDescriptor',
          ['encryption-key'],
          ['no-encryption-key'],
        ),
      ];
    },
  },
  {
    id: 'M12',
    rule: ROLE,
    faults: ({ role, production }) => {
      const services = children(role, 'SingleLogoutService');
      return [
        ...unless(services.length > 0, 'SingleLogoutService', undefined, ['at-least-one']),
        ...services.flatMap((service) => [
          ...bindingFaults(service, [BINDING.post, BINDING.redirect, SOAP]),
          ...addressFaults(service, 'Location', production),
          ...(service.attribute('ResponseLocation') === undefined
            ? []
            : addressFaults(service, 'ResponseLocation', production)),
        ]),
      ];
    },
  },
  {
    id: 'M13',
    rule: ROLE,
    faults: ({ role }) => {
      const found = children(role, 'NameIDFormat').map(({ text }) => text);
      return unless(found.length === 1 && found[0] === NAMEID_TRANSIENT, 'NameIDFormat', found.join(' '), [
        'text',
        NAMEID_TRANSIENT,
      ]);
    },
  },
  {
    id: 'M14',
    rule: ROLE,
    faults: ({ role, production }) => {
      const services = children(role, 'AssertionConsumerService');
      return [
        ...unless(services.length > 0, 'AssertionConsumerService', undefined, ['at-least-one']),
        ...services.flatMap((service) => [
          ...bindingFaults(service, [BINDING.post]),
          ...addressFaults(service, 'Location', production),
        ]),
        ...indexFaults(services),
      ];
    },
  },
  {
    id: 'M15',
    rule: ROLE,
    faults: ({ role }) => {
      const [first, ...others] = children(role, 'AssertionConsumerService');
      if (!first) return [];
      const at = 'AssertionConsumerService/@isDefault';
      return [
        ...unless(
          first.attribute('index') === '0' && first.attribute('isDefault') === 'true',
          at,
          `index="${first.attribute('index')}" isDefault="${first.attribute('isDefault') ?? ''}"`,
          ['first-is-default'],
        ),
        ...others.flatMap((service) =>
          unless(
            service.attribute('isDefault') === undefined,
            at,
            `index="${service.attribute('index')}" isDefault="${service.attribute('isDefault')}"`,
            ['only-first-is-default'],
          ),
        ),
      ];
    },
  },
  {
    id: 'M16',
    rule: 'spid-sp-metadata 6',
    faults: ({ root, role }) => {
      const services = [
        ...children(role, 'AssertionConsumerService'),
        ...children(role, 'SingleLogoutService'),
      ];
      const host = hostOf(root.attribute('entityID'));
      const locations = children(role, 'AssertionConsumerService').map((service) =>
        service.attribute('Location'),
      );
      return [
        ...unless(
          new Set(locations).size === locations.length,
          'AssertionConsumerService/@Location',
          ['same-address'],
          ['each-once'],
        ),
        ...services.flatMap((service) =>
          advise(
            hostOf(service.attribute('Location')) === host,
            `${service.name}/@Location`,
            service.attribute('Location'),
            ['own-host', host],
          ),
        ),
      ];
    },
  },
  {
    id: 'M17',
    rule: SETS,
    faults: ({ role }) => {
      const sets = children(role, 'AttributeConsumingService');
      const defaults = sets.filter((set) => set.attribute('isDefault') === 'true').length;
      return [
        ...unless(sets.length > 0, 'AttributeConsumingService', undefined, ['attribute-set']),
        ...indexFaults(sets),
        ...unless(defaults <= 1, 'AttributeConsumingService/@isDefault', `${defaults}`, ['one-default-set']),
      ];
    },
  },
  {
    id: 'M18',
    rule: SETS,
    faults: ({ role }) => children(role, 'AttributeConsumingService').flatMap(reservedFaults),
  },
  {
    id: 'M19',
    rule: SETS,
    faults: ({ role }) => children(role, 'AttributeConsumingService').flatMap(serviceNameFaults),
  },
  {
    id: 'M20',
    rule: SETS,
    faults: ({ role }) => children(role, 'AttributeConsumingService').flatMap(requestedFaults),
  },
];

/** The child elements of the role, of SAML metadata. */
function children(role: XmlElement | undefined, name: string): readonly XmlElement[] {
  return role?.children(NS.md, name) ?? [];
}

function bindingFaults(service: XmlElement, allowed: readonly string[]): readonly MetadataFault[] {
  const found = service.attribute('Binding') ?? '';
  return unless(allowed.includes(found), `${service.name}/@Binding`, found, ['text', allowed.join(', ')]);
}

function addressFaults(
  service: XmlElement,
  name: string,
  production: ExaminedMetadata['production'],
): readonly MetadataFault[] {
  const found = service.attribute(name) ?? '';
  const allowed = addressFault(found, production);
  return allowed ? unless(false, `${service.name}/@${name}`, found, allowed) : [];
}

function indexFaults(services: readonly XmlElement[]): readonly MetadataFault[] {
  const indexes = services.map((service) => service.attribute('index') ?? '');
  return services.flatMap(({ name }, at) => {
    const index = indexes[at] ?? '';
    return [
      ...unless(/^\d{1,5}$/.test(index) && Number(index) <= 65_535, `${name}/@index`, index, ['index']),
      ...unless(indexes.indexOf(index) === at, `${name}/@index`, ['twice', index], ['own-index']),
    ];
  });
}

function reservedFaults(set: XmlElement): readonly MetadataFault[] {
  const index = set.attribute('index') ?? '';
  const at = `AttributeConsumingService[${index}]`;
  if (index === '77') return unless(false, at, index, ['not-77']);
  const eidas = EIDAS_SETS[index];
  if (!eidas) return [];
  const names = set
    .children(NS.md, 'RequestedAttribute')
    .map((attribute) => attribute.attribute('Name') ?? '');
  const beyond = names.filter((name) => !eidas.attributes.includes(name) && name !== 'fiscalNumber');
  const missing = eidas.attributes.filter((name) => !names.includes(name));
  return unless(
    set.child(NS.md, 'ServiceName')?.text === eidas.name && beyond.length === 0 && missing.length === 0,
    at,
    names.join(' '),
    ['eidas-set', `${eidas.name}: ${eidas.attributes.join(', ')}`],
  );
}

function serviceNameFaults(set: XmlElement): readonly MetadataFault[] {
  const at = `AttributeConsumingService[${set.attribute('index')}]/ServiceName`;
  const names = set.children(NS.md, 'ServiceName');
  const languages = names.map((name) => name.attributeNS('http://www.w3.org/XML/1998/namespace', 'lang'));
  const reserved = Object.hasOwn(EIDAS_SETS, set.attribute('index') ?? '');
  return [
    ...unless(reserved || languages.includes('it'), at, languages.join(' '), ['italian-name']),
    ...names.flatMap(({ text }) => unless(text !== '', at, text, ['trimmed-text'])),
    ...advise(names.length === 1, at, `${names.length}`, ['one-for-older-tools']),
  ];
}

function requestedFaults(set: XmlElement): readonly MetadataFault[] {
  const at = `AttributeConsumingService[${set.attribute('index')}]/RequestedAttribute`;
  const attributes = set.children(NS.md, 'RequestedAttribute');
  const names = attributes.map((attribute) => attribute.attribute('Name') ?? '');
  return [
    ...unless(attributes.length > 0, at, undefined, ['at-least-one']),
    ...names.flatMap((name, position) => [
      ...unless(ATTRIBUTE_NAMES.includes(name as AttributeName), at, name, ['spid-attribute']),
      ...unless(names.indexOf(name) === position, at, ['twice', name], ['each-once']),
    ]),
    ...attributes.flatMap((attribute) =>
      unless(
        attribute.attribute('NameFormat') === ATTRNAME_BASIC,
        `${at}/@NameFormat`,
        attribute.attribute('NameFormat'),
        ['text', ATTRNAME_BASIC],
      ),
    ),
  ];
}

function hostOf(address: string | undefined): string {
  return address !== undefined && URL.canParse(address) ? new URL(address).host : '';
}
