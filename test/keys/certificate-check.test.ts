import 'reflect-metadata';
import { generateKeyPairSync, X509Certificate, type webcrypto } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import * as asn1 from '@peculiar/asn1-x509';
import * as x509 from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { checkCertificate } from '../../src/keys/certificate-check.ts';
import { selfSignedCertificate } from '../../src/keys/certificate.ts';
import { NOW, SUBJECT } from './fixtures.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
};
const SERIAL = '4a';
const { KeyUsageFlags } = x509;
const SEAL = KeyUsageFlags.digitalSignature | KeyUsageFlags.nonRepudiation;

const NAMES: x509.JsonName = [
  { O: [SUBJECT.organizationName] },
  { CN: [SUBJECT.commonName] },
  { '2.5.4.83': [SUBJECT.entityId] },
  { '2.5.4.97': [`PA:IT-${SUBJECT.ipaCode}`] },
  { C: ['IT'] },
  { L: [SUBJECT.locality] },
];

function policies(critical: boolean, ...oids: string[]): x509.Extension {
  const listed = oids.map((policyIdentifier) => new asn1.PolicyInformation({ policyIdentifier }));
  const value = AsnConvert.serialize(new asn1.CertificatePolicies(listed));
  return new x509.Extension(asn1.id_ce_certificatePolicies, critical, value);
}

/** A certificate made here, right in everything but what the case changes. */
interface Recipe {
  readonly algorithm?: webcrypto.RsaHashedKeyGenParams | webcrypto.EcKeyGenParams;
  readonly hash?: string;
  readonly names?: x509.JsonName;
  readonly constraints?: x509.Extension | null;
  readonly usage?: x509.Extension | null;
  readonly policies?: x509.Extension | null;
  readonly keyIdentifier?: null;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

async function certificateOf(recipe: Recipe): Promise<Uint8Array> {
  const algorithm = recipe.algorithm ?? RSA;
  const generated = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  if (!('publicKey' in generated)) throw new TypeError('not a pair of keys');
  const keys = generated;
  const extensions = [
    recipe.constraints === undefined
      ? new x509.BasicConstraintsExtension(false, undefined, false)
      : recipe.constraints,
    recipe.usage === undefined ? new x509.KeyUsagesExtension(SEAL, true) : recipe.usage,
    recipe.policies === undefined ? policies(false, '1.3.76.16.6', '1.3.76.16.4.2.1') : recipe.policies,
    recipe.keyIdentifier === undefined
      ? await x509.SubjectKeyIdentifierExtension.create(keys.publicKey)
      : null,
  ];
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: SERIAL,
    name: new x509.Name(recipe.names ?? NAMES),
    notBefore: recipe.notBefore ?? NOW,
    notAfter: recipe.notAfter ?? new Date(NOW.getTime() + DAY_MS),
    signingAlgorithm: { ...algorithm, hash: recipe.hash ?? 'SHA-256' },
    keys,
    extensions: extensions.filter((extension) => extension !== null),
  });
  return new Uint8Array(certificate.rawData);
}

const broken = async (der: Uint8Array, now = new Date(NOW.getTime() + 1000)) =>
  (await checkCertificate(der, SUBJECT, now)).map(({ key }) => key);

const without = (name: string) => NAMES.filter((names) => !(name in names));
const naming = (name: string, value: string) => [...without(name), { [name]: [value] }];

