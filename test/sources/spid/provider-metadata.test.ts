import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { signEnveloped } from '../../../src/saml/signature.ts';
import { readIdentityProviders } from '../../../src/sources/spid/provider-metadata.ts';
import {
  aggregateXml,
  CREATED,
  endpoint,
  newKey,
  organizationXml,
  providerXml,
  type TestKey,
} from './fixtures.ts';

let current: TestKey;
let expired: TestKey;
let weak: TestKey;
let registry: TestKey;
beforeAll(async () => {
  [current, expired, weak, registry] = await Promise.all([
    newKey('idp'),
    newKey('idp-old', { from: '2019-01-01T00:00:00Z' }),
    newKey('idp-weak', { bits: 1024 }),
    newKey('registry'),
  ]);
});

const read = (xml: string, ...signers: TestKey[]) =>
  readIdentityProviders(Buffer.from(xml), signers.length > 0 ? signers.map((s) => s.publicKey) : undefined);

const signing = (...keys: TestKey[]) => keys.map(({ certificate }) => ({ use: 'signing', certificate }));

const named = (entityId: string) => providerXml({ entityId, keys: signing(current) });

describe('metadata of identity providers (spid-registry-and-idps, 1.3)', () => {
  it('gives everything one provider says about itself', () => {
    const { providers, problems } = read(providerXml({ keys: signing(current) }));
    expect(problems).toEqual([]);
    expect(providers).toEqual([
      {
        entityId: 'https://idp.example.it',
        name: 'https://idp.example.it',
        singleSignOn: {
          post: 'https://idp.example.it/sso/post',
          redirect: 'https://idp.example.it/sso/redirect',
        },
        singleLogout: {
          post: {
            location: 'https://idp.example.it/slo',
            responseLocation: 'https://idp.example.it/slo/response',
          },
          redirect: { location: 'https://idp.example.it/slo' },
        },
        signingKeys: [expect.anything()],
        certificates: [
          expect.objectContaining({
            fingerprint: new X509Certificate(current.certificatePem).fingerprint256
              .replaceAll(':', '')
              .toLowerCase(),
            subject: expect.stringContaining('CN=idp,') as string,
            notAfter: new Date('2027-01-01T00:00:00Z'),
          }) as object,
        ],
        declaredAttributes: ['fiscalNumber', 'name'],
        metadata: expect.any(Uint8Array) as Uint8Array,
        metadataHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      },
    ]);
    expect(providers[0]?.signingKeys[0]?.equals(current.publicKey)).toBe(true);
  });

  it('gives every provider of an aggregate, and when it was made', () => {
    const { providers, creationInstant } = read(
      aggregateXml([named('https://a.example.it'), named('https://b.example.it')]),
    );
    expect(providers.map(({ entityId }) => entityId)).toEqual([
      'https://a.example.it',
      'https://b.example.it',
    ]);
    expect(creationInstant).toEqual(new Date(CREATED));
  });

  it('tells one version of a provider from another, however the rest of the file looks', () => {
    const hashOf = (xml: string) => read(xml).providers.map(({ metadataHash }) => metadataHash);
    const alone = hashOf(named('https://a.example.it'));
    expect(hashOf(aggregateXml([named('https://a.example.it'), named('https://b.example.it')]))[0]).toBe(
      alone[0],
    );
    expect(hashOf(providerXml({ entityId: 'https://a.example.it', keys: signing(expired) }))).not.toEqual(
      alone,
    );
  });

  it('takes every signing key during a rollover, expired certificates and keys without use included', () => {
    const { providers, problems } = read(
      providerXml({
        keys: [...signing(current, current), { use: '', certificate: expired.certificate }],
      }),
    );
    expect(problems).toEqual([]);
    expect(providers[0]?.certificates.map(({ notAfter }) => notAfter.getUTCFullYear())).toEqual([2027, 2020]);
    expect(providers[0]?.signingKeys).toHaveLength(2);
  });

  it('takes no key that is for encryption only', () => {
    const keys = [...signing(current), { use: 'encryption', certificate: expired.certificate }];
    expect(read(providerXml({ keys })).providers[0]?.certificates).toHaveLength(1);
  });

  it('drops a key below RSA 2048 and says so, keeping the others', () => {
    const { providers, problems } = read(providerXml({ keys: signing(weak, current) }));
    expect(providers[0]?.signingKeys.map((key) => key.equals(current.publicKey))).toEqual([true]);
    expect(problems).toEqual([
      'https://idp.example.it: a signing key was dropped: neither RSA of 2048 bits or more nor EC',
    ]);
  });

  it.each([
    ['is no base64', '@@@@'],
    ['is base64 of something else', 'bm90IGEgY2VydGlmaWNhdGU='],
    [
      'is a bare key',
      generateKeyPairSync('rsa', { modulusLength: 2048 })
        .publicKey.export({ type: 'spki', format: 'der' })
        .toString('base64'),
    ],
    ['is empty', ''],
  ])('leaves out a provider whose only certificate %s', (_, certificate) => {
    const { providers, problems } = read(providerXml({ keys: [{ use: 'signing', certificate }] }));
    expect(providers).toEqual([]);
    expect(problems).toEqual([
      'https://idp.example.it: a signing certificate was dropped: it cannot be read',
      'https://idp.example.it: left out: no usable signing key',
    ]);
  });

  it('keeps the good providers when others are bad', () => {
    const { providers, problems } = read(
      aggregateXml([
        providerXml({ entityId: 'https://no-key.example.it', keys: [] }),
        named('https://good.example.it'),
        providerXml({ entityId: 'https://no-endpoint.example.it', keys: signing(current), endpoints: '' }),
        named('').replace(' entityID=""', ''),
      ]),
    );
    expect(providers.map(({ entityId }) => entityId)).toEqual(['https://good.example.it']);
    expect(problems).toEqual([
      'https://no-key.example.it: left out: no usable signing key',
      'https://no-endpoint.example.it: left out: no usable SingleSignOnService by POST or Redirect',
      'an identity provider without entityID',
    ]);
  });

  it('is content with one binding', () => {
    const endpoints = endpoint('SingleSignOnService', 'HTTP-Redirect', 'https://idp.example.it/sso');
    const [provider] = read(providerXml({ keys: signing(current), endpoints })).providers;
    expect(provider?.singleSignOn).toEqual({ redirect: 'https://idp.example.it/sso' });
    expect(provider?.singleLogout).toEqual({});
  });

  it.each(['javascript:alert(1)', 'http://idp.example.it/sso', '/sso', 'data:text/html,x', ''])(
    'never sends a citizen to "%s"',
    (location) => {
      const endpoints =
        endpoint('SingleSignOnService', 'HTTP-POST', location) +
        endpoint('SingleSignOnService', 'HTTP-Redirect', 'https://idp.example.it/sso');
      const { providers, problems } = read(providerXml({ keys: signing(current), endpoints }));
      expect(providers[0]?.singleSignOn).toEqual({ redirect: 'https://idp.example.it/sso' });
      expect(problems).toEqual([
        'https://idp.example.it: a SingleSignOnService was dropped: its Location is no https URL',
      ]);
    },
  );

  it('accepts http on this machine, for trials', () => {
    const endpoints = endpoint('SingleSignOnService', 'HTTP-POST', 'http://127.0.0.1:3001/sso');
    const [provider] = read(providerXml({ keys: signing(current), endpoints })).providers;
    expect(provider?.singleSignOn.post).toBe('http://127.0.0.1:3001/sso');
  });

  it('tolerates foreign children in Extensions, but takes no provider from them', () => {
    const extensions = `<md:Extensions><Purpose>P</Purpose>${named('https://hidden.example.it')}</md:Extensions>`;
    const { providers, problems } = read(aggregateXml([providerXml({ keys: signing(current), extensions })]));
    expect(providers.map(({ entityId }) => entityId)).toEqual(['https://idp.example.it']);
    expect(problems).toEqual([]);
  });

  it('ignores other roles and other protocols, and says when nothing is left', () => {
    const saml1 = providerXml({ keys: signing(current), protocols: 'urn:oasis:names:tc:SAML:1.1:protocol' });
    const service = named('https://sp.example.it').replaceAll('IDPSSODescriptor', 'SPSSODescriptor');
    expect(read(aggregateXml([saml1, service]))).toMatchObject({
      providers: [],
      problems: ['no identity provider in it'],
    });
  });

  it.each(['<a/>', '<EntityDescriptor/>', '<EntitiesDescriptor xmlns="urn:example"/>'])(
    'finds nothing in %s',
    (xml) => {
      expect(read(xml)).toEqual({ providers: [], leftOut: [], problems: ['no identity provider in it'] });
    },
  );

  it('refuses a document type declaration', () => {
    const xml = `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>${named('https://a.example.it')}`;
    expect(() => read(xml)).toThrowError(
      expect.objectContaining({ code: 'invalid_xml', fault: 'doctype' }) as Error,
    );
  });
});

