import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import * as samlify from 'samlify';
import { beforeAll, describe, expect, it } from 'vitest';
import { singleLogoutUrl, type Entity } from '../../../src/entities/entity.ts';
import { selfSignedCertificate } from '../../../src/keys/certificate.ts';
import type { SigningKey } from '../../../src/saml/signature.ts';
import { sealMetadata } from '../../../src/sources/spid/metadata.ts';
import { buildAuthnRequest, departBy } from '../../../src/sources/spid/request.ts';

const PUBLIC = 'https://accesso.unione.example.it';
const same = (text: string) => ({ it: text, en: text });
const entity: Entity = {
  id: 'unione',
  entityId: `${PUBLIC}/spid`,
  organization: {
    name: same("Unione dell'Esempio"),
    displayName: same('Unione'),
    url: same('https://www.example.it'),
  },
  contact: { ipaCode: 'udc_x', email: 'accesso@example.it' },
  locality: 'Pontedera',
  attributeSets: [{ index: 0, name: 'Identificazione', attributes: ['spidCode', 'fiscalNumber'] }],
};

describe('another implementation of SAML (samlify)', () => {
  let key: SigningKey;
  let serviceProvider: ReturnType<typeof samlify.ServiceProvider>;

  beforeAll(async () => {
    samlify.setSchemaValidator({ validate: async () => 'the schema is checked elsewhere' });
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const subject = {
      commonName: 'Unione',
      organizationName: 'Unione',
      entityId: entity.entityId,
      ipaCode: 'udc_x',
      locality: 'Pontedera',
    };
    const certificate = new X509Certificate(
      await selfSignedCertificate(subject, privateKey, new Date('2026-01-01T00:00:00Z'), 1),
    );
    key = { privateKey, certificate: certificate.raw.toString('base64') };
    const metadata = Buffer.from(sealMetadata(entity, PUBLIC, [key.certificate], key)).toString();
    serviceProvider = samlify.ServiceProvider({ metadata });
  });

  it('reads from our metadata what we mean', () => {
    const { entityMeta } = serviceProvider;
    expect(entityMeta.getEntityID()).toBe(entity.entityId);
    expect(entityMeta.getAssertionConsumerService('post')).toBe(`${PUBLIC}/spid/unione/acs`);
    expect(entityMeta.getSingleLogoutService('redirect')).toBe(singleLogoutUrl(PUBLIC, entity));
    expect(entityMeta.getX509Certificate('signing')).toBe(key.certificate);
    expect([entityMeta.isAuthnRequestSigned(), entityMeta.isWantAssertionsSigned()]).toEqual([true, true]);
  });

  it.each(['post', 'redirect'] as const)(
    'accepts our authentication request by %s as signed by us',
    async (binding) => {
      const identityProvider = samlify.IdentityProvider({
        entityID: 'https://idp.example.it',
        signingCert: key.certificate,
        wantAuthnRequestsSigned: true,
        singleSignOnService: [
          {
            Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
            Location: 'https://idp.example.it/sso',
          },
          {
            Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
            Location: 'https://idp.example.it/sso',
          },
        ],
      });
      const destination = 'https://idp.example.it/sso';
      const xml = buildAuthnRequest({
        entity,
        id: '_0123456789abcdef0123456789abcdef',
        issueInstant: new Date('2026-03-05T18:03:10.531Z'),
        destination,
        level: 2,
        comparison: 'minimum',
        forceAuthn: true,
        acsIndex: 0,
        attributeSetIndex: 0,
      });
      const { departure } = departBy(binding, { xml, destination, relayState: 'opaque', key });
      const query =
        departure.kind === 'redirect' ? new URL(departure.url).searchParams : new URLSearchParams();
      const message =
        departure.kind === 'form'
          ? { body: departure.fields }
          : {
              query: Object.fromEntries(query),
              octetString: departure.url.split('?')[1]?.split('&Signature=')[0] ?? '',
            };
      const parsed = await identityProvider.parseLoginRequest(serviceProvider, binding, message);
      expect(parsed.extract).toMatchObject({
        issuer: entity.entityId,
        request: { id: '_0123456789abcdef0123456789abcdef', destination },
      });
    },
  );
});
