import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { metadataBatch } from '../../src/entities/batch.ts';
import { certificateSubjects } from '../../src/entities/certificate-subject.ts';
import type { EntityDeclaration } from '../../src/entities/entity.ts';
import { MetadataLifeCycle, previewed } from '../../src/entities/life-cycle.ts';
import { checkMetadata } from '../../src/entities/metadata-check/check.ts';
import { EntityRegister } from '../../src/entities/register.ts';
import { testBody } from '../../src/entities/test-body.ts';
import { createKeys, loadKeys, type KeyRing } from '../../src/keys/directory.ts';
import { addKey } from '../../src/keys/rollover.ts';
import { retireKey, SamlKeys } from '../../src/keys/saml-keys.ts';
import { spidKeys } from '../../src/sources/spid/publisher.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { ENTITY, PUBLIC_URL } from '../sources/spid/fixtures.ts';
import { describeStores } from '../support/stores.ts';

const PASSPHRASE = 'correct horse battery staple';
const PROVIDER = 'https://idp.example.it';
const UNION: EntityDeclaration = ENTITY;
const TOWN: EntityDeclaration = {
  ...ENTITY,
  id: 'esempio',
  entityId: `${PUBLIC_URL}/pub-ag-full/c_x999`,
  organization: {
    name: { it: 'Comune di Esempio', en: 'Municipality of Esempio' },
    displayName: { it: 'Comune di Esempio', en: 'Municipality of Esempio' },
    url: { it: 'https://www.comune.example.it', en: 'https://www.comune.example.it' },
  },
  contact: { ipaCode: 'c_x999', email: 'spid@comune.example.it' },
  aggregator: 'unione',
};

