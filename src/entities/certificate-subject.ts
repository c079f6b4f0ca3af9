import type { CertificateSubject } from '../keys/certificate.ts';
import type { EntityDeclaration } from './entity.ts';

/** What the certificate of an entity has to say of it (spid-sp-metadata, 5). */
export function subjectOf(entity: EntityDeclaration, aggregates = false): CertificateSubject {
  return {
    commonName: entity.organization.displayName.it,
    organizationName: entity.organization.name.it,
    entityId: entity.entityId,
    ipaCode: entity.contact.ipaCode,
    locality: entity.locality,
    ...(aggregates ? { aggregator: true } : {}),
  };
}

/**
 * Key id → subject of its certificate, for every body that signs with keys of its own. One through which others take
 * part gets the aggregator's policy too (spid-aggregator, 4).
 */
export function certificateSubjects(
  entities: readonly EntityDeclaration[],
): Readonly<Record<string, CertificateSubject>> {
  const own = entities.filter(({ aggregator }) => aggregator === undefined);
  return Object.fromEntries(
    own.map((entity) => [
      entity.id,
      subjectOf(
        entity,
        entities.some((other) => other.aggregator === entity.id),
      ),
    ]),
  );
}