describe('name of an identity provider (spid-registry-and-idps, 3)', () => {
  it.each([
    [
      'the Italian one first',
      [
        ['en', 'Example'],
        ['it', 'Esempio'],
      ],
      'Esempio',
    ],
    [
      'else the English one',
      [
        ['de', 'Beispiel'],
        ['en', 'Example'],
      ],
      'Example',
    ],
    ['else any', [['de', 'Beispiel']], 'Beispiel'],
    [
      'the legal one when the display name is an address',
      [['it', 'https://idp.example.it']],
      'https://idp.example.it S.p.A.',
    ],
  ] as const)('is %s', (_, names, expected) => {
    const organization = organizationXml(names);
    expect(read(providerXml({ keys: signing(current), organization })).providers[0]?.name).toBe(expected);
  });

  it('is the name citizens know, where it is known', () => {
    const organization = organizationXml([['it', 'Poste Italiane SpA']]);
    const shape = { entityId: 'https://posteid.poste.it', keys: signing(current), organization };
    expect(read(providerXml(shape)).providers[0]?.name).toBe('Poste ID');
  });
});

describe('a signed aggregate (spid-registry-and-idps, 1.2 and 1.3)', () => {
  const signed = (...entityIds: string[]) =>
    signEnveloped(aggregateXml(entityIds.map(named)), registry, 'first');
  const refused = expect.objectContaining({ name: 'Misconfigured', code: 'metadata_signature' }) as Error;

  it('is read when a trusted signer signed its root, one of several', () => {
    const xml = signed('https://a.example.it', 'https://b.example.it');
    expect(read(xml, expired, registry).providers).toHaveLength(2);
  });

  it('is refused when it is not signed, or signed by somebody else', () => {
    expect(() => read(aggregateXml([named('https://a.example.it')]), registry)).toThrowError(refused);
    expect(() => read(signed('https://a.example.it'), current)).toThrowError(refused);
  });

  it('is refused when anything was changed after signing', () => {
    const xml = signed('https://a.example.it').replace('/sso/post', '/sso/pos7');
    expect(() => read(xml, registry)).toThrowError(refused);
  });

  it('is refused when only an entity in it carries the signature', () => {
    const entity = signEnveloped(
      named('https://a.example.it').replace(' entityID', ' ID="_e" entityID'),
      registry,
      'first',
    );
    expect(read(entity, registry).providers).toHaveLength(1);
    expect(() => read(aggregateXml([entity]), registry)).toThrowError(refused);
  });

  it('is refused when a genuine aggregate is wrapped in a forged one', () => {
    const genuine = signed('https://a.example.it').replace(/^<\?xml.*?\?>\s*/, '');
    const signature = /<ds:Signature.*?<\/ds:Signature>/s.exec(genuine)?.[0] ?? '';
    const forged = aggregateXml([named('https://evil.example.it'), genuine]).replace(
      '<md:Extensions>',
      `${signature}<md:Extensions>`,
    );
    expect(() => read(forged, registry)).toThrowError(refused);
  });
});

