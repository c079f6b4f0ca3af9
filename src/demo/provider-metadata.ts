import { generateKeyPair, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import { ATTRIBUTE_NAMES } from '../identity/attributes.ts';
import { selfSignedCertificate } from '../keys/certificate.ts';
import type { Clock } from '../operations/clock.ts';
import { newId, xml } from '../saml/documents.ts';
import { BINDING, NAMEID_TRANSIENT, NS } from '../saml/names.ts';
import { signEnveloped, type SigningKey } from '../saml/signature.ts';

/** What the provider is called in its metadata and on its pages. */
export const PROVIDER_NAME = 'Gestore SPID di prova';

/** A key that lives as long as the process: nobody shall ever trust it for anything else. */
export async function createProviderKey(url: string, clock: Clock): Promise<SigningKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const subject = {
    commonName: PROVIDER_NAME,
    organizationName: PROVIDER_NAME,
    entityId: url,
    ipaCode: 'demo',
    locality: 'Pontedera',
  };
  const certificate = new X509Certificate(await selfSignedCertificate(subject, privateKey, clock.now(), 1));
  return { privateKey, certificate: certificate.raw.toString('base64') };
}

/** Signed metadata of the provider, as AgID would hand it out. */
export function providerMetadata(url: string, key: SigningKey): string {
  const bindings = [BINDING.post, BINDING.redirect];
  const organization = (element: string, value: string) =>
    xml`<md:${element} xml:lang="it">${value}</md:${element}>`;
  const document = xml`<md:EntityDescriptor xmlns:md="${NS.md}" xmlns:ds="${NS.ds}" xmlns:saml="${NS.saml}" ID="${newId()}" entityID="${url}"><md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="${NS.samlp}"><md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${key.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>${bindings.map(
    (binding) => xml`<md:SingleLogoutService Binding="${binding}" Location="${url}/slo"/>`,
  )}<md:NameIDFormat>${NAMEID_TRANSIENT}</md:NameIDFormat>${bindings.map(
    (binding) => xml`<md:SingleSignOnService Binding="${binding}" Location="${url}/sso"/>`,
  )}${ATTRIBUTE_NAMES.map((name) => xml`<saml:Attribute Name="${name}"/>`)}</md:IDPSSODescriptor><md:Organization>${organization('OrganizationName', PROVIDER_NAME)}${organization('OrganizationDisplayName', PROVIDER_NAME)}${organization('OrganizationURL', url)}</md:Organization></md:EntityDescriptor>`;
  return signEnveloped(document.toString(), key, 'first');
}
