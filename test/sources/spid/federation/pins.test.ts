import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { By } from '../../../../src/audit/entry.ts';
import { AuditTrail } from '../../../../src/audit/trail.ts';
import { createLog } from '../../../../src/operations/log.ts';
import { Outbound } from '../../../../src/operations/outbound.ts';
import { signEnveloped } from '../../../../src/saml/signature.ts';
import { Federation } from '../../../../src/sources/spid/federation/federation.ts';
import type { RegistryPins } from '../../../../src/sources/spid/federation/pins.ts';
import { openStore, type Store } from '../../../../src/store/store.ts';
import { PIN_KEYS, pinsOf, startRegistry, type TestRegistry } from '../../../support/registry.ts';
import { describeStores } from '../../../support/stores.ts';
import { aggregateXml, CREATED, newKey, providerXml, type TestKey } from '../fixtures.ts';

const HOUR_MS = 60 * 60 * 1000;
const START = new Date('2026-03-05T18:00:00Z');

const person = (name: string): By => ({
  actor: { kind: 'person', person: { kind: 'it-fiscal', value: name }, name },
  via: 'console',
});
const [ANNA, GIULIA] = [person('Anna'), person('Giulia')];
const PROGRAM: By = { actor: { kind: 'client', id: 'machine' }, via: 'api' };
const OPERATOR: By = { actor: { kind: 'operator', name: 'root' }, via: 'command-line' };

let agid: TestKey;
let next: TestKey;
let provider: TestKey;
beforeAll(async () => {
  [agid, next, provider] = await Promise.all([newKey('agid'), newKey('agid-next'), newKey('idp')]);
});

/** A list signed by somebody. */
function listOf(signer: TestKey, created = CREATED): string {
  const entity = providerXml({
    entityId: 'https://a.example.it',
    keys: [{ use: 'signing', certificate: provider.certificate }],
  });
  return signEnveloped(aggregateXml([entity]).replace(CREATED, created), signer, 'first');
}

