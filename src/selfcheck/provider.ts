import { generateKeyPair, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import { selfSignedCertificate } from '../keys/certificate.ts';
import type { Clock } from '../operations/clock.ts';
import { signElement, type SignerKey } from './signer.ts';

/** The identity provider that the self-check plays: never contacted, so its addresses need not exist. */
export interface TestProvider {
  readonly entityId: string;
  /** Where requests are to go, by POST and by Redirect. */
  readonly location: string;
  /** The key in its metadata. */
  readonly key: SignerKey;
  /** A key that is in nobody's metadata. */
  readonly foreign: SignerKey;
  readonly metadata: string;
}

const NAME = 'Autoverifica SPID';
const BINDINGS = 'urn:oasis:names:tc:SAML:2.0:bindings';

/** @param key the one of before, where the service provider trusts it already */
export async function testProvider(entityId: string, clock: Clock, key?: SignerKey): Promise<TestProvider> {
  const [own, foreign] = await Promise.all([
    key ?? newSignerKey(entityId, clock),
    newSignerKey(entityId, clock),
  ]);
  const location = `${entityId}/samlsso`;
  return { entityId, location, key: own, foreign, metadata: metadataOf(entityId, location, own) };
}

export async function newSignerKey(entityId: string, clock: Clock): Promise<SignerKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const subject = {
    commonName: NAME,
    organizationName: NAME,
    entityId,
    ipaCode: 'test',
    locality: 'Roma',
  };
  const pem = await selfSignedCertificate(subject, privateKey, clock.now(), 5);
  return { privateKey, certificate: new X509Certificate(pem).raw.toString('base64') };
}

function metadataOf(entityId: string, location: string, key: SignerKey): string {
  const bindings = ['HTTP-POST', 'HTTP-Redirect'];
  const endpoints = (service: string) =>
    bindings.map((name) => `<md:${service} Binding="${BINDINGS}:${name}" Location="${location}"/>`).join('');
  const organization = ['OrganizationName', 'OrganizationDisplayName']
    .map((element) => `<md:${element} xml:lang="it">${NAME}</md:${element}>`)
    .join('');
  const xml = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" ID="_metadata" entityID="${entityId}"><md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${key.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>${endpoints('SingleLogoutService')}<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>${endpoints('SingleSignOnService')}</md:IDPSSODescriptor><md:Organization>${organization}<md:OrganizationURL xml:lang="it">${entityId}</md:OrganizationURL></md:Organization></md:EntityDescriptor>`;
  return signElement(xml, '_metadata', key);
}
