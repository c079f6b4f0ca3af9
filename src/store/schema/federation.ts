import type { Generated } from 'kysely';

type Millis = number;

/** What is known of the federation: the registry's files, how the last looks at it went, providers switched off. */
export interface FederationTables {
  /** Aggregates of identity providers that were good enough to be used, newest last; the last ones are kept. */
  registry_versions: {
    seq: Generated<number>;
    url: string;
    /** SHA-256 of the bytes. */
    hash: string;
    /** As fetched, signature and all: verified again whenever it is loaded. */
    bytes: Uint8Array;
    creation_instant: Millis | null;
    activated_at: Millis;
  };
  registry_checks: {
    url: string;
    /** Whoever moves this on is the process that fetches. */
    next_at: Millis;
    /** The last time the registry gave what is in use. */
    confirmed_at: Millis | null;
    etag: string | null;
    last_modified: string | null;
    /** Sealed: whose certificate it was that the last file was refused for; null where the last look was no such thing. */
    unknown_signer: Uint8Array | null;
  };
  /** What administrators decided on whose signature makes a registry's file good: one row for each registry. */
  registry_pins: {
    url: string;
    /** Grows with every change; part of what the content is sealed for. */
    version: number;
    /** Sealed JSON of decisions and of proposals that wait. */
    content: Uint8Array;
  };
  /** How providers are shown: from an unsigned list, and good for nothing else. */
  provider_displays: {
    entity_id: string;
    name: string | null;
    logo_uri: string | null;
    /** SHA-256 of the PNG, hexadecimal. */
    logo_hash: string | null;
    /** PNG, made by us of what was fetched. */
    logo: Uint8Array | null;
    /** When the logo was last looked at. */
    logo_at: Millis | null;
  };
  /** Providers that citizens cannot use at the moment, by decision of an operator. */
  provider_switches: {
    entity_id: string;
    disabled_at: Millis;
    /** What citizens read besides the date; empty for nothing more. */
    notice_it: string;
    notice_en: string;
  };
}
