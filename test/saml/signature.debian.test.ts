import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NS } from '../../src/saml/names.ts';
import { signEnveloped, verifyEnveloped } from '../../src/saml/signature.ts';
import { parseXml } from '../../src/saml/xml.ts';
import { signElement, testKey, URI, type TestKey } from '../support/saml-signer.ts';

const REQUEST = `<samlp:AuthnRequest xmlns:samlp="${NS.samlp}" xmlns:saml="${NS.saml}" ID="_q1" Version="2.0" IssueInstant="2026-03-05T18:04:00Z" Destination="https://idp.example.it/sso?a=1&amp;b=2"><saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">https://accesso.example.it/città</saml:Issuer>
  <samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient"/></samlp:AuthnRequest>`;

const METADATA = `<md:EntityDescriptor xmlns:md="${NS.md}" xmlns="urn:other" ID="_m1" entityID="https://accesso.example.it"><md:Organization><md:OrganizationName xml:lang="it">Unione dei Comuni "Valle" &amp; C.</md:OrganizationName></md:Organization></md:EntityDescriptor>`;

let folder: string;
let provider: TestKey;
let other: TestKey;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saml-signature-'));
  [provider, other] = await Promise.all([testKey(), testKey(2048, 'other')]);
  write('key.pem', provider.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  write('certificate.pem', pem(provider.certificate));
  write('other.pem', pem(other.certificate));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const pem = (certificate: string) =>
  `-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{64}/g, '$&\n').trim()}\n-----END CERTIFICATE-----\n`;

function write(name: string, content: string | Buffer): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** Whether xmlsec1 verifies the document with the key of a certificate and nothing else. */
function xmlsecVerifies(xml: string, type: string, certificate = 'certificate.pem'): boolean {
  const { status, stderr, error } = spawnSync(
    'xmlsec1',
    [
      '--verify',
      '--enabled-key-data',
      'rsa,key-name',
      '--pubkey-cert-pem',
      join(folder, certificate),
      '--id-attr:ID',
      type,
      write('signed.xml', xml),
    ],
    { encoding: 'utf8' },
  );
  if (error) throw error;
  expect(stderr).not.toMatch(/usage|unknown (option|parameter)/i);
  return status === 0;
}

/** What xmlsec1 makes of a template. */
function xmlsecSigns(template: string, type: string): string {
  const { status, stdout, stderr, error } = spawnSync(
    'xmlsec1',
    [
      '--sign',
      '--privkey-pem',
      `${join(folder, 'key.pem')},${join(folder, 'certificate.pem')}`,
      '--id-attr:ID',
      type,
      write('template.xml', template),
    ],
    { encoding: 'utf8' },
  );
  if (error) throw error;
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

const template = (id: string, method: string = URI.rsaSha256, digest: string = URI.sha256) =>
  `<ds:Signature xmlns:ds="${NS.ds}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${URI.excC14n}"/><ds:SignatureMethod Algorithm="${method}"/><ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="${URI.enveloped}"/><ds:Transform Algorithm="${URI.excC14n}"/></ds:Transforms><ds:DigestMethod Algorithm="${digest}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data><ds:X509Certificate/></ds:X509Data></ds:KeyInfo></ds:Signature>`;

const REQUEST_TYPE = `${NS.samlp}:AuthnRequest`;
const METADATA_TYPE = `${NS.md}:EntityDescriptor`;

function weVerify(xml: string): string | undefined {
  using document = parseXml(Buffer.from(xml), { bytes: 1_000_000 });
  return verifyEnveloped(document, document.root, [provider.publicKey])?.signed.toString();
}

describe('xmlsec1 verifies', () => {
  it('an authentication request that we signed', () => {
    expect(xmlsecVerifies(signEnveloped(REQUEST, provider, 'after-issuer'), REQUEST_TYPE)).toBe(true);
  });

  it('metadata that we signed', () => {
    expect(xmlsecVerifies(signEnveloped(METADATA, provider, 'first'), METADATA_TYPE)).toBe(true);
  });

  it('what the second implementation of these tests signed', () => {
    expect(xmlsecVerifies(signElement(REQUEST, '_q1', provider), REQUEST_TYPE)).toBe(true);
  });

  it('nothing that was changed, and nothing with the key of another', () => {
    const signed = signEnveloped(REQUEST, provider, 'after-issuer');
    expect(xmlsecVerifies(signed.replace('accesso.', 'attacker.'), REQUEST_TYPE)).toBe(false);
    expect(xmlsecVerifies(signed, REQUEST_TYPE, 'other.pem')).toBe(false);
  });
});

describe('we verify what xmlsec1 signed', () => {
  const place = (signature: string) => REQUEST.replace('</saml:Issuer>', `</saml:Issuer>${signature}`);

  it.each([
    ['RSA-SHA256', URI.rsaSha256, URI.sha256],
    ['RSA-SHA384', URI.rsaSha384, URI.sha384],
    ['RSA-SHA512', URI.rsaSha512, URI.sha512],
  ])('with %s', (_, method, digest) => {
    const signed = xmlsecSigns(place(template('_q1', method, digest)), REQUEST_TYPE);
    expect(weVerify(signed)).toContain('https://accesso.example.it/città');
    expect(weVerify(signed.replace('accesso.', 'attacker.'))).toBeUndefined();
  });

  it('with a list of prefixes', () => {
    const withPrefixes = template('_q1').replace(
      `<ds:Transform Algorithm="${URI.excC14n}"/>`,
      `<ds:Transform Algorithm="${URI.excC14n}"><ec:InclusiveNamespaces xmlns:ec="${URI.excC14n}" PrefixList="saml xs"/></ds:Transform>`,
    );
    expect(weVerify(xmlsecSigns(place(withPrefixes), REQUEST_TYPE))).toContain('accesso.example.it');
  });

  it('as metadata, with a default namespace around', () => {
    const signed = xmlsecSigns(
      METADATA.replace('<md:Organization>', `${template('_m1')}<md:Organization>`),
      METADATA_TYPE,
    );
    expect(weVerify(signed)).toContain('Unione dei Comuni');
  });
});
