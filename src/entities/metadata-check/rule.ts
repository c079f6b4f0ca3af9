import type { CertificateDemand } from '../../keys/certificate-check.ts';
import type { XmlDocument, XmlElement, XmlFault } from '../../saml/xml.ts';

/** As what a body takes part in SPID; read from the contacts, as AgID's validator does (spid-aggregator, 5). */
export type MetadataProfile = 'public' | 'public-aggregator-full' | 'public-aggregator-lite';

/** Every rule of the table, by its stable identifier. M1 and M2 decide whether there is a document to look at. */
export const METADATA_RULE_IDS = [
  ...(['M1', 'M2', 'M3', 'M4', 'M5', 'M6', 'M7', 'M8', 'M9', 'M10', 'M11', 'M12', 'M13', 'M14'] as const),
  ...(['M15', 'M16', 'M17', 'M18', 'M19', 'M20', 'M21', 'M22', 'M23', 'M24', 'M25', 'M26'] as const),
  ...(['M27', 'M28', 'M29', 'M30', 'M31', 'M32'] as const),
] as const;

export type MetadataRuleId = (typeof METADATA_RULE_IDS)[number];

/** What findings are worded with. Their texts, in every language, are where all texts are (web/messages). */
export type Phrase =
  // The value itself: words of the document, or what has to stand there to the letter.
  | 'text'
  // What was found.
  | 'nothing'
  | 'present'
  | 'content'
  | 'twice'
  | 'before-document'
  | `xml-${XmlFault}`
  | 'schema'
  | 'signatures'
  | 'signature-not-first'
  | 'signature-form'
  | 'signature-without-certificate'
  | 'signature-wrong'
  | 'weak-key'
  | 'expired'
  | 'no-signing-key'
  | 'encryption-key'
  | 'same-address'
  | 'critical'
  | 'not-critical'
  | 'unreadable'
  | 'several-in-one-name'
  | 'period'
  // What is allowed instead.
  | 'plain-xml'
  | 'nothing-before-document'
  | 'schema-valid'
  | 'each-once'
  | 'one-body'
  | 'service-provider'
  | 'only-service-provider'
  | 'absolute-address'
  | 'bare-address'
  | 'https-address'
  | 'web-address'
  | 'no-port'
  | 'no-validity'
  | 'exactly'
  | 'between'
  | 'at-least-one'
  | 'at-most-one'
  | 'own-signature'
  | 'rsa-2048'
  | 'valid-certificate'
  | 'activity-code'
  | 'no-activity-code'
  | 'signing-key'
  | 'no-encryption-key'
  | 'certificate'
  | 'first-is-default'
  | 'only-first-is-default'
  | 'own-host'
  | 'index'
  | 'own-index'
  | 'attribute-set'
  | 'one-default-set'
  | 'not-77'
  | 'eidas-set'
  | 'italian-name'
  | 'one-for-older-tools'
  | 'spid-attribute'
  | 'italian-and-once'
  | 'same-languages'
  | 'trimmed-text'
  | 'one-contact'
  | 'two-contacts'
  | 'plain-email'
  | 'telephone'
  | 'italian-telephone'
  | 'company'
  | 'validation-key'
  | 'ipa-code'
  | 'vat-number'
  | 'fiscal-code'
  | 'some-code'
  | 'real-body'
  | 'kind-of-body'
  | 'empty-element'
  | 'order-of-codes'
  | `certificate-${CertificateDemand}`;

/** A phrase, and the value that it speaks of. */
export type Said = readonly [phrase: Phrase, value?: string];

/** A rule that a document breaks. */
export interface MetadataFinding {
  readonly id: MetadataRuleId;
  /** Document and section that say so. */
  readonly rule: string;
  /** An error is refused by AgID's validator or by a provider; a warning is what either only advises against. */
  readonly severity: 'error' | 'warning';
  /** Element or attribute. */
  readonly at: string;
  readonly found: Said;
  readonly allowed: Said;
}

/** What the rules look at. */
export interface ExaminedMetadata {
  readonly document: XmlDocument;
  readonly root: XmlElement;
  /** The service provider's role; absent when the document has none. */
  readonly role: XmlElement | undefined;
  readonly organization: XmlElement | undefined;
  readonly contacts: readonly XmlElement[];
  readonly profile: MetadataProfile;
  /** Whether it is to be used with the real providers: then addresses of this machine and test bodies are refused. */
  readonly production: boolean;
  readonly now: Date;
}

export interface MetadataFault {
  readonly at: string;
  readonly found: Said;
  readonly allowed: Said;
  readonly severity?: 'warning';
}

/** A row of the table: what has to hold, and what is wrong when it does not. */
export interface MetadataRule {
  readonly id: MetadataRuleId;
  readonly rule: string;
  readonly faults: (
    examined: ExaminedMetadata,
  ) => readonly MetadataFault[] | Promise<readonly MetadataFault[]>;
}

/**
 * One fault, or none when the condition holds.
 * @param found words of the document as they stand, none, or a phrase about them
 */
export function unless(
  holds: boolean,
  at: string,
  found: string | undefined | Said,
  allowed: Said,
): readonly MetadataFault[] {
  return holds ? [] : [{ at, found: asSaid(found), allowed }];
}

function asSaid(found: string | undefined | Said): Said {
  if (found === undefined || found === '') return ['nothing'];
  return typeof found === 'string' ? ['text', found] : found;
}

/** The same, for what is advised and not demanded. */
export function advise(
  holds: boolean,
  at: string,
  found: string | undefined | Said,
  allowed: Said,
): readonly MetadataFault[] {
  return unless(holds, at, found, allowed).map((fault) => ({ ...fault, severity: 'warning' as const }));
}

/** The text with the white space around it, which `XmlElement.text` leaves out. Elements without children only. */
export function rawText({ document }: ExaminedMetadata, element: XmlElement): string {
  return document
    .canonical(element)
    .toString()
    .replace(/^<[^>]*>/, '')
    .replace(/<\/[^>]*>$/, '');
}
