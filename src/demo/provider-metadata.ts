import { generateKeyPair, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import { ATTRIBUTE_NAMES } from '../identity/attributes.ts';
import type { Localised } from '../identity/language.ts';
import { selfSignedCertificate } from '../keys/certificate.ts';
import type { Clock } from '../operations/clock.ts';
import { newId, xml } from '../saml/documents.ts';
import { BINDING, NAMEID_TRANSIENT, NS } from '../saml/names.ts';
import { signEnveloped, type SigningKey } from '../saml/signature.ts';

/** What the provider is called in its metadata and on its pages, unless it is told otherwise. */
export const PROVIDER_NAME: Localised = { it: 'Gestore SPID di prova', en: 'Trial SPID provider' };

/** A key that lives as long as the process: nobody shall ever trust it for anything else. */
export async function createProviderKey(url: string, clock: Clock): Promise<SigningKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const subject = {
    commonName: PROVIDER_NAME.it,
    organizationName: PROVIDER_NAME.it,
    entityId: url,
    ipaCode: 'demo',
    locality: 'Pontedera',
  };
  const certificate = new X509Certificate(await selfSignedCertificate(subject, privateKey, clock.now(), 1));
  return { privateKey, certificate: certificate.raw.toString('base64') };
}

/** Signed metadata of the provider, as AgID would hand it out. */
export function providerMetadata(url: string, name: string, key: SigningKey): string {
  const bindings = [BINDING.post, BINDING.redirect];
  const organization = (element: string, value: string) =>
    xml`<md:${element} xml:lang="it">${value}</md:${element}>`;
  const document = xml`<md:EntityDescriptor xmlns:md="${NS.md}" xmlns:ds="${NS.ds}" xmlns:saml="${NS.saml}" ID="${newId()}" entityID="${url}"><md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="${NS.samlp}"><md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${key.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>${bindings.map(
    (binding) => xml`<md:SingleLogoutService Binding="${binding}" Location="${url}/slo"/>`,
  )}<md:NameIDFormat>${NAMEID_TRANSIENT}</md:NameIDFormat>${bindings.map(
    (binding) => xml`<md:SingleSignOnService Binding="${binding}" Location="${url}/sso"/>`,
  )}${ATTRIBUTE_NAMES.map((name) => xml`<saml:Attribute Name="${name}"/>`)}</md:IDPSSODescriptor><md:Organization>${organization('OrganizationName', name)}${organization('OrganizationDisplayName', name)}${organization('OrganizationURL', url)}</md:Organization></md:EntityDescriptor>`;
  return signEnveloped(document.toString(), key, 'first');
}
