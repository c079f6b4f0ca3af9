import { keyIdOf, type Entity } from '../../entities/entity.ts';
import type { MetadataPublisher } from '../../entities/life-cycle.ts';
import type { EntityRegister } from '../../entities/register.ts';
import type { SamlKey, SamlKeys } from '../../keys/saml-keys.ts';
import { Misconfigured } from '../../operations/errors.ts';
import { buildMetadata, sealMetadata } from './metadata.ts';

/** Which key says what: the metadata of entities, and the requests to a provider (spid-sp-metadata, 7). */
export interface SpidKeys extends MetadataPublisher {
  /**
   * The newest key that the metadata a provider has publishes: signing moves to a new key when the metadata with it
   * has come into force there, and not before.
   * @throws Misconfigured when there is none
   */
  signingKey(entity: Entity, provider: string): SamlKey;
}

export function spidKeys(
  publicUrl: string,
  entities: Pick<EntityRegister, 'allInForce' | 'inForce'>,
  saml: SamlKeys,
): SpidKeys {
  const lookedFor = new Set<string>();

  /** The keys of the directory. One that a certificate in force asks for is looked for again, once. */
  function keysOf(entity: Entity, published: readonly string[]): readonly SamlKey[] {
    const id = keyIdOf(entity);
    const missing = published.filter(
      (certificate) =>
        !lookedFor.has(certificate) && !saml.of(id).some((key) => key.certificate === certificate),
    );
    if (missing.length > 0) {
      missing.forEach((certificate) => lookedFor.add(certificate));
      saml.reload();
    }
    saml.newest(id);
    return saml.of(id);
  }

  const certificates = (entity: Entity) => keysOf(entity, []).map(({ certificate }) => certificate);

  return {
    content: (entity) => buildMetadata(entity, publicUrl, certificates(entity), ''),
    seal(entity) {
      const known = entities.allInForce(entity.id).flatMap((publication) => publication.certificates);
      const keys = keysOf(entity, known);
      // Signed with the key that AgID knows already, as long as it is published (spid-sp-metadata, 7).
      const signer =
        keys.find(({ certificate }) => known.includes(certificate)) ?? saml.newest(keyIdOf(entity));
      return sealMetadata(entity, publicUrl, certificates(entity), signer);
    },
    signingKey(entity, provider) {
      const published = entities.inForce(entity.id, provider)?.certificates ?? [];
      const keys = keysOf(entity, published);
      const key = keys.findLast(({ certificate }) => published.includes(certificate));
      if (key) return key;
      // Before anything is in force nobody can be asked for anything; only what was asked of us is answered.
      if (published.length === 0) return saml.newest(keyIdOf(entity));
      throw new Misconfigured(
        'keys_missing',
        `none of the certificates in force of ${entity.id} at ${provider} has its key in keys.directory`,
      );
    },
  };
}
