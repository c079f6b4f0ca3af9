import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { loadConfiguration } from '../../src/config/load.ts';
import { checkCertificate } from '../../src/keys/certificate-check.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLE = join(ROOT, 'keys.example');
const read = (name: string) => readFileSync(join(EXAMPLE, name), 'utf8');

describe('keys.example', () => {
  it('has a certificate that AgID would accept for the example configuration', async () => {
    const secrets = {
      GATEWAY_KEYS_PASSPHRASE: 'not used here',
      GATEWAY_SECRET_SUAP: 'not used here either, but long',
    };
    const [entity] = loadConfiguration(join(ROOT, 'gateway.example.yaml'), secrets).entities;
    if (!entity) throw new Error('the example has an entity');
    const certificate = new X509Certificate(read(`saml-${entity.id}.crt.pem`));
    const subject = {
      commonName: entity.organization.displayName.it,
      organizationName: entity.organization.name.it,
      entityId: entity.entityId,
      ipaCode: entity.contact.ipaCode,
      locality: entity.locality,
    };
    expect(await checkCertificate(certificate.raw, subject, new Date(certificate.validFrom))).toEqual([]);
  });

  it('has a public key set with an RS256 and an ES256 key, named by their thumbprints', async () => {
    const { keys } = JSON.parse(read('jwks.json')) as { keys: JWK[] };
    expect(keys.map(({ alg }) => alg)).toEqual(['RS256', 'ES256']);
    for (const key of keys) expect(key.kid).toBe(await calculateJwkThumbprint(key));
  });

  it('holds nothing private', () => {
    for (const name of readdirSync(EXAMPLE)) {
      expect(read(name), name).not.toMatch(/-----BEGIN [A-Z ]*PRIVATE KEY-----|"(d|p|q|dp|dq|qi|k)":/);
    }
  });
});
