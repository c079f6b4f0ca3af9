import { assertionConsumerUrl, singleLogoutUrl, type Entity } from '../../entities/entity.ts';
import { LANGUAGES, type Localised } from '../../identity/language.ts';
import { Misconfigured } from '../../operations/errors.ts';
import { newId, xml, type Xml } from '../../saml/documents.ts';
import { ATTRNAME_BASIC, BINDING, NAMEID_TRANSIENT, NS } from '../../saml/names.ts';
import { signEnveloped, type SigningKey } from '../../saml/signature.ts';
import { SPID_NS } from './names.ts';

/**
 * Metadata of a public service provider, in the order that AgID's schema demands (spid-sp-metadata, 2). No validity
 * date: the copies that providers hold must not run out.
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
  )}</md:SPSSODescriptor><md:Organization>${perLanguage('OrganizationName', organization.name)}${perLanguage('OrganizationDisplayName', organization.displayName)}${perLanguage('OrganizationURL', organization.url)}</md:Organization>${contact(entity)}</md:EntityDescriptor>`.toString();
}

function perLanguage(element: string, text: Localised): Xml[] {
  const name = `md:${element}`;
  return LANGUAGES.map((language) => xml`<${name} xml:lang="${language}">${text[language]}</${name}>`);
}

/** Exactly one contact, "other", with the body's codes; the empty spid:Public says it is a public body (2.3). */
function contact({ contact: { ipaCode, vatNumber, fiscalCode, email, telephone } }: Entity): Xml {
  return xml`<md:ContactPerson contactType="other"><md:Extensions><spid:IPACode>${ipaCode}</spid:IPACode>${vatNumber && xml`<spid:VATNumber>${vatNumber}</spid:VATNumber>`}${fiscalCode && xml`<spid:FiscalCode>${fiscalCode}</spid:FiscalCode>`}<spid:Public/></md:Extensions><md:EmailAddress>${email}</md:EmailAddress>${telephone && xml`<md:TelephoneNumber>${telephone}</md:TelephoneNumber>`}</md:ContactPerson>`;
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
