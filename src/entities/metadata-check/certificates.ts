import { checkCertificate, type CertificateDemand } from '../../keys/certificate-check.ts';
import { OID } from '../../keys/certificate.ts';
import { NS } from '../../saml/names.ts';
import type { XmlElement } from '../../saml/xml.ts';
import { SPID_NS } from '../names.ts';
import type { ExaminedMetadata, MetadataFault, MetadataRule, Said } from './rule.ts';

/**
 * Rules about the published certificates (spid-sp-metadata, 5). An ordinary body's has to name that body; an
 * aggregator's names the aggregator, and which of two policies AgID wants in it is not certain (spid-aggregator, 4).
 */
export const CERTIFICATE_RULES: readonly MetadataRule[] = [
  {
    id: 'M32',
    rule: 'spid-sp-metadata 5',
    faults: async (examined) => {
      const expected = expectedOf(examined);
      const keys = examined.role?.children(NS.md, 'KeyDescriptor') ?? [];
      const faults = await Promise.all(
        keys
          .filter((key) => key.attribute('use') === 'signing')
          .map(async (key) => {
            const text = key.descendants(NS.ds, 'X509Certificate')[0]?.text ?? '';
            return checkCertificate(Buffer.from(text, 'base64'), expected, examined.now);
          }),
      );
      return faults.flat().map(({ key, demand, found, allowed }): MetadataFault => ({
        at: `KeyDescriptor/certificate.${key}`,
        found: foundIn(demand, found),
        allowed: [`certificate-${demand}`, allowed],
      }));
    },
  },
];

/** What is found of a field that has no value to show. */
const STATES: Readonly<Record<string, Said>> = {
  nothing: ['nothing'],
  absent: ['nothing'],
  present: ['present'],
  critical: ['critical'],
  'not critical': ['not-critical'],
};

function foundIn(demand: CertificateDemand, found: string): Said {
  if (demand === 'der') return ['unreadable'];
  if (demand === 'one-per-name') return ['several-in-one-name'];
  return STATES[found] ?? [demand === 'period' ? 'period' : 'text', found];
}

function expectedOf({ root, organization, contacts, profile }: ExaminedMetadata) {
  const code = (contact: XmlElement | undefined) => contact?.descendants(SPID_NS, 'IPACode')[0]?.text;
  if (profile === 'public') {
    return {
      commonName: italian(organization, 'OrganizationDisplayName'),
      organizationName: italian(organization, 'OrganizationName'),
      entityId: root.attribute('entityID'),
      ipaCode: code(contacts[0]),
    };
  }
  const policies = [OID.publicServiceProvider, OID.publicAggregator];
  if (profile === 'public-aggregator-lite') return { policies };
  const aggregator = contacts.find(
    (contact) => contact.attributeNS(SPID_NS, 'entityType') === 'spid:aggregator',
  );
  return {
    organizationName: aggregator?.child(NS.md, 'Company')?.text,
    ipaCode: code(aggregator),
    policies,
  };
}

function italian(organization: XmlElement | undefined, name: string): string | undefined {
  return organization
    ?.children(NS.md, name)
    .find((element) => element.attributeNS('http://www.w3.org/XML/1998/namespace', 'lang') === 'it')?.text;
}
