import type { AttributeName } from '../identity/attributes.ts';
import type { Localised } from '../identity/language.ts';

/** A numbered AttributeConsumingService: what one authentication request can ask for. Indexes are stable for ever. */
export interface AttributeSet {
  readonly index: number;
  readonly name: string;
  readonly attributes: readonly AttributeName[];
}

/** A body as it appears in SPID metadata. */
export interface Entity {
  /** Short name used in URLs and by clients, e.g. `unione`. */
  readonly id: string;
  /** SPID entityID: an https URL, immutable; also the URL at which the metadata is served. */
  readonly entityId: string;
  readonly organization: {
    readonly name: Localised;
    readonly displayName: Localised;
    readonly url: Localised;
  };
  readonly contact: {
    readonly ipaCode: string;
    readonly vatNumber?: string;
    readonly fiscalCode?: string;
    readonly email: string;
    readonly telephone?: string;
  };
  /** City of the legal seat, for the certificate. */
  readonly locality: string;
  readonly attributeSets: readonly AttributeSet[];
  /** The body that takes part in SPID for this one; without it, the entity is a service provider of its own. */
  readonly aggregator?: Aggregator;
  /** The body's own notice to citizens on their data (GDPR, 13); without it, the gateway's. */
  readonly privacyUrl?: string;
}

/** The body through which others take part, with its keys and at its addresses: a full aggregator (spid-aggregator, 1). */
export interface Aggregator {
  /** Id of the entity by which it takes part itself. */
  readonly id: string;
  /** Full legal name. */
  readonly name: string;
  readonly contact: Entity['contact'];
}

/** An entity as it is declared and kept: the aggregator by its id. */
export type EntityDeclaration = Omit<Entity, 'aggregator'> & { readonly aggregator?: string };

/** Under which name the entity's keys lie in the key directory: an aggregated body has none of its own (spid-aggregator, 4). */
export function keyIdOf(entity: Entity): string {
  return entity.aggregator?.id ?? entity.id;
}

/** The endpoints of an entity. One path per entity: the receiver then knows which entity is addressed. */
export function assertionConsumerUrl(publicUrl: string, entity: Entity): string {
  return `${publicUrl}/spid/${entity.id}/acs`;
}

export function singleLogoutUrl(publicUrl: string, entity: Entity): string {
  return `${publicUrl}/spid/${entity.id}/slo`;
}

/**
 * The smallest set that covers what is wanted (fewest attributes; then lowest index), so that a service never
 * receives more than it needs (spid-sp-metadata, 3).
 */
export function smallestCoveringSet(
  entity: Pick<Entity, 'attributeSets'>,
  wanted: readonly AttributeName[],
): AttributeSet | undefined {
  return entity.attributeSets
    .filter((set) => wanted.every((name) => set.attributes.includes(name)))
    .sort((a, b) => a.attributes.length - b.attributes.length || a.index - b.index)[0];
}
