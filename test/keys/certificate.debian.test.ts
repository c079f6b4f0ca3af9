import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createKeys, loadKeys } from '../../src/keys/directory.ts';
import { creation, emptyDirectory, keyDirectories, PASSPHRASE, SUBJECT } from './fixtures.ts';

const openssl = (...args: string[]) =>
  execFileSync('openssl', args, {
    encoding: 'utf8',
    env: { ...process.env, PASSPHRASE },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const keyDirectory = keyDirectories();

/** `-certopt` and `-nameopt` give one fact in one line, attributes by object identifier and with their string type. */
function certificateText(directory: string): string {
  const file = join(directory, 'saml-unione.crt.pem');
  return openssl(
    'x509',
    '-in',
    file,
    '-noout',
    '-text',
    '-nameopt',
    'utf8,sep_multiline,oid,show_type,space_eq',
  );
}

/** What follows the heading of an extension, up to the next heading. */
function extension(text: string, heading: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const start = lines.findIndex((line) => line.startsWith(`X509v3 ${heading}:`));
  const end = lines.findIndex((line, at) => at > start && /^(X509v3 |Signature Algorithm)/.test(line));
  return lines.slice(start, end).join('\n');
}

describe('the certificate, read by OpenSSL (spid-sp-metadata, 5)', () => {
  it('has the subject AgID asks for: one attribute per name, in order, UTF8String but for the country', () => {
    const text = certificateText(keyDirectory());
    const subject = /Subject:\s*\n([\s\S]*?)Subject Public Key Info/.exec(text)?.[1] ?? '';
    expect(subject.trim().split(/\n\s*/)).toEqual([
      `2.5.4.10 = UTF8STRING:${SUBJECT.organizationName}`,
      `2.5.4.3 = UTF8STRING:${SUBJECT.commonName}`,
      `2.5.4.83 = UTF8STRING:${SUBJECT.entityId}`,
      `2.5.4.97 = UTF8STRING:PA:IT-${SUBJECT.ipaCode}`,
      '2.5.4.6 = PRINTABLESTRING:IT',
      `2.5.4.7 = UTF8STRING:${SUBJECT.locality}`,
    ]);
    // A name of several attributes would be joined with a plus sign.
    expect(subject).not.toContain(' + ');
    const issuer = /Issuer:\s*\n([\s\S]*?)Validity/.exec(text)?.[1] ?? '';
    expect(issuer.trim()).toBe(subject.trim());
  });

  it('has exactly the extensions AgID asks for, critical where they must be', () => {
    const text = certificateText(keyDirectory());
    expect(text.match(/X509v3 [A-Z][^:\n]*: ?.*/g)?.map((line) => line.trim())).toEqual([
      'X509v3 Basic Constraints:',
      'X509v3 Key Usage: critical',
      'X509v3 Certificate Policies:',
      'X509v3 Subject Key Identifier:',
      'X509v3 Authority Key Identifier:',
    ]);
    expect(extension(text, 'Basic Constraints')).toBe('X509v3 Basic Constraints:\nCA:FALSE');
    expect(extension(text, 'Key Usage')).toBe(
      'X509v3 Key Usage: critical\nDigital Signature, Non Repudiation',
    );
    expect(extension(text, 'Certificate Policies').split('\n').slice(1)).toEqual([
      'Policy: 1.3.76.16.6',
      'User Notice:',
      'Explicit Text: agIDcert',
      'Policy: 1.3.76.16.4.2.1',
      'User Notice:',
      'Explicit Text: cert_SP_Pub',
    ]);
    const identifier = extension(text, 'Subject Key Identifier').split('\n')[1];
    expect(extension(text, 'Authority Key Identifier')).toContain(identifier);
  });

  it.each([2048, 3072, 4096] as const)('is an RSA key of %i bits, signed with SHA-256', async (rsaBits) => {
    const directory = emptyDirectory();
    await createKeys(directory, creation({ rsaBits }));
    const text = certificateText(directory);
    expect(text).toContain('Public Key Algorithm: rsaEncryption');
    expect(text).toContain(`Public-Key: (${rsaBits} bit)`);
    expect(text.match(/Signature Algorithm: \S+/g)).toEqual([
      'Signature Algorithm: sha256WithRSAEncryption',
      'Signature Algorithm: sha256WithRSAEncryption',
    ]);
  });

  it('is version 3, valid from the clock for the years asked, with a positive serial number of its own', () => {
    const file = join(keyDirectory(), 'saml-unione.crt.pem');
    const text = openssl('x509', '-in', file, '-noout', '-text');
    expect(text).toContain('Version: 3 (0x2)');
    expect(text).toContain('Not Before: Nov 23 10:00:00 2026 GMT');
    expect(text).toContain('Not After : Nov 22 10:00:00 2028 GMT');
    expect(openssl('x509', '-in', file, '-noout', '-serial')).toMatch(/^serial=[4-7][0-9A-F]{31}$/m);
  });

  it('verifies under its own key', () => {
    const file = join(keyDirectory(), 'saml-unione.crt.pem');
    const at = String(Date.parse('2027-01-01T00:00:00Z') / 1000);
    expect(openssl('verify', '-check_ss_sig', '-attime', at, '-CAfile', file, file)).toContain(': OK');
  });
});

describe('the private keys, read by OpenSSL', () => {
  it.each(['saml-unione.key.pem', 'oidc-rs256.key.pem', 'oidc-es256.key.pem'])(
    '%s opens with the passphrase only',
    (name) => {
      const file = join(keyDirectory(), name);
      expect(openssl('pkey', '-in', file, '-passin', 'env:PASSPHRASE', '-noout', '-check')).toContain(
        'is valid',
      );
      expect(() => openssl('pkey', '-in', file, '-passin', 'pass:another', '-noout')).toThrow();
    },
  );

  it('are AES-256 under scrypt', () => {
    const structure = openssl('asn1parse', '-in', join(keyDirectory(), 'saml-unione.key.pem'));
    for (const object of [':PBES2', ':scrypt', ':aes-256-cbc']) expect(structure).toContain(object);
  });

  it('may come from OpenSSL as well', () => {
    const directory = keyDirectory();
    const file = join(directory, 'saml-unione.key.pem');
    const before = loadKeys(directory, { passphrase: PASSPHRASE }).saml.newest('unione').privateKey;
    const pass = ['-passin', 'env:PASSPHRASE', '-passout', 'env:PASSPHRASE'];
    openssl('pkcs8', '-topk8', '-scrypt', '-in', file, ...pass, '-out', `${file}.new`);
    openssl('pkcs8', '-topk8', '-v2', 'aes-256-cbc', '-in', `${file}.new`, ...pass, '-out', file);
    expect(
      loadKeys(directory, { passphrase: PASSPHRASE }).saml.newest('unione').privateKey.equals(before),
    ).toBe(true);
  });
});
