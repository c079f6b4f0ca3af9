import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Publication } from '../../../src/entities/publication.ts';
import { createKeys, loadKeys } from '../../../src/keys/directory.ts';
import { addKey } from '../../../src/keys/rollover.ts';
import { spidKeys } from '../../../src/sources/spid/publisher.ts';
import { ENTITY, PUBLIC_URL } from './fixtures.ts';

const directory = mkdtempSync(join(tmpdir(), 'publisher-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('publishes a new key beside the old one, and signs that with the one that AgID knows (spid-sp-metadata, 7)', async () => {
  const passphrase = 'a passphrase of some length';
  const subject = {
    commonName: ENTITY.organization.displayName.it,
    organizationName: ENTITY.organization.name.it,
    entityId: ENTITY.entityId,
    ipaCode: ENTITY.contact.ipaCode,
    locality: ENTITY.locality,
  };
  const at = (day: string) => ({ now: () => new Date(`2026-03-${day}T10:00:00Z`) });
  const keys = join(directory, 'keys');
  const how = { rsaBits: 2048, years: 1 } as const;
  await createKeys(keys, { ...how, passphrase, clock: at('01'), certificates: { [ENTITY.id]: subject } });
  await addKey({ directory: keys, passphrase, entityId: ENTITY.id, subject }, { ...how, clock: at('02') });
  const { saml } = loadKeys(keys, { passphrase });
  const [old, next] = saml.of(ENTITY.id).map(({ certificate }) => certificate);

  const sealed = (known: readonly string[]) => {
    const inForce: Publication = {
      version: 1,
      hash: 'x',
      entityId: ENTITY.entityId,
      attributeSets: ENTITY.attributeSets,
      certificates: known,
      assertionConsumer: { index: 0, url: PUBLIC_URL },
    };
    const entities = { allInForce: () => [inForce], inForce: () => inForce };
    const xml = Buffer.from(spidKeys(PUBLIC_URL, entities, saml).seal(ENTITY)).toString();
    const [signer, ...published] = [...xml.matchAll(/<ds:X509Certificate>([^<]*)/g)].map(([, der]) => der);
    return { signer, published };
  };
  expect(sealed([old ?? ''])).toEqual({ signer: old, published: [old, next] });
  expect(sealed([])).toEqual({ signer: next, published: [old, next] });
});
