import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../../src/operations/log.ts';
import { Outbound } from '../../../../src/operations/outbound.ts';
import { signEnveloped } from '../../../../src/saml/signature.ts';
import { LARGEST_AGGREGATE } from '../../../../src/sources/spid/federation/fetch.ts';
import { Federation } from '../../../../src/sources/spid/federation/federation.ts';
import { openStore, type Store } from '../../../../src/store/store.ts';
import { pinsOf, startRegistry, type RegistryAnswer, type TestRegistry } from '../../../support/registry.ts';
import { describeStores } from '../../../support/stores.ts';
import { aggregateXml, CREATED, newKey, providerXml, type TestKey } from '../fixtures.ts';

const HOUR_MS = 60 * 60 * 1000;
const START = new Date('2026-03-05T18:00:00Z');

let agid: TestKey;
let other: TestKey;
let key: TestKey;
let nextKey: TestKey;
beforeAll(async () => {
  [agid, other, key, nextKey] = await Promise.all([
    newKey('agid'),
    newKey('other'),
    newKey('idp'),
    newKey('idp-next'),
  ]);
});

const id = (name: string) => `https://${name}.example.it`;
const providerOf = (name: string, ...keys: TestKey[]) =>
  providerXml({
    entityId: id(name),
    keys: (keys.length > 0 ? keys : [key]).map(({ certificate }) => ({ use: 'signing', certificate })),
  });
const FIVE = ['a', 'b', 'c', 'd', 'e'];
const aggregate = (entities: readonly string[], created = CREATED) =>
  aggregateXml(entities).replace(CREATED, created);
const signedBy = (signer: TestKey, xml: string) => signEnveloped(xml, signer, 'first');
const signed = (entities: readonly string[], created?: string) =>
  signedBy(agid, aggregate(entities, created));
const five = (change: (name: string) => string = (name) => providerOf(name), created?: string) =>
  signed(FIVE.map(change), created);

