import { providerEntries } from '../../../../src/gateway/calendar.ts';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../../src/operations/log.ts';
import { Outbound } from '../../../../src/operations/outbound.ts';
import { Federation } from '../../../../src/sources/spid/federation/federation.ts';
import { registryCertificate } from '../../../../src/sources/spid/federation/trust.ts';
import { openStore, type Store } from '../../../../src/store/store.ts';
import { pinsOf, startRegistry, type TestRegistry } from '../../../support/registry.ts';

// Real data stands beside the repository on some machines, never in it.
const AGGREGATE = resolve(
  import.meta.dirname,
  '../../../../../shared/data/spid-entities-idps-2025-11-25.xml',
);

describe.skipIf(!existsSync(AGGREGATE))("AgID's aggregate of 25 November 2025, from a registry", () => {
  const bytes = existsSync(AGGREGATE) ? readFileSync(AGGREGATE) : Buffer.of();
  const text = bytes.toString();
  const clock = { now: () => new Date('2025-11-26T08:00:00Z') };
  const directory = mkdtempSync(join(tmpdir(), 'federation-agid-'));
  let store: Store;
  let registry: TestRegistry;
  let federation: Federation;
  const logged: string[] = [];

  beforeAll(async () => {
    store = await openStore('sqlite::memory:', clock);
    registry = await startRegistry();
    registry.serve(bytes);
    const pins = pinsOf(registry.url, [registryCertificate().toString()], { store, clock });
    federation = new Federation({
      registry: { url: registry.url, pins, outbound: new Outbound(), refreshMs: 3_600_000 },
      directory: { path: directory, signers: undefined },
      store,
      clock,
      log: createLog({ level: 'info', destination: { write: (line) => logged.push(line) } }),
    });
    await federation.load();
  });
  beforeEach(() => logged.splice(0));
  afterAll(async () => {
    await registry.stop();
    await store.close();
    rmSync(directory, { recursive: true });
  });

  it('is taken with the certificate that comes with the gateway: twelve providers', async () => {
    expect(federation.providers.inUse()).toHaveLength(12);
    expect((await federation.registryTimes()).created).toEqual(new Date('2025-11-25T16:00:40Z'));
  });

  it('tells that Sielte’s next certificate outlives the one that is about to end', async () => {
    const sielte = providerEntries(federation.providers).filter(({ id }) => id.includes('sielte'));
    expect(sielte.map(({ followed }) => followed).sort()).toEqual([false, true]);
  });

  const withoutLast = () => {
    const start = text.lastIndexOf('<md:EntityDescriptor');
    const end = text.lastIndexOf('</md:EntityDescriptor>') + '</md:EntityDescriptor>'.length;
    return text.slice(0, start) + text.slice(end);
  };
  it.each([
    ['cut off in the middle', () => text.slice(0, text.length / 2)],
    ['empty', () => ''],
    ['without its signature', () => text.replace(/<ds:Signature.*?<\/ds:Signature>/s, '')],
    ['with one provider taken out', withoutLast],
    [
      'with one address changed',
      () => text.replace('https://posteid.poste.it/jod-fs/', 'https://posteid.poste.it/job-fs/'),
    ],
    ['with another root ID', () => text.replace(/ID="_c98a93b6/, 'ID="_c98a93b7')],
    ['in UTF-16', () => Buffer.from(text, 'utf16le')],
    ['with a document type', () => text.replace('?>', '?><!DOCTYPE x>')],
    [
      'with a provider moved to the front twice',
      () => text.replace(/(<md:EntityDescriptor.*?<\/md:EntityDescriptor>)/s, '$1$1'),
    ],
    [
      'wrapped in another one',
      () =>
        `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${text.replace(/^<\?xml.*?\?>/, '')}</md:EntitiesDescriptor>`,
    ],
  ])('changes nothing when it comes %s', async (_what, broken) => {
    const before = federation.providers.all();
    registry.serve(broken());
    expect(await federation.refresh()).toMatchObject({ outcome: 'refused', changes: [] });
    expect(federation.providers.all()).toEqual(before);
    expect(logged.filter((line) => line.includes('registry_refused'))).toHaveLength(1);
  });
});
