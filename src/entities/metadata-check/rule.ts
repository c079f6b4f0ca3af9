import type { XmlDocument, XmlElement } from '../../saml/xml.ts';

/** As what a body takes part in SPID; read from the contacts, as AgID's validator does (spid-aggregator, 5). */
export type MetadataProfile = 'public' | 'public-aggregator-full' | 'public-aggregator-lite';

/** A rule that a document breaks. */
export interface MetadataFinding {
  /** Of the rule in the table, stable: `M14`. */
  readonly id: string;
  /** Document and section that say so. */
  readonly rule: string;
  /** An error is refused by AgID's validator or by a provider; a warning is what either only advises against. */
  readonly severity: 'error' | 'warning';
  /** Element or attribute. */
  readonly at: string;
  readonly found: string;
  readonly allowed: string;
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
  readonly found: string;
  readonly allowed: string;
  readonly severity?: 'warning';
}

/** A row of the table: what has to hold, and what is wrong when it does not. */
export interface MetadataRule {
  readonly id: `M${number}`;
  readonly rule: string;
  readonly faults: (
    examined: ExaminedMetadata,
  ) => readonly MetadataFault[] | Promise<readonly MetadataFault[]>;
}

/** One fault, or none when the condition holds. */
export function unless(
  holds: boolean,
  at: string,
  found: string | undefined,
  allowed: string,
): readonly MetadataFault[] {
  return holds ? [] : [{ at, found: found === undefined || found === '' ? 'nothing' : found, allowed }];
}

/** The same, for what is advised and not demanded. */
export function advise(
  holds: boolean,
  at: string,
  found: string | undefined,
  allowed: string,
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
