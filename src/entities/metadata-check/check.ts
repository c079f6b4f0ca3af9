import { InvalidXml, parseXml, type XmlDocument } from '../../saml/xml.ts';
import { NS } from '../../saml/names.ts';
import { CERTIFICATE_RULES } from './certificates.ts';
import { CONTACT_RULES, profileOf } from './contacts.ts';
import { DOCUMENT_RULES } from './document.ts';
import { ORGANIZATION_RULES } from './organization.ts';
import { ROLE_RULES } from './role.ts';
import type { MetadataFinding, MetadataProfile, MetadataRule, Said } from './rule.ts';

/** More than any body needs: two certificates and thirty attribute sets are 40 KiB. */
const LIMIT_BYTES = 512 * 1024;

/** Every rule besides M1 and M2, in the order of the specification. */
export const METADATA_RULES: readonly MetadataRule[] = [
  ...DOCUMENT_RULES,
  ...ROLE_RULES,
  ...ORGANIZATION_RULES,
  ...CONTACT_RULES,
  ...CERTIFICATE_RULES,
];

export interface MetadataReport {
  /** Undefined when the bytes are no document at all. */
  readonly profile: MetadataProfile | undefined;
  readonly findings: readonly MetadataFinding[];
  /** Whether AgID's validator and the providers would take it: no finding is an error. */
  readonly acceptable: boolean;
}

/**
 * Holds the metadata of any SPID service provider against the rules of AgID (spid-sp-metadata, 1 to 6;
 * spid-aggregator, 3 and 5). Reads nothing but the bytes.
 * @param options.production false admits addresses of this machine and the body that exists for acceptance tests only
 */
export async function checkMetadata(
  bytes: Uint8Array,
  options: { readonly now: Date; readonly production: boolean },
): Promise<MetadataReport> {
  let document: XmlDocument;
  try {
    document = parseXml(bytes, { bytes: LIMIT_BYTES });
  } catch (error) {
    if (!(error instanceof InvalidXml)) throw error;
    return report(undefined, [finding('M1', [`xml-${error.fault}`], ['plain-xml'])]);
  }
  using examined = document;
  // Awaited here: the document is let go of when this function ends.
  return await judge(examined, bytes, options);
}

async function judge(
  document: XmlDocument,
  bytes: Uint8Array,
  options: { readonly now: Date; readonly production: boolean },
): Promise<MetadataReport> {
  const { root } = document;
  const contacts = root.children(NS.md, 'ContactPerson');
  const profile = profileOf(contacts);
  const findings = [...formFindings(document, bytes)];
  const role = root.child(NS.md, 'SPSSODescriptor');
  for (const { id, rule, faults } of METADATA_RULES) {
    const found = await faults({
      document,
      root,
      contacts,
      profile,
      role,
      ...options,
      organization: root.child(NS.md, 'Organization'),
    });
    findings.push(...found.map((fault) => ({ id, rule, severity: 'error' as const, ...fault })));
    // Of what is no service provider's metadata nothing more is to be said.
    if (found.length > 0 && (id === 'M3' || (id === 'M6' && !role))) break;
  }
  return report(profile, findings);
}

/** Nothing before the document, and what the schema and the identifiers demand. */
function formFindings(document: XmlDocument, bytes: Uint8Array): MetadataFinding[] {
  return [
    ...(bytes[0] === '<'.charCodeAt(0)
      ? []
      : [finding('M1', ['before-document'], ['nothing-before-document'])]),
    ...document.violations('metadata').map((found) => finding('M2', ['schema', found], ['schema-valid'])),
    ...document.duplicateIds().map((found) => finding('M2', ['twice', `ID="${found}"`], ['each-once'])),
  ];
}

function finding(id: 'M1' | 'M2', found: Said, allowed: Said): MetadataFinding {
  const rule = id === 'M1' ? 'spid-sp-metadata 1' : 'spid-sp-metadata 6';
  return { id, rule, severity: 'error', at: 'document', found, allowed };
}

function report(profile: MetadataProfile | undefined, findings: readonly MetadataFinding[]): MetadataReport {
  return { profile, findings, acceptable: findings.every(({ severity }) => severity !== 'error') };
}