describe('certificates of public service providers, section 5', () => {
  it('are accepted as this gateway makes them, from the moment they are made', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const certificate = new X509Certificate(await selfSignedCertificate(SUBJECT, privateKey, NOW, 2));
    expect(await checkCertificate(certificate.raw, SUBJECT, NOW)).toEqual([]);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });

  it('are accepted as others make them, with SHA-256 or SHA-512', async () => {
    expect(await broken(await certificateOf({}))).toEqual([]);
    expect(
      await broken(await certificateOf({ algorithm: { ...RSA, hash: 'SHA-512' }, hash: 'SHA-512' })),
    ).toEqual([]);
  });

  it.each<[string, Recipe, string[]]>([
    ['an RSA key of 1024 bits', { algorithm: { ...RSA, modulusLength: 1024 } }, ['key']],
    ['an RSA key of a size in between', { algorithm: { ...RSA, modulusLength: 2560 } }, ['key']],
    ['an EC key', { algorithm: { name: 'ECDSA', namedCurve: 'P-256' } }, ['key', 'signature']],
    ['a signature with SHA-1', { algorithm: { ...RSA, hash: 'SHA-1' }, hash: 'SHA-1' }, ['signature']],
    ['no commonName', { names: without('CN') }, ['subject.commonName']],
    ['two commonNames', { names: [...NAMES, { CN: ['x'] }] }, ['subject.commonName']],
    ['another organizationName', { names: naming('O', 'Comune') }, ['subject.organizationName']],
    ['no uri', { names: without('2.5.4.83') }, ['subject.uri']],
    ['another entityID', { names: naming('2.5.4.83', 'https://evil.example') }, ['subject.uri']],
    ['another IPA code', { names: naming('2.5.4.97', 'PA:IT-c_h501') }, ['subject.organizationIdentifier']],
    [
      'a VAT number for a body',
      { names: naming('2.5.4.97', 'VATIT-01234567890') },
      ['subject.organizationIdentifier'],
    ],
    ['another country', { names: [...without('C'), { C: ['FR'] }] }, ['subject.countryName']],
    ['another city', { names: naming('L', 'Forli') }, ['subject.localityName']],
    ['a surname', { names: naming('2.5.4.4', 'Rossi') }, ['subject.surname']],
    ['an e-mail address', { names: naming('1.2.840.113549.1.9.1', 'a@b.it') }, ['subject.emailAddress']],
    ['names thrown together', { names: [Object.assign({}, ...NAMES) as x509.JsonName[number]] }, ['subject']],
    ['no basicConstraints', { constraints: null }, ['basicConstraints']],
    [
      'critical basicConstraints',
      { constraints: new x509.BasicConstraintsExtension(false, undefined, true) },
      ['basicConstraints'],
    ],
    [
      'an authority',
      { constraints: new x509.BasicConstraintsExtension(true, 0, false) },
      ['basicConstraints.cA', 'basicConstraints.pathLen'],
    ],
    ['no keyUsage', { usage: null }, ['keyUsage']],
    ['keyUsage that is not critical', { usage: new x509.KeyUsagesExtension(SEAL, false) }, ['keyUsage']],
    [
      'no nonRepudiation',
      { usage: new x509.KeyUsagesExtension(KeyUsageFlags.digitalSignature, true) },
      ['keyUsage'],
    ],
    [
      'one usage too many',
      { usage: new x509.KeyUsagesExtension(SEAL | KeyUsageFlags.keyEncipherment, true) },
      ['keyUsage'],
    ],
    ['no policies', { policies: null }, ['certificatePolicies', 'certificatePolicies']],
    [
      'critical policies',
      { policies: policies(true, '1.3.76.16.6', '1.3.76.16.4.2.1') },
      ['certificatePolicies'],
    ],
    [
      'the policy of a private body',
      { policies: policies(false, '1.3.76.16.6', '1.3.76.16.4.3.1') },
      ['certificatePolicies'],
    ],
    [
      'policies that cannot be read',
      { policies: new x509.Extension(asn1.id_ce_certificatePolicies, false, new Uint8Array([1, 2])) },
      ['certificate'],
    ],
    ['no key identifier', { keyIdentifier: null }, ['subjectKeyIdentifier']],
    ['a day that has passed', { notBefore: new Date(NOW.getTime() - DAY_MS), notAfter: NOW }, ['validity']],
    [
      'a day to come',
      { notBefore: new Date(NOW.getTime() + DAY_MS), notAfter: new Date(NOW.getTime() + 2 * DAY_MS) },
      ['validity'],
    ],
  ])('are named as wrong with %s', async (_what, recipe, keys) => {
    expect(await broken(await certificateOf(recipe))).toEqual(keys);
  });

  it.each([
    ['negative', 'ff'],
    ['zero', '00'],
  ])('are named as wrong with a serial number that is %s', async (_what, serial) => {
    const der = Buffer.from(await certificateOf({}));
    // No library makes such a number: it is written over the one that is there.
    der.set(Buffer.from(serial, 'hex'), der.indexOf(Buffer.from(`0201${SERIAL}`, 'hex')) + 2);
    expect(await broken(der)).toEqual(['serialNumber']);
  });

  it('are named as wrong when they are no certificates', async () => {
    expect(await broken(Buffer.from('MII'))).toEqual(['certificate']);
    expect(await broken(Buffer.alloc(0))).toEqual(['certificate']);
  });

  it('say what was found and what is allowed, and cite the rule', async () => {
    const der = await certificateOf({ names: naming('L', 'Forli') });
    expect(await checkCertificate(der, SUBJECT, NOW)).toEqual([
      {
        rule: 'spid-sp-metadata 5',
        key: 'subject.localityName',
        demand: 'value',
        found: 'Forli',
        allowed: 'Forlì',
      },
    ]);
  });
});