describeStores('the life cycle of metadata', (openUrl) => {
  const directory = mkdtempSync(join(tmpdir(), 'life-cycle-'));
  let now: Date;
  const clock = { now: () => now };
  let keys: KeyRing;
  let store: Store;
  let entities: EntityRegister;
  let cycle: MetadataLifeCycle;

  beforeAll(async () => {
    now = new Date('2026-03-01T10:00:00Z');
    await createKeys(directory, {
      passphrase: PASSPHRASE,
      certificates: certificateSubjects([UNION, TOWN]),
      rsaBits: 2048,
      years: 2,
      clock,
    });
    keys = loadKeys(directory, { passphrase: PASSPHRASE });
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  beforeEach(async () => {
    now = new Date('2026-03-01T10:00:00Z');
    store = await openStore(await openUrl(), clock);
    entities = new EntityRegister(store, clock, PUBLIC_URL);
    await entities.followConfiguration([UNION, TOWN]);
    cycle = new MetadataLifeCycle(entities, spidKeys(PUBLIC_URL, entities, keys.saml), {
      store,
      clock,
      production: true,
    });
    return () => store.close();
  });

  /** A sealed version of the declared entity. */
  const sealed = async (id: string) => {
    await cycle.draft(id);
    return cycle.seal(id);
  };
  const inForceAt = async (provider: string) => (await entities.fresh()).inForce('unione', provider)?.version;
  const change = (displayName: string) =>
    entities.followConfiguration([
      {
        ...UNION,
        organization: { ...UNION.organization, displayName: { it: displayName, en: displayName } },
      },
      TOWN,
    ]);

  it('seals what keeps every rule: a service provider, an aggregated body and the body of acceptance tests', async () => {
    await entities.save(testBody(UNION, PUBLIC_URL));
    for (const id of ['unione', 'esempio', 'collaudo']) {
      const version = await sealed(id);
      const bytes = await entities.versions.bytes(id, version);
      const report = await checkMetadata(bytes, { now, production: id !== 'collaudo' });
      expect(report).toEqual({
        profile: id === 'unione' ? 'public' : 'public-aggregator-full',
        findings: [],
        acceptable: true,
      });
    }
    const test = await checkMetadata(await entities.versions.bytes('collaudo', 1), { now, production: true });
    expect(test.findings.map(({ id }) => id)).toEqual(['M27']);
  });

  it('refuses to seal what breaks a rule, naming it', async () => {
    // The certificate says another name.
    await change('Altra unione');
    await cycle.draft('unione');
    await expect(cycle.seal('unione')).rejects.toMatchObject({
      code: 'metadata_invalid',
      message: expect.stringMatching(/M32 .*commonName.*\(spid-sp-metadata 5\)/) as string,
    });
    expect(await entities.versions.list('unione')).toEqual([]);
  });

  it('refuses to seal a draft that no longer says what is declared', async () => {
    await cycle.draft('unione');
    await change('Altra unione');
    await expect(cycle.seal('unione')).rejects.toMatchObject({ code: 'draft_outdated' });
    await expect(cycle.seal('esempio')).rejects.toMatchObject({ code: 'draft_missing' });
  });

  it('uses nothing that is not in force, and keeps the old version in force until the new one is', async () => {
    const first = await sealed('unione');
    expect(await inForceAt(PROVIDER)).toBeUndefined();
    await entities.versions.submitted('unione', first);
    await entities.versions.putInForce('unione', first);
    expect(await inForceAt(PROVIDER)).toBe(1);

    const attributeSets = [
      ...UNION.attributeSets,
      { index: 4, name: 'Nascita', attributes: ['spidCode', 'fiscalNumber', 'dateOfBirth'] as const },
    ];
    await entities.followConfiguration([{ ...UNION, attributeSets }, TOWN]);
    const second = await sealed('unione');
    expect(second).toBe(2);
    const indexes = () => entities.inForce('unione', PROVIDER)?.attributeSets.map(({ index }) => index);
    await entities.fresh();
    expect(indexes()).toEqual([0, 3]);
    now = new Date('2026-03-05T10:00:00Z');
    await entities.versions.putInForce('unione', second, PROVIDER);
    expect([await inForceAt(PROVIDER), await inForceAt('https://other.example.it')]).toEqual([2, 1]);
    expect(indexes()).toEqual([0, 3, 4]);
    now = new Date('2026-03-06T10:00:00Z');
    await entities.versions.putInForce('unione', second);
    expect(await inForceAt('https://other.example.it')).toBe(2);
    expect(await entities.versions.list('unione')).toMatchObject([
      { version: 2, inForce: [{ provider: undefined, since: now }, { provider: PROVIDER }] },
      { version: 1, submittedAt: new Date('2026-03-01T10:00:00Z'), inForce: [] },
    ]);
  });

  it('serves the version in force, before that the newest sealed, and always the same bytes', async () => {
    const text = async () => Buffer.from((await entities.versions.served('unione')) ?? []).toString();
    expect(await text()).toBe('');
    await sealed('unione');
    const first = await text();
    expect(first).toContain('entityID=');
    await entities.versions.putInForce('unione', 1);
    const contact = { ...UNION.contact, telephone: '+390511111111' };
    await entities.followConfiguration([{ ...UNION, contact }, TOWN]);
    await sealed('unione');
    expect(await text()).toBe(first);
    await entities.versions.putInForce('unione', 2);
    expect(await text()).toContain('+390511111111');
  });

  it('withdraws a version for ever, unless it is in force', async () => {
    await sealed('unione');
    await entities.versions.putInForce('unione', 1);
    await expect(entities.versions.withdraw('unione', 1)).rejects.toMatchObject({ code: 'version_in_force' });
    const contact = { ...UNION.contact, telephone: '+390511111111' };
    await entities.followConfiguration([{ ...UNION, contact }, TOWN]);
    await sealed('unione');
    await entities.versions.withdraw('unione', 2);
    await expect(entities.versions.putInForce('unione', 2)).rejects.toMatchObject({
      code: 'version_withdrawn',
    });
    await expect(entities.versions.submitted('unione', 3)).rejects.toMatchObject({ code: 'version_unknown' });
  });

  it('says in words what a draft changes', async () => {
    await sealed('unione');
    const contact = { ...UNION.contact, telephone: '+390511111111' };
    const [set] = UNION.attributeSets;
    await entities.followConfiguration([{ ...UNION, contact, attributeSets: set ? [set] : [] }, TOWN]);
    await cycle.draft('unione');
    expect(await cycle.differences('unione')).toEqual([
      {
        what: 'AttributeConsumingService 3, attributes',
        before: 'spidCode fiscalNumber email',
        after: undefined,
      },
      { what: 'AttributeConsumingService 3, name', before: 'Contatti', after: undefined },
      { what: 'ContactPerson, TelephoneNumber', before: '+390500000000', after: '+390511111111' },
    ]);
  });

  it('shows a draft at a secret address until it is revoked, made anew or sealed', async () => {
    await cycle.draft('unione');
    const secret = async () => (await cycle.preview('unione')).split('/').at(-1) ?? '';
    const first = await secret();
    expect(Buffer.from((await previewed(store, first)) ?? []).toString()).toContain('entityID=');
    const second = await secret();
    expect(await previewed(store, first)).toBeUndefined();
    await cycle.revokePreview('unione');
    expect(await previewed(store, second)).toBeUndefined();
    const third = await secret();
    await cycle.seal('unione');
    expect(await previewed(store, third)).toBeUndefined();
    expect(third.length).toBeGreaterThanOrEqual(32);
  });

  it('packs what was not sent yet for one mail, with a summary', async () => {
    await expect(metadataBatch(entities, now)).rejects.toMatchObject({ code: 'nothing_to_send' });
    await sealed('unione');
    await sealed('esempio');
    await entities.versions.submitted('unione', 1);
    const { zip } = await metadataBatch(entities, now);
    const files = unzipSync(zip);
    expect(Object.keys(files)).toEqual(['esempio-v1.xml', 'summary.json']);
    const bytes = await entities.versions.bytes('esempio', 1);
    expect(Buffer.from(files['esempio-v1.xml'] ?? []).equals(Buffer.from(bytes))).toBe(true);
    expect(JSON.parse(Buffer.from(files['summary.json'] ?? []).toString())).toMatchObject({
      metadata: [
        {
          entityID: TOWN.entityId,
          ipaCode: 'c_x999',
          aggregatorIpaCode: UNION.contact.ipaCode,
          change: 'new',
          version: 1,
        },
      ],
    });
    expect((await metadataBatch(entities, now, ['unione'])).summary.metadata).toHaveLength(1);
  });

  it('moves from one key to the next, provider by provider, with no moment without a key that is known', async () => {
    const own = mkdtempSync(join(tmpdir(), 'rollover-'));
    cpSync(directory, own, { recursive: true });
    const running = new SamlKeys(own, { passphrase: PASSPHRASE });
    const publisher = spidKeys(PUBLIC_URL, entities, running);
    cycle = new MetadataLifeCycle(entities, publisher, { store, clock, production: true });
    const other = 'https://other.example.it';
    const signers = async () => {
      const entity = (await entities.fresh()).get('unione');
      return [PROVIDER, other].map((provider) => entity && publisher.signingKey(entity, provider).name);
    };
    await entities.versions.putInForce('unione', await sealed('unione'));
    expect(await signers()).toEqual(['saml-unione', 'saml-unione']);

    const place = { directory: own, passphrase: PASSPHRASE, entityId: 'unione' };
    const subject = certificateSubjects([UNION, TOWN])['unione'];
    if (!subject) throw new Error('the union has a key of its own');
    await addKey({ ...place, subject }, { rsaBits: 2048, years: 2, clock });
    // The command works on keys of its own; the running gateway has not seen the new one yet.
    const commands = spidKeys(PUBLIC_URL, entities, new SamlKeys(own, { passphrase: PASSPHRASE }));
    cycle = new MetadataLifeCycle(entities, commands, { store, clock, production: true });
    const second = await sealed('unione');
    const { certificates } = await entities.versions.publication('unione', second);
    expect(certificates).toHaveLength(2);
    expect(Buffer.from(await entities.versions.bytes('unione', second)).toString()).toContain(
      // Signed with the key that is known.
      `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificates[0]}`,
    );
    expect(await signers()).toEqual(['saml-unione', 'saml-unione']);
    now = new Date('2026-03-02T10:00:00Z');
    await entities.versions.putInForce('unione', second, PROVIDER);
    expect(await signers()).toEqual(['saml-unione.2', 'saml-unione']);
    // A provider that does not honour the second key gets the first one back.
    now = new Date('2026-03-03T10:00:00Z');
    await entities.versions.putInForce('unione', 1, PROVIDER);
    expect(await signers()).toEqual(['saml-unione', 'saml-unione']);
    now = new Date('2026-03-04T10:00:00Z');
    await entities.versions.putInForce('unione', second);
    expect(await signers()).toEqual(['saml-unione.2', 'saml-unione.2']);

    retireKey(own, 'saml-unione');
    running.reload();
    expect(await signers()).toEqual(['saml-unione.2', 'saml-unione.2']);
    cycle = new MetadataLifeCycle(entities, publisher, { store, clock, production: true });
    const third = await sealed('unione');
    expect((await entities.versions.publication('unione', third)).certificates).toEqual([certificates[1]]);
    rmSync(own, { recursive: true });
  });
});
