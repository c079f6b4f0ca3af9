import { generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto';
import type { Entity } from '../../../src/entities/entity.ts';
import { selfSignedCertificate } from '../../../src/keys/certificate.ts';
import type { SigningKey } from '../../../src/saml/signature.ts';

export const PUBLIC_URL = 'https://accesso.unione.example.it';

/** An invented body. */
export const ENTITY: Omit<Entity, 'aggregator'> = {
  id: 'unione',
  entityId: `${PUBLIC_URL}/spid`,
  organization: {
    name: { it: "Unione dei Comuni della Valle d'Esempio", en: 'Union of Municipalities of Example Valley' },
    displayName: { it: 'Unione Valle d’Esempio', en: 'Example Valley' },
    url: { it: 'https://www.unione.example.it/servizi', en: 'https://www.unione.example.it/en?a=1&b=2' },
  },
  contact: {
    ipaCode: 'udc_vdes',
    vatNumber: 'IT12345678903',
    fiscalCode: '12345678903',
    email: 'accesso-digitale@unione.example.it',
    telephone: '+390500000000',
  },
  locality: 'Esempio',
  attributeSets: [
    {
      index: 0,
      name: 'Identificazione',
      attributes: ['spidCode', 'name', 'familyName', 'fiscalNumber'],
    },
    { index: 3, name: 'Contatti', attributes: ['spidCode', 'fiscalNumber', 'email'] },
  ],
};

/** A key with a self-signed certificate, as an identity provider or a body has one. */
export interface TestKey extends SigningKey {
  readonly publicKey: KeyObject;
  readonly certificatePem: string;
  readonly privatePem: string;
}

export async function newKey(
  commonName: string,
  options: { bits?: number; from?: string } = {},
): Promise<TestKey> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: options.bits ?? 2048 });
  const subject = {
    commonName,
    organizationName: commonName,
    entityId: `https://${commonName}.example.it`,
    ipaCode: 'test',
    locality: 'Esempio',
  };
  const from = new Date(options.from ?? '2026-01-01T00:00:00Z');
  const certificatePem = await selfSignedCertificate(subject, privateKey, from, 1);
  return {
    privateKey,
    publicKey,
    certificatePem,
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: new X509Certificate(certificatePem).raw.toString('base64'),
  };
}

const MD = 'urn:oasis:names:tc:SAML:2.0:metadata';
const BINDINGS = 'urn:oasis:names:tc:SAML:2.0:bindings';

/** How one identity provider of a test describes itself; every part can be replaced by something worse. */
export interface ProviderShape {
  readonly entityId?: string;
  /** `KeyDescriptor` elements: use (empty for none) and certificate. */
  readonly keys: readonly { readonly use: string; readonly certificate: string }[];
  readonly endpoints?: string;
  readonly extensions?: string;
  readonly organization?: string;
  readonly attributes?: readonly string[];
  readonly protocols?: string;
}

export function endpoint(service: string, binding: string, location: string, more = ''): string {
  return `<md:${service} Binding="${BINDINGS}:${binding}" Location="${location}"${more}/>`;
}

/** A hand-written EntityDescriptor, white space and all. */
export function providerXml(shape: ProviderShape): string {
  const { entityId = 'https://idp.example.it' } = shape;
  const keys = shape.keys.map(
    ({ use, certificate }) =>
      `<md:KeyDescriptor${use && ` use="${use}"`}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>
        ${certificate.replace(/.{64}/g, '$&\n        ')}
      </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
  );
  const endpoints =
    shape.endpoints ??
    endpoint('SingleLogoutService', 'SOAP', `${entityId}/slo/soap`) +
      endpoint(
        'SingleLogoutService',
        'HTTP-POST',
        `${entityId}/slo`,
        ` ResponseLocation="${entityId}/slo/response"`,
      ) +
      endpoint('SingleLogoutService', 'HTTP-Redirect', `${entityId}/slo`) +
      endpoint('SingleSignOnService', 'HTTP-POST', `${entityId}/sso/post`) +
      endpoint('SingleSignOnService', 'HTTP-Redirect', `${entityId}/sso/redirect`);
  return `<md:EntityDescriptor xmlns:md="${MD}" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="${entityId}">
    ${shape.extensions ?? ''}
    <md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="${shape.protocols ?? 'urn:oasis:names:tc:SAML:2.0:protocol'}">
      ${keys.join('\n')}
      ${endpoints}
      ${(shape.attributes ?? ['fiscalNumber', 'name', 'name'])
        .map((name) => `<saml:Attribute xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Name="${name}"/>`)
        .join('')}
    </md:IDPSSODescriptor>
    ${shape.organization ?? ''}
  </md:EntityDescriptor>`;
}

export function organizationXml(names: readonly (readonly [language: string, display: string])[]): string {
  const each = (element: string, text: (display: string) => string) =>
    names
      .map(([lang, display]) => `<md:${element} xml:lang="${lang}">${text(display)}</md:${element}>`)
      .join('');
  return `<md:Organization>${each('OrganizationName', (d) => `${d} S.p.A.`)}${each('OrganizationDisplayName', (d) => d)}</md:Organization>`;
}

export const CREATED = '2026-03-01T10:00:00Z';

export function aggregateXml(entities: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<md:EntitiesDescriptor xmlns:md="${MD}" ID="_aggregate"><md:Extensions><mdrpi:PublicationInfo
  xmlns:mdrpi="urn:oasis:names:tc:SAML:metadata:rpi" creationInstant="${CREATED}" publisher="registry.example.it"/></md:Extensions>
${entities.join('\n')}
</md:EntitiesDescriptor>`;
}