describeStores('the certificates that sign the registry (spid-registry-and-idps, 1.2)', (openUrl) => {
  let store: Store;
  let registry: TestRegistry;
  let now: Date;
  let logged: Record<string, unknown>[];
  const clock = { now: () => now };
  const directory = mkdtempSync(join(tmpdir(), 'pins-'));
  const trail = new AuditTrail(PIN_KEYS);

  beforeAll(async () => {
    store = await openStore(await openUrl(), clock);
    registry = await startRegistry();
  });
  beforeEach(async () => {
    const tables = ['registry_versions', 'registry_checks', 'registry_pins', 'audit_entries', 'audit_head'];
    for (const table of tables as 'registry_pins'[]) await store.db.deleteFrom(table).execute();
    now = START;
    logged = [];
    registry.serve(listOf(agid));
  });
  afterAll(async () => {
    await Promise.all([registry.stop(), store.close()]);
    rmSync(directory, { recursive: true });
  });

  const pins = (...signers: readonly TestKey[]) =>
    pinsOf(
      registry.url,
      (signers.length > 0 ? signers : [agid]).map(({ certificatePem }) => certificatePem),
      { store, clock },
    );

  /** A process of the gateway, as far as identity providers are concerned. */
  async function start(...signers: readonly TestKey[]): Promise<Federation & { pins: RegistryPins }> {
    const write = (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>);
    const federation = new Federation({
      registry: { url: registry.url, pins: pins(...signers), outbound: new Outbound(), refreshMs: HOUR_MS },
      directory: { path: directory, signers: undefined },
      store,
      clock,
      log: createLog({ level: 'info', destination: { write } }),
    });
    await federation.load();
    return federation as Federation & { pins: RegistryPins };
  }
  const fingerprintOf = ({ certificatePem }: TestKey) => fingerprints(certificatePem);
  const later = (key: TestKey) => listOf(key, '2026-03-05T18:00:00Z');
  const actions = async () =>
    (await trail.list(store.db, { limit: 100 })).map(({ action, actor }) => `${action} ${actor}`);
  const row = () => store.db.selectFrom('registry_pins').selectAll().executeTakeFirstOrThrow();
  const add = async (key: TestKey, on = pins()) => {
    const id = await on.proposeAdding(key.certificatePem, ANNA);
    await on.approve(id, { fingerprint: fingerprintOf(key) }, GIULIA);
  };

  it('count in every process once a second person has approved them, without a restart, and not before', async () => {
    const [one, two] = [await start(), await start()];
    registry.serve(later(next));
    const id = await one.pins.proposeAdding(next.certificatePem, ANNA);
    expect(await two.refresh()).toMatchObject({ outcome: 'refused', code: 'metadata_signature' });
    await one.pins.approve(id, { fingerprint: fingerprintOf(next) }, GIULIA);
    expect(await two.refresh()).toMatchObject({ outcome: 'changed' });
    await one.follow();
    const created = new Date('2026-03-05T18:00:00Z');
    for (const process of [one, two, await start()])
      expect((await process.registryTimes()).created).toEqual(created);
    expect(await actions()).toEqual(['registry-pin.add Giulia', 'registry-pin.propose-adding Anna']);
  });

  it('that nobody knows are an alarm which names them, and are never believed by themselves', async () => {
    const federation = await start();
    registry.serve(later(next));
    const looked = await federation.refresh();
    expect(looked.problem).toContain(colons(next));
    await federation.follow();
    await federation.follow();
    const alarms = logged.filter(({ event }) => event === 'federation_warning');
    expect(alarms).toEqual([
      expect.objectContaining({ problem: expect.stringContaining(colons(next)) as string }),
    ]);
    // Another process knows too, for whoever asks it.
    const { unknown } = await pins().overview();
    expect(unknown).toMatchObject({
      fingerprint: fingerprintOf(next),
      signed: 'list-refused',
      key: 'RSA 2048',
    });
    await add(next);
    expect(await federation.warnings()).toEqual([]);
    registry.serve(listOf(agid, '2026-03-05T17:00:00Z'));
    await federation.refresh();
    expect((await pins().overview()).unknown).toBeUndefined();
  });

  it('are told from a certificate that stands beside a signature which it does not verify', async () => {
    const federation = await start();
    registry.serve(later(next).replace(next.certificate, agid.certificate));
    expect(await federation.refresh()).toMatchObject({ outcome: 'refused', code: 'metadata_signature' });
    registry.serve(later(next).replaceAll('/sso/post', '/sso/evil'));
    expect(await federation.refresh()).toMatchObject({ outcome: 'refused', code: 'metadata_signature' });
    expect((await pins().overview()).unknown).toBeUndefined();
    expect(await federation.warnings()).toEqual([]);
  });

  it('are shown with what they signed', async () => {
    await start();
    await pins().proposeAdding(next.certificatePem, ANNA);
    const { pins: listed, waiting } = await pins().overview();
    expect(listed).toMatchObject([
      { fingerprint: fingerprintOf(agid), configured: true, trusted: true, signed: 'list-in-use' },
    ]);
    expect(waiting).toMatchObject([{ author: 'Anna', trusted: true, byProgram: false }]);
    expect(waiting[0]?.signed).toBeUndefined();
  });

  it('of the configuration can be switched off, and on again, once the list in use does not hang on them', async () => {
    const federation = await start();
    await add(next);
    await expect(pins().proposeRemoving(fingerprintOf(agid), ANNA)).rejects.toMatchObject({
      code: 'pin_in_use',
    });
    registry.serve(later(next));
    await federation.refresh();
    const id = await pins().proposeRemoving(colons(agid), ANNA);
    await pins().approve(id, {}, GIULIA);
    expect((await pins().overview()).pins).toMatchObject([
      { configured: true, trusted: false, decided: { proposedBy: 'Anna', approvedBy: 'Giulia' } },
      { configured: false, trusted: true },
    ]);
    registry.serve(listOf(agid, '2026-03-05T18:30:00Z'));
    expect(await federation.refresh()).toMatchObject({ code: 'metadata_signature' });
    expect((await start()).providers.all()).toHaveLength(1);
    await add(agid);
    expect(await federation.refresh()).toMatchObject({ outcome: 'changed' });
  });

  it('added at run time can be removed; the last valid one cannot', async () => {
    await add(next);
    const id = await pins().proposeRemoving(fingerprintOf(next), ANNA);
    await pins().approve(id, {}, GIULIA);
    expect(pins().known).toHaveLength(1);
    expect((await pins().overview()).pins).toHaveLength(1);
    const last = pins().proposeRemoving(fingerprintOf(agid), ANNA);
    await expect(last).rejects.toMatchObject({ code: 'last_pin', status: 409 });
    // One that has expired is no help.
    const old = await newKey('old', { from: '2025-03-10T00:00:00Z' });
    const both = pins(agid, old);
    const leaving = await both.proposeRemoving(fingerprintOf(agid), ANNA);
    now = new Date('2026-03-20T00:00:00Z');
    await expect(both.approve(leaving, {}, GIULIA)).rejects.toMatchObject({ code: 'last_pin' });
  });

  describe('are refused', () => {
    it.each([
      ['that cannot be read', async () => 'no certificate', 'certificate_unreadable'],
      ['that are two', async () => agid.certificatePem + next.certificatePem, 'certificate_unreadable'],
      ['that are a private key', async () => next.privatePem, 'certificate_unreadable'],
      [
        'whose key is weak',
        async () => (await newKey('weak', { bits: 1024 })).certificatePem,
        'certificate_weak',
      ],
      [
        'that have expired',
        async () => (await newKey('old', { from: '2025-01-01T00:00:00Z' })).certificatePem,
        'certificate_expired',
      ],
      ['that are pinned already', async () => agid.certificatePem, 'pin_known'],
    ])('%s', async (_what, pem, code) => {
      await expect(pins().proposeAdding(await pem(), ANNA)).rejects.toMatchObject({ code });
      expect((await pins().overview()).waiting).toEqual([]);
    });

    it('that are not pinned, to be removed', async () => {
      await expect(pins().proposeRemoving('AA:BB', ANNA)).rejects.toMatchObject({ code: 'pin_unknown' });
    });

    it('that expire between proposal and approval', async () => {
      const id = await pins().proposeAdding(next.certificatePem, ANNA);
      now = new Date('2027-03-05T18:00:00Z');
      const approved = pins().approve(id, { fingerprint: fingerprintOf(next) }, GIULIA);
      await expect(approved).rejects.toMatchObject({ code: 'certificate_expired' });
    });

    it('beyond ten that wait', async () => {
      const keys = await Promise.all(Array.from({ length: 11 }, (_, at) => newKey(`key-${at}`)));
      for (const key of keys.slice(0, 10)) await pins().proposeAdding(key.certificatePem, ANNA);
      const eleventh = pins().proposeAdding(keys[10]?.certificatePem ?? '', ANNA);
      await expect(eleventh).rejects.toMatchObject({ code: 'proposals_many' });
    });
  });

  describe('are approved', () => {
    const given = () => ({ fingerprint: fingerprintOf(next) });

    it('by somebody else than who proposed them', async () => {
      const id = await pins().proposeAdding(next.certificatePem, ANNA);
      await expect(pins().approve(id, given(), ANNA)).rejects.toMatchObject({
        code: 'same_person',
        status: 403,
      });
      expect((await pins().signers()).length).toBe(1);
    });

    it('by nobody with another fingerprint, or none', async () => {
      const id = await pins().proposeAdding(next.certificatePem, ANNA);
      for (const fingerprint of [fingerprintOf(agid), '', undefined])
        await expect(pins().approve(id, { fingerprint }, GIULIA)).rejects.toMatchObject({
          code: 'fingerprint_differs',
        });
      await pins().approve(id, { fingerprint: ` ${colons(next)}\n` }, GIULIA);
      expect((await pins().signers()).length).toBe(2);
    });

    it('by no program, and after a program by two persons', async () => {
      const id = await pins().proposeAdding(next.certificatePem, PROGRAM);
      await expect(pins().approve(id, given(), PROGRAM)).rejects.toMatchObject({ code: 'person_needed' });
      await expect(pins().approve(id, given(), ANNA)).rejects.toMatchObject({ code: 'program_proposal' });
      const hers = await pins().proposeAdding(next.certificatePem, ANNA);
      await pins().approve(hers, given(), GIULIA);
      expect((await pins().signers()).length).toBe(2);
    });

    it('by an operator alone, who says why', async () => {
      const id = await pins().proposeAdding(next.certificatePem, OPERATOR);
      await pins().approve(id, { ...given(), reason: 'nobody else is there' }, OPERATOR);
      const [entry] = await trail.list(store.db, { limit: 1 });
      expect(entry).toMatchObject({
        action: 'registry-pin.add',
        after: { reason: 'nobody else is there', fingerprint: fingerprintOf(next), proposedBy: 'root' },
      });
    });

    it('once, and as they were seen', async () => {
      const id = await pins().proposeAdding(next.certificatePem, ANNA);
      const changed = await pins().proposeAdding(next.certificatePem, GIULIA);
      await expect(pins().approve(id, given(), GIULIA)).rejects.toMatchObject({ code: 'proposal_unknown' });
      await pins().approve(changed, given(), ANNA);
      await expect(pins().approve(changed, given(), ANNA)).rejects.toMatchObject({
        code: 'proposal_unknown',
      });
      const withdrawn = await pins().proposeRemoving(fingerprintOf(next), ANNA);
      await pins().withdraw(withdrawn, GIULIA);
      await expect(pins().approve(withdrawn, {}, GIULIA)).rejects.toMatchObject({ code: 'proposal_unknown' });
    });

    it('or withdrawn, and not both, when two decide at the same time', async () => {
      const id = await pins().proposeAdding(next.certificatePem, ANNA);
      const done = await Promise.allSettled([
        pins().approve(id, given(), GIULIA),
        pins().withdraw(id, ANNA),
        pins().approve(id, given(), GIULIA),
      ]);
      expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await actions()).length).toBe(2);
      expect((await trail.verify(store.db)).faults).toEqual([]);
    });
  });

  describe('that somebody writes to the database without our keys are not believed, and nothing new is, when', () => {
    const alterations: readonly (readonly [string, () => Promise<unknown>])[] = [
      [
        'the row is altered',
        async () => {
          const content = Buffer.from((await row()).content);
          content[content.length - 1] = (content.at(-1) ?? 0) ^ 1;
          await store.db.updateTable('registry_pins').set({ content }).execute();
        },
      ],
      [
        'the row says another version',
        () => store.db.updateTable('registry_pins').set({ version: 9 }).execute(),
      ],
      ['the row is deleted', () => store.db.deleteFrom('registry_pins').execute()],
      ['the row is of before a decision', () => store.db.updateTable('registry_pins').set(before).execute()],
      [
        'what the trail says of it is deleted',
        () => store.db.deleteFrom('audit_entries').where('target_kind', '=', 'registry-pins').execute(),
      ],
    ];
    let before: Awaited<ReturnType<typeof row>>;

    it.each(alterations)('%s', async (_what, alter) => {
      const federation = await start(agid, next);
      const id = await pins(agid, next).proposeRemoving(fingerprintOf(next), ANNA);
      before = await row();
      await pins(agid, next).approve(id, {}, GIULIA);
      await alter();
      // The key that was switched off: stolen, perhaps.
      registry.serve(later(next));
      expect(await federation.refresh()).toMatchObject({ outcome: 'refused', code: 'registry_pins_altered' });
      expect(federation.providers.all()).toHaveLength(1);
      const altered = { code: 'registry_pins_altered', status: 503 };
      await expect(pins(agid, next).overview()).rejects.toMatchObject(altered);
      await expect(pins(agid, next).proposeAdding(provider.certificatePem, ANNA)).rejects.toMatchObject(
        altered,
      );
      await expect(pins(agid, next).approve(id, {}, GIULIA)).rejects.toMatchObject(altered);
      const restarted = await start(agid, next);
      expect(restarted.providers.all()).toEqual([]);
      expect(await restarted.warnings()).toMatchObject([{ kind: 'pins-altered' }]);

      await pins(agid, next).reset('restored after an attack', OPERATOR);
      expect((await pins(agid, next).overview()).pins).toMatchObject([{ trusted: true }, { trusted: true }]);
      await store.db.updateTable('registry_pins').set(before).execute();
      await expect(pins(agid, next).overview()).rejects.toMatchObject(altered);
    });

    it('the hint at an unknown signer is altered: then there is none', async () => {
      const federation = await start();
      registry.serve(later(next));
      await federation.refresh();
      await store.db
        .updateTable('registry_checks')
        .set({ unknown_signer: Buffer.from('x') })
        .execute();
      expect((await pins().overview()).unknown).toBeUndefined();
    });
  });

  it('are those of one registry, and of no other', async () => {
    await add(next);
    const elsewhere = pinsOf('https://elsewhere.example.it/', [agid.certificatePem], { store, clock });
    expect(await elsewhere.signers()).toHaveLength(1);
  });
});

function fingerprints(pem: string): string {
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
}

function colons({ certificatePem }: TestKey): string {
  return new X509Certificate(certificatePem).fingerprint256;
}
