import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealMetadata } from '../../../src/sources/spid/metadata.ts';
import { readIdentityProviders } from '../../../src/sources/spid/provider-metadata.ts';
import { buildAuthnRequest, departBy } from '../../../src/sources/spid/request.ts';
import { aggregateXml, ENTITY, newKey, providerXml, PUBLIC_URL, type TestKey } from './fixtures.ts';

const MD = 'urn:oasis:names:tc:SAML:2.0:metadata';
const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol';

let directory: string;
let key: TestKey;
let other: TestKey;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'judges-'));
  [key, other] = await Promise.all([newKey('unione'), newKey('other')]);
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Writes a file of the test and gives its path. */
const file = (name: string, content: string | Uint8Array) => {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
};

const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** xmlsec1's opinion, with the certificate given and no other. */
const xmlsecVerifies = (xml: string | Uint8Array, root: string, signer: TestKey): boolean => {
  const certificate = file('signer.pem', signer.certificatePem);
  const options = ['--verify', '--enabled-key-data', 'x509,rsa', '--pubkey-cert-pem', certificate];
  try {
    run('xmlsec1', ...options, '--id-attr:ID', root, file('signed.xml', xml));
    return true;
  } catch {
    return false;
  }
};

const REQUEST = buildAuthnRequest({
  entity: ENTITY,
  id: '_9f0c2b6e51d84a7fb0f3a1c9d2e47765',
  issueInstant: new Date('2026-03-05T18:03:10.531Z'),
  destination: 'https://idp.example.it/sso?a=1&b=2',
  level: 2,
  comparison: 'minimum',
  forceAuthn: false,
  acsIndex: 0,
  attributeSetIndex: 0,
});

const depart = (binding: 'post' | 'redirect') =>
  departBy(binding, {
    xml: REQUEST,
    destination: 'https://idp.example.it/sso?a=1&b=2',
    relayState: 'bm90aGluZyB0byBzZWUgaGVyZQ',
    key,
  });

describe('independent judges', () => {
  it('xmlsec1 verifies the request that leaves by POST, and not with another key or content', () => {
    const { departure } = depart('post');
    if (departure.kind !== 'form') throw new Error('not a form');
    const sent = Buffer.from(departure.fields.SAMLRequest ?? '', 'base64').toString();
    const root = `${SAMLP}:AuthnRequest`;
    expect(xmlsecVerifies(sent, root, key)).toBe(true);
    expect(xmlsecVerifies(sent, root, other)).toBe(false);
    expect(xmlsecVerifies(sent.replace('SpidL2', 'SpidL1'), root, key)).toBe(false);
  });

  it('openssl verifies the signature of the query that leaves by Redirect', () => {
    const { query = '' } = depart('redirect').evidence;
    const [signed = '', signature = ''] = query.split('&Signature=');
    const publicKey = file('public.pem', key.publicKey.export({ type: 'spki', format: 'pem' }));
    const value = file('value', Buffer.from(decodeURIComponent(signature), 'base64'));
    const verdict = (text: string) =>
      run('openssl', 'dgst', '-sha256', '-verify', publicKey, '-signature', value, file('query', text));
    expect(verdict(signed)).toContain('Verified OK');
    expect(() => verdict(signed.replace('RelayState=b', 'RelayState=c'))).toThrowError();
  });

  it('xmlsec1 verifies our metadata with the certificate in it', () => {
    const metadata = sealMetadata(ENTITY, PUBLIC_URL, [other.certificate, key.certificate], key);
    const root = `${MD}:EntityDescriptor`;
    expect(xmlsecVerifies(metadata, root, key)).toBe(true);
    expect(xmlsecVerifies(metadata, root, other)).toBe(false);
    const changed = Buffer.from(metadata).toString().replace('index="3"', 'index="4"');
    expect(xmlsecVerifies(changed, root, key)).toBe(false);
  });

  it('an aggregate that xmlsec1 signed is read, and from nobody else', () => {
    const template = `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>
      <ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
      <ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
      <ds:Reference URI="#_aggregate"><ds:Transforms>
      <ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
      <ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>
      <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference>
      </ds:SignedInfo><ds:SignatureValue/></ds:Signature>`;
    const entity = providerXml({ keys: [{ use: 'signing', certificate: other.certificate }] });
    const unsigned = aggregateXml([entity]).replace('<md:Extensions>', `${template}<md:Extensions>`);
    const signed = run(
      'xmlsec1',
      '--sign',
      ...['--privkey-pem', file('key.pem', key.privatePem)],
      ...['--id-attr:ID', `${MD}:EntitiesDescriptor`],
      file('aggregate.xml', unsigned),
    );
    const read = (signer: TestKey) => readIdentityProviders(Buffer.from(signed), [signer.publicKey]);
    expect(read(key).providers.map(({ entityId }) => entityId)).toEqual(['https://idp.example.it']);
    expect(() => read(other)).toThrowError(/not signed by a trusted signer/);
  });
});