describeStores('the federation (spid-registry-and-idps, 1.3)', (openUrl) => {
  let storeUrl: string;
  let store: Store;
  let registry: TestRegistry;
  let directory: string;
  let now: Date;
  let logged: Record<string, unknown>[];
  const clock = { now: () => now };

  beforeEach(async () => {
    storeUrl ??= await openUrl();
    store ??= await openStore(storeUrl, clock);
    for (const table of ['registry_versions', 'registry_checks', 'provider_switches'] as const)
      await store.db.deleteFrom(table).execute();
    registry = await startRegistry();
    directory = mkdtempSync(join(tmpdir(), 'federation-'));
    now = START;
    logged = [];
  });
  afterEach(async () => {
    await registry.stop();
    rmSync(directory, { recursive: true });
  });
  afterAll(() => store.close());

  /** A process of the gateway, as far as identity providers are concerned. */
  async function start(signers: readonly TestKey[] = [agid], url = registry.url): Promise<Federation> {
    const write = (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>);
    const federation = new Federation({
      registry: {
        url,
        pins: pinsOf(
          url,
          signers.map(({ certificatePem }) => certificatePem),
          { store, clock },
        ),
        outbound: new Outbound(),
        refreshMs: HOUR_MS,
      },
      directory: { path: directory, signers: undefined },
      store,
      clock,
      log: createLog({ level: 'info', destination: { write } }),
    });
    await federation.load();
    return federation;
  }
  const ids = (federation: Federation) => federation.providers.all().map(({ entityId }) => entityId);
  const events = (event: string) => logged.filter((line) => line['event'] === event);

  it('takes what AgID signed, and asks next time only for what is newer', async () => {
    registry.serve(five());
    const federation = await start();
    expect(ids(federation)).toEqual(FIVE.map(id));
    expect(await federation.refresh()).toEqual({ outcome: 'unchanged', changes: [] });
    expect(registry.requests.map((headers) => headers['if-none-match'])).toEqual([undefined, '"v1"']);
    expect(registry.requests[1]?.['if-modified-since']).toBe('Thu, 05 Mar 2026 18:00:00 GMT');
  });

  it('is not led back behind a file that another process took a moment ago', async () => {
    registry.serve(five());
    const [one, two] = [await start(), await start()];
    registry.serve(
      signed(
        [...FIVE, 'f'].map((name) => providerOf(name)),
        '2026-03-05T17:00:00Z',
      ),
    );
    await one.refresh();
    // Newer than what the second process has, older than what is in use.
    registry.serve(
      signed(
        [...FIVE, 'g'].map((name) => providerOf(name)),
        '2026-03-04T10:00:00Z',
      ),
    );
    expect(await two.refresh()).toMatchObject({ outcome: 'refused', objections: [{ why: 'older' }] });
    for (const process of [one, two]) expect(ids(process)).toEqual([...FIVE, 'f'].map(id));
  });

  describe('keeps what works, and says why, when the registry', () => {
    const bad: readonly (readonly [string, () => RegistryAnswer, string])[] = [
      [
        'sends a file without signature',
        () => aggregate(FIVE.map((name) => providerOf(name))),
        'metadata_signature',
      ],
      [
        'sends a file that somebody else signed',
        () => signedBy(other, aggregate(FIVE.map((name) => providerOf(name)))),
        'metadata_signature',
      ],
      [
        'sends a file that was changed after it was signed',
        () => five().replaceAll('/sso/post', '/sso/evil'),
        'metadata_signature',
      ],
      ['sends half a file', () => five().slice(0, 4000), 'invalid_xml'],
      ['sends nothing', () => '', 'invalid_xml'],
      ['sends a web page', () => '<!doctype html><html><body>Manutenzione</body></html>', 'invalid_xml'],
      [
        'sends a document type',
        () => five().replace('?>', '?><!DOCTYPE x [<!ENTITY e "x">]>'),
        'invalid_xml',
      ],
      ['sends far too much', () => Buffer.alloc(LARGEST_AGGREGATE + 1, 32), 'registry_too_large'],
      ['is out of order', () => ({ status: 503 }), 'registry_status'],
      ['sends an empty list, signed', () => signed([]), 'registry_doubtful'],
      [
        'has lost three providers',
        () => signed(['a', 'b'].map((name) => providerOf(name))),
        'registry_doubtful',
      ],
      [
        'lists a provider without any key',
        () =>
          five((name) => (name === 'c' ? providerXml({ entityId: id(name), keys: [] }) : providerOf(name))),
        'registry_doubtful',
      ],
      ['sends an older file', () => five(undefined, '2026-02-28T10:00:00Z'), 'registry_doubtful'],
      [
        'sends a file of the day after tomorrow',
        () => five(undefined, '2026-03-07T20:00:00Z'),
        'registry_doubtful',
      ],
      [
        'does not say when the file was made',
        () =>
          signedBy(
            agid,
            aggregate(FIVE.map((name) => providerOf(name))).replace(/ creationInstant="[^"]*"/, ''),
          ),
        'registry_doubtful',
      ],
      [
        'sends a file that is no longer valid',
        () =>
          signedBy(
            agid,
            aggregate(
              FIVE.map((name) => providerOf(name)),
              '2026-03-02T10:00:00Z',
            ).replace('ID="_aggregate"', 'ID="_aggregate" validUntil="2026-03-05T17:00:00Z"'),
          ),
        'registry_doubtful',
      ],
    ];
    it.each(bad)('%s', async (_what, answer, code) => {
      registry.serve(five());
      const federation = await start();
      const before = federation.providers.all();
      registry.serve(answer());
      now = new Date(START.getTime() + HOUR_MS);
      await federation.follow();
      expect(federation.providers.all()).toEqual(before);
      expect(events('registry_refused')).toEqual([expect.objectContaining({ code })]);
      // The good file that follows is taken: nothing remembers the bad one.
      registry.serve(
        signed(
          [...FIVE, 'f'].map((name) => providerOf(name)),
          '2026-03-05T18:30:00Z',
        ),
      );
      expect(await federation.refresh()).toMatchObject({
        outcome: 'changed',
        changes: [{ provider: id('f'), change: 'added' }],
      });
    });

    it('does not answer', async () => {
      registry.serve(five());
      const federation = await start();
      registry.serve({ hangAfter: '<?xml' });
      expect(await federation.refresh(200)).toMatchObject({ outcome: 'unreachable' });
      await registry.stop();
      expect(await federation.refresh()).toMatchObject({
        outcome: 'unreachable',
        problem: `${registry.url} does not answer (ECONNREFUSED)`,
      });
      expect(ids(federation)).toHaveLength(5);
      registry = await startRegistry();
    });
  });

  it('follows a redirect of the registry within its own address, and none that leads elsewhere inside a network', async () => {
    registry.serve(five());
    const federation = await start();
    const other = await startRegistry();
    other.serve(five(undefined, '2026-03-05T18:30:00Z'));
    registry.serve({ status: 302, location: other.url });
    expect(await federation.refresh()).toMatchObject({ outcome: 'unreachable' });
    expect(other.requests).toEqual([]);
    await other.stop();
    const before = registry.requests.length;
    registry.serve({ status: 302, location: '/moved.xml' });
    expect(await federation.refresh()).toMatchObject({ outcome: 'unreachable' });
    // It redirects for ever: asked a few times, then no more.
    expect(registry.requests.length - before).toBe(4);
    expect(ids(federation)).toHaveLength(5);
  });

  it('lets two providers leave and new ones come, and logs each difference', async () => {
    registry.serve(five());
    const federation = await start();
    registry.serve(
      signed(
        [
          providerOf('a', key, nextKey),
          providerOf('b', nextKey),
          providerOf('c').replaceAll('/sso/', '/in/'),
          providerOf('f'),
        ],
        '2026-03-05T18:30:00Z',
      ),
    );
    await federation.refresh();
    expect(ids(federation)).toEqual(['a', 'b', 'c', 'f'].map(id));
    expect(events('registry_changed').map(({ provider, change }) => [provider, change])).toEqual([
      [id('d'), 'removed'],
      [id('e'), 'removed'],
      [id('a'), 'key-added'],
      [id('b'), 'key-added'],
      [id('b'), 'key-removed'],
      [id('c'), 'endpoints'],
      [id('f'), 'added'],
    ]);
  });

  it('keeps the previous version of a provider that has become unreadable, across a restart, and takes the rest', async () => {
    registry.serve(five());
    const federation = await start();
    registry.serve(
      signed(
        FIVE.map((name) =>
          name === 'c'
            ? providerXml({ entityId: id('c'), keys: [{ use: 'signing', certificate: 'AAAA' }] })
            : providerOf(name, nextKey),
        ),
        '2026-03-05T18:30:00Z',
      ),
    );
    expect(await federation.refresh()).toMatchObject({ outcome: 'changed' });
    const keysOf = (one: Federation, name: string) => one.providers.find(id(name))?.signingKeys;
    await registry.stop();
    for (const process of [federation, await start()]) {
      expect(keysOf(process, 'c')?.[0]?.equals(key.publicKey)).toBe(true);
      expect(keysOf(process, 'a')?.[0]?.equals(nextKey.publicKey)).toBe(true);
    }
    registry = await startRegistry();
  });

  it('starts from the last good file when the registry is down, and from nothing that its signers would not sign', async () => {
    registry.serve(five());
    await start();
    await registry.stop();
    const { url } = registry;
    expect(ids(await start([agid], url))).toHaveLength(5);
    expect(ids(await start([other], url))).toEqual([]);
    registry = await startRegistry();
  });

  it('adds the files of the directory to the registry, which comes first', async () => {
    writeFileSync(join(directory, 'validator.xml'), providerOf('validator'));
    writeFileSync(join(directory, 'zzz.xml'), providerOf('a', other));
    registry.serve(five());
    const federation = await start();
    expect(ids(federation)).toEqual([...FIVE, 'validator'].map(id));
    expect(federation.providers.find(id('a'))?.signingKeys[0]?.equals(key.publicKey)).toBe(true);
  });

  it('takes turns with other processes: one looks, all follow', async () => {
    registry.serve(five());
    const [first, second] = [await start(), await start()];
    await first.follow();
    await second.follow();
    const before = registry.requests.length;
    now = new Date(START.getTime() + HOUR_MS + 1000);
    registry.serve(five((name) => providerOf(name, nextKey), '2026-03-05T18:30:00Z'));
    await Promise.all([first.follow(), second.follow()]);
    expect(registry.requests.length - before).toBe(1);
    await Promise.all([first.follow(), second.follow()]);
    for (const process of [first, second])
      expect(process.providers.find(id('a'))?.signingKeys[0]?.equals(nextKey.publicKey)).toBe(true);
  });

  it('looks at once when a signature of a known provider does not verify, but not again within five minutes', async () => {
    registry.serve(five());
    const federation = await start();
    registry.serve(five((name) => providerOf(name, name === 'a' ? nextKey : key), '2026-03-05T18:30:00Z'));
    expect(await federation.providers.askAgain(id('a'))).toBe(true);
    expect(await federation.providers.askAgain(id('b'))).toBe(false);
    const before = registry.requests.length;
    now = new Date(START.getTime() + 299_000);
    expect(await federation.providers.askAgain(id('a'))).toBe(false);
    expect(await federation.providers.askAgain(id('nobody'))).toBe(false);
    expect(registry.requests.length).toBe(before);
    now = new Date(START.getTime() + 300_000);
    await federation.providers.askAgain(id('a'));
    expect(registry.requests.length).toBe(before + 1);
  });

  it('takes a provider out of use in every process, and back', async () => {
    registry.serve(five());
    const [first, second] = [await start(), await start()];
    await first.switches.disable(id('a'), { it: 'guasto', en: 'fault' }, now);
    await second.follow();
    expect(second.providers.find(id('a'))).toBeUndefined();
    expect(second.providers.inUse()).toHaveLength(4);
    expect(second.providers.switchedOff()).toEqual([
      { entityId: id('a'), name: id('a'), since: now, notice: { it: 'guasto', en: 'fault' } },
    ]);
    // It may still ask to close sessions.
    expect(second.providers.listed(id('a'))).toBeDefined();
    expect((await start()).providers.find(id('a'))).toBeUndefined();
    await first.switches.enable(id('a'));
    await second.follow();
    expect(second.providers.find(id('a'))).toBeDefined();
    expect(events('provider_switched').map(({ state }) => state)).toEqual(['off', 'on']);
  });

  it('warns when the registry has confirmed nothing for 48 hours', async () => {
    registry.serve(five());
    const federation = await start();
    registry.serve({ status: 500 });
    now = new Date(START.getTime() + 48 * HOUR_MS);
    await federation.follow();
    expect(events('federation_warning')).toEqual([]);
    now = new Date(START.getTime() + 48 * HOUR_MS + 1);
    await federation.follow();
    expect(events('federation_warning')).toEqual([
      expect.objectContaining({
        problem: `the registry has not confirmed the list of identity providers since ${START.toISOString()}`,
      }),
    ]);
  });
});
