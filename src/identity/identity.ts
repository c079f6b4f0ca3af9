import type { AttributeName } from './attributes.ts';
import type { Level } from './level.ts';

/** The ways to prove who one is. */
export const SOURCE_KINDS = ['spid'] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** What a person is known by. The kind is part of the key, so values of different kinds never collide (one-identity, 1). */
export interface PersonKey {
  readonly kind: 'it-fiscal' | 'foreign-tin' | 'eidas' | 'provider-code';
  readonly value: string;
}

/** SPID identity kinds (AgID notice 18): the level and the kind belong to the identity, not to the person. */
export type IdentityKind = 'citizen' | 'legal-person' | 'professional' | 'professional-for-legal-person';

/** Attribute values as received, trimmed, by SPID name. Only those asked for. */
export type Attributes = Readonly<Partial<Record<AttributeName, string>>>;

/** Where the session at the identity provider can be closed (single logout, level 1 only). */
export interface UpstreamSession {
  readonly nameId: string;
  readonly nameQualifier: string;
  readonly sessionIndex: string;
}

/** What a source proved, with nothing protocol-specific left in it. */
export interface Identity {
  readonly person: PersonKey;
  readonly level: Level;
  readonly kind: IdentityKind;
  readonly attributes: Attributes;
  /** What the provider was asked for, held or not: asking again would bring no more. */
  readonly asked: readonly AttributeName[];
  readonly source: SourceKind;
  /** The provider's identifier inside the source (SPID: entityID). */
  readonly provider: string;
  /** A test identity provider vouches for it: worth something to services in the test stage, and nothing elsewhere. */
  readonly test?: boolean;
  readonly authenticatedAt: Date;
  readonly session?: UpstreamSession;
  /** The register's transaction that proves it. */
  readonly transaction: string;
}
