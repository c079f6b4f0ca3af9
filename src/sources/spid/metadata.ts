import { assertionConsumerUrl, singleLogoutUrl, type Entity } from '../../entities/entity.ts';
import { LANGUAGES, type Localised } from '../../identity/language.ts';
import { Misconfigured } from '../../operations/errors.ts';
import { newId, xml, type Xml } from '../../saml/documents.ts';
import { ATTRNAME_BASIC, BINDING, NAMEID_TRANSIENT, NS } from '../../saml/names.ts';
import { signEnveloped, type SigningKey } from '../../saml/signature.ts';
import { SPID_NS } from './names.ts';

/**
 * Metadata of a public service provider, or of a body that takes part through an aggregator, in the order that AgID's
 * schema demands (spid-sp-metadata, 2; spid-aggregator, 3). No validity date: the copies that providers hold must not run out.
 * @param publicUrl where the gateway is reached, without trailing slash
 * @param id ID of the document
 * @param certificates published signing certificates: DER, base64; two during a rollover
 */
export function buildMetadata(
  entity: Entity,
  publicUrl: string,
  certificates: readonly string[],
  id: string,
): string {
  const { organization } = entity;
  const logout = singleLogoutUrl(publicUrl, entity);
  return xml`<md:EntityDescriptor xmlns:md="${NS.md}" xmlns:ds="${NS.ds}" xmlns:spid="${SPID_NS}" ID="${id}" entityID="${entity.entityId}"><md:SPSSODescriptor protocolSupportEnumeration="${NS.samlp}" AuthnRequestsSigned="true" WantAssertionsSigned="true">${certificates.map(
    (certificate) =>
      xml`<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
  )}<md:SingleLogoutService Binding="${BINDING.redirect}" Location="${logout}"/><md:SingleLogoutService Binding="${BINDING.post}" Location="${logout}"/><md:NameIDFormat>${NAMEID_TRANSIENT}</md:NameIDFormat><md:AssertionConsumerService Binding="${BINDING.post}" Location="${assertionConsumerUrl(publicUrl, entity)}" index="0" isDefault="true"/>${entity.attributeSets.map(
    (set) =>
      xml`<md:AttributeConsumingService index="${set.index}"><md:ServiceName xml:lang="it">${set.name}</md:ServiceName>${set.attributes.map(
        (name) => xml`<md:RequestedAttribute Name="${name}" NameFormat="${ATTRNAME_BASIC}"/>`,
      )}</md:AttributeConsumingService>`,
  )}</md:SPSSODescriptor><md:Organization>${perLanguage('OrganizationName', organization.name)}${perLanguage('OrganizationDisplayName', organization.displayName)}${perLanguage('OrganizationURL', organization.url)}</md:Organization>${contacts(entity)}</md:EntityDescriptor>`.toString();
}

function perLanguage(element: string, text: Localised): Xml[] {
  const name = `md:${element}`;
  return LANGUAGES.map((language) => xml`<${name} xml:lang="${language}">${text[language]}</${name}>`);
}

/**
 * Who answers for the body. Exactly one contact, "other", for a service provider of its own (spid-sp-metadata, 2.3);
 * two for a body that takes part through an aggregator, whose company is, character for character, its organisation
 * (spid-aggregator, 3).
 */
function contacts({ aggregator, contact, organization }: Entity): Xml {
  if (!aggregator)
    return xml`<md:ContactPerson contactType="other">${extensions(contact, 'Public')}${reachedBy(contact)}</md:ContactPerson>`;
  return xml`<md:ContactPerson contactType="other" spid:entityType="spid:aggregator">${extensions(aggregator.contact, 'PublicServicesFullAggregator')}<md:Company>${aggregator.name}</md:Company>${reachedBy(aggregator.contact)}</md:ContactPerson><md:ContactPerson contactType="other" spid:entityType="spid:aggregated">${extensions(contact, 'Public')}<md:Company>${organization.name.it}</md:Company>${reachedBy(contact)}</md:ContactPerson>`;
}

/** The body's codes; the empty element at the end says as what it takes part. */
function extensions({ ipaCode, vatNumber, fiscalCode }: Entity['contact'], kind: string): Xml {
  const element = `spid:${kind}`;
  return xml`<md:Extensions><spid:IPACode>${ipaCode}</spid:IPACode>${vatNumber && xml`<spid:VATNumber>${vatNumber}</spid:VATNumber>`}${fiscalCode && xml`<spid:FiscalCode>${fiscalCode}</spid:FiscalCode>`}<${element}/></md:Extensions>`;
}

function reachedBy({ email, telephone }: Entity['contact']): Xml {
  return xml`<md:EmailAddress>${email}</md:EmailAddress>${telephone && xml`<md:TelephoneNumber>${telephone}</md:TelephoneNumber>`}`;
}

/**
 * Builds and signs in one go: the bytes to store (spid-sp-metadata, 4).
 * @throws Misconfigured `metadata_signer` when the key's certificate is not among those published: whoever holds this
 *   metadata could verify neither it nor the requests signed with that key
 */
export function sealMetadata(
  entity: Entity,
  publicUrl: string,
  certificates: readonly string[],
  key: SigningKey,
): Uint8Array {
  if (!certificates.includes(key.certificate)) {
    throw new Misconfigured(
      'metadata_signer',
      `entity ${entity.id}: the certificate of its signing key is not among those its metadata publishes`,
    );
  }
  return Buffer.from(signEnveloped(buildMetadata(entity, publicUrl, certificates, newId()), key, 'first'));
}