describe('the provider of CIE', () => {
  const CIE = 'https://idserver.servizicie.interno.gov.it/idp/profile/SAML2/POST/SSO';

  it('is not offered as one of SPID: it is another system with a button of its own', () => {
    const { providers, problems } = read(aggregateXml([named(CIE), named('https://idp.example.it')]));
    expect(providers.map(({ entityId }) => entityId)).toEqual(['https://idp.example.it']);
    expect(problems).toEqual([expect.stringMatching(/^https:\/\/idserver.*the provider of CIE/)]);
  });
});

// Real data stands beside the repository on some machines, never in it.
const DATA = resolve(import.meta.dirname, '../../../../shared/data');
const AGGREGATE = `${DATA}/spid-entities-idps-2025-11-25.xml`;

describe.skipIf(!existsSync(AGGREGATE))("AgID's aggregate of 25 November 2025", () => {
  const bytes = existsSync(AGGREGATE) ? readFileSync(AGGREGATE) : Buffer.of();

  it('gives all twelve providers by the names citizens know', () => {
    const { providers, problems, creationInstant } = readIdentityProviders(bytes);
    expect(problems).toEqual([]);
    expect(providers.map(({ name }) => name).sort()).toEqual([
      'Aruba ID',
      'Etna ID',
      'ID InfoCamere',
      'InfoCert ID',
      'Intesi Group SPID',
      'Lepida ID',
      'Namirial ID',
      'Poste ID',
      'Sielte ID',
      'SpidItalia',
      'TIM ID',
      'TeamSystem ID',
    ]);
    expect(creationInstant).toEqual(new Date('2025-11-25T16:00:40Z'));
    for (const { singleSignOn, singleLogout } of providers) {
      expect(Object.keys(singleSignOn)).toEqual(['post', 'redirect']);
      expect(Object.keys(singleLogout)).toEqual(['post', 'redirect']);
    }
    expect(providers.reduce((sum, { signingKeys }) => sum + signingKeys.length, 0)).toBe(16);
  });

  it('gives the same when its signature is required, and nothing with another signer', () => {
    const embedded = /<ds:X509Certificate>([^<]+)/.exec(bytes.toString())?.[1] ?? '';
    const agid = new X509Certificate(Buffer.from(embedded, 'base64'));
    expect(agid.fingerprint256).toBe(
      'A6:74:54:A2:60:79:5B:EA:0C:84:15:BD:D9:60:3A:6E:5B:10:B8:BB:EC:69:D5:DD:18:34:98:09:9E:A7:9E:5F',
    );
    const hashes = (read: ReturnType<typeof readIdentityProviders>) =>
      read.providers.map(({ entityId, metadataHash }) => [entityId, metadataHash]);
    expect(hashes(readIdentityProviders(bytes, [agid.publicKey]))).toEqual(
      hashes(readIdentityProviders(bytes)),
    );
    expect(() => readIdentityProviders(bytes, [registry.publicKey])).toThrowError(
      /not signed by a trusted signer/,
    );
  });

  it('differs from the table of the specification nowhere', () => {
    const found = new Map(readIdentityProviders(bytes).providers.map((p) => [p.entityId, p]));
    expect(found.get('https://id.lepida.it/idp/shibboleth')?.singleSignOn).toEqual({
      post: 'https://id.lepida.it/idp/profile/SAML2/POST/SSO',
      redirect: 'https://id.lepida.it/idp/profile/SAML2/Redirect/SSO',
    });
    expect(found.get('https://posteid.poste.it')?.singleLogout.post).toEqual({
      location: 'https://posteid.poste.it/jod-fs/sloservicepost',
      responseLocation: 'https://posteid.poste.it/jod-fs/sloserviceresponsepost',
    });
    const days = found
      .get('https://identity.sieltecloud.it')
      ?.certificates.map(({ notAfter }) => notAfter.toISOString().slice(0, 10));
    expect(days?.sort()).toEqual(['2025-12-13', '2032-05-18']);
  });
});
