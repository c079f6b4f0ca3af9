import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { AuditTrail } from '../../src/audit/trail.ts';
import { ClientRegister } from '../../src/clients/register.ts';
import type { Client } from '../../src/clients/client.ts';
import type { EntityDeclaration } from '../../src/entities/entity.ts';
import { EntityRegister } from '../../src/entities/register.ts';
import { checkedClients } from '../../src/gateway/declared.ts';
import { clientChanges, followClients } from '../../src/gateway/clients.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { createLog } from '../../src/operations/log.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { testClient } from '../support/relying-party.ts';
import { describeStores } from '../support/stores.ts';

const BY = { actor: { kind: 'operator', name: 'test' }, via: 'command-line' } as const;

describeStores('services of the configuration file', (openUrl) => {
  let gateway: TestGateway;
  let store: Store;
  let keys: ReturnType<typeof loadKeys>;
  let trail: AuditTrail;
  let entities: EntityRegister;
  let school: Client;
  const logged: string[] = [];
  beforeAll(async () => {
    gateway = await startTestGateway({ storeUrl: await openUrl(), clients: [testClient('declared')] });
    const { configuration } = gateway;
    keys = loadKeys(configuration.keys.directory, { passphrase: configuration.keys.passphrase });
    store = await openStore(configuration.store.url, systemClock);
    trail = new AuditTrail(keys);
    entities = await new EntityRegister(store, systemClock, gateway.url).fresh();
    const bodies = configuration.entities as readonly EntityDeclaration[];
    const [declared] = checkedClients(configuration, bodies);
    if (!declared) throw new Error('there is one');
    school = { ...declared.client, id: 'school' };
  });
  beforeEach(() => void (logged.length = 0));
  afterAll(async () => {
    await store.close();
    await gateway.stop();
  });

  const log = createLog({ level: 'info', destination: { write: (line: string) => void logged.push(line) } });
  const parts = () => ({
    store,
    keys,
    entities,
    log,
    clock: systemClock,
    secrets: new ClientRegister(store, systemClock).secrets,
  });
  const start = (clients: readonly Client[], secrets = ['first secret']) =>
    followClients(
      gateway.configuration,
      parts(),
      clients.map((client) => ({ client, secrets })),
    );
  const row = () => clientChanges(gateway.configuration, { ...parts(), trail }).get('school');
  const entries = async (id = 'school') =>
    (await trail.list(store.db, { limit: 50, target: { kind: 'client', id } })).map(
      ({ action, via, actor }) => `${action}, ${via}, ${actor}`,
    );
  const BY_FILE = 'configuration, configuration file';

  it('get a version and an entry in the trail at the first start, also those of this very gateway', async () => {
    expect(await entries('declared')).toEqual([`client.create, ${BY_FILE}`]);
    await start([school]);
    expect(await row()).toMatchObject({ origin: 'configuration', state: 'live', version: 1 });
    const versions = await store.db.selectFrom('client_versions').selectAll().execute();
    expect(versions.filter(({ client_id }) => client_id === 'school')).toMatchObject([{ version: 1 }]);
  });

  it('stay untouched at every further start, and change once, however many processes start at once', async () => {
    await start([school]);
    const before = await entries();
    await start([{ ...school }]);
    expect(await entries()).toEqual(before);
    const changed = { ...school, minimumLevel: 3 } as const;
    await Promise.all([1, 2, 3].map(() => start([changed])));
    expect(await row()).toMatchObject({ version: 2, client: { minimumLevel: 3 } });
    expect(await entries()).toEqual([`client.update, ${BY_FILE}`, ...before]);
  });

  it('come into being once, however many processes start at once', async () => {
    await start([]);
    await Promise.all([1, 2, 3].map(() => start([{ ...school, id: 'together' }])));
    expect(await entries('together')).toEqual([`client.create, ${BY_FILE}`]);
    const secrets = await store.db.selectFrom('client_secrets').select('client_id').execute();
    expect(secrets.filter(({ client_id }) => client_id === 'together')).toHaveLength(1);
  });

  it('change their secrets in the trail, without their text', async () => {
    await start([school], ['first secret']);
    await start([school], ['first secret', 'second secret']);
    expect((await entries())[0]).toBe(`client.change-secrets, ${BY_FILE}`);
    const all = await trail.list(store.db, { limit: 50 });
    expect(JSON.stringify(all)).not.toContain('second secret');
  });

  it('stay suspended over a start, and are gone when the file has them no more, with what they were in the trail', async () => {
    await start([school]);
    const { version } = await row();
    await clientChanges(gateway.configuration, { ...parts(), trail }).setState(
      'school',
      version,
      'suspended',
      BY,
    );
    await start([{ ...school, minimumLevel: 1 }]);
    expect(await row()).toMatchObject({ state: 'suspended', client: { minimumLevel: 1 } });
    await start([]);
    await expect(row()).rejects.toMatchObject({ code: 'client_unknown' });
    const [last] = await trail.list(store.db, { limit: 1, target: { kind: 'client', id: 'school' } });
    expect(last).toMatchObject({ action: 'client.remove', before: { id: 'school', state: 'suspended' } });
  });

  it('are judged by the attribute sets in force: one that asks for more stays as it was, and is named', async () => {
    await start([school]);
    const before = await entries();
    const [wanted] = school.attributes;
    if (!wanted) throw new Error('it asks for something');
    const greedy = { ...school, attributes: [{ ...wanted, name: 'idCard' as const }] };
    const other = { ...school, id: 'other', minimumLevel: 3 } as const;
    expect(await start([greedy, other])).toEqual(['school']);
    expect((await row()).client).toEqual(school);
    expect(await entries()).toEqual(before);
    expect(await entries('other')).toEqual([`client.create, ${BY_FILE}`]);
    expect(logged.join('')).toMatch(/client_not_followed.*school.*attributes/);
  });
});
