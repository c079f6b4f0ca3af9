import { afterAll, beforeAll, expect, it } from 'vitest';
import { AuditTrail } from '../../src/audit/trail.ts';
import { ClientSecrets } from '../../src/clients/secrets.ts';
import type { Client } from '../../src/clients/client.ts';
import { readDeclarations } from '../../src/config/load.ts';
import { EntityChanges } from '../../src/entities/changes.ts';
import type { EntityDeclaration } from '../../src/entities/entity.ts';
import { EntityRegister } from '../../src/entities/register.ts';
import { clientChanges } from '../../src/gateway/clients.ts';
import { carryOut, planOf, type Declarations } from '../../src/gateway/plan.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { testClient } from '../support/relying-party.ts';
import { describeStores } from '../support/stores.ts';

const BY = { actor: { kind: 'operator', name: 'test' }, via: 'command-line' } as const;

describeStores('a file of bodies and services', (openUrl) => {
  let gateway: TestGateway;
  let store: Store;
  let entities: EntityRegister;
  let trail: AuditTrail;
  let town: EntityDeclaration;
  let school: Client;

  beforeAll(async () => {
    gateway = await startTestGateway({ storeUrl: await openUrl(), clients: [testClient('declared')] });
    const { configuration } = gateway;
    store = await openStore(configuration.store.url, systemClock);
    entities = await new EntityRegister(store, systemClock, gateway.url).fresh();
    const keys = loadKeys(configuration.keys.directory, { passphrase: configuration.keys.passphrase });
    trail = new AuditTrail(keys);
    const [union] = configuration.entities as readonly EntityDeclaration[];
    if (!union) throw new Error('the test gateway has one body');
    town = {
      ...union,
      id: 'esempio',
      entityId: `${gateway.url}/pub-ag-full/c_x999`,
      contact: { ipaCode: 'c_x999', email: 'spid@comune.example.it' },
      aggregator: 'unione',
    };
    const text = JSON.stringify({
      clients: [
        {
          id: 'school',
          entity: 'esempio',
          homePage: 'https://scuola.example.it/',
          name: { it: 'Iscrizioni', en: 'Enrolment' },
          redirectUris: ['https://scuola.example.it/callback'],
          attributes: [{ name: 'name', purpose: { it: 'intestare' }, legalBasis: { ground: 'consent' } }],
        },
      ],
    });
    const [only] = readDeclarations('test', text).clients;
    if (!only) throw new Error('there is one');
    school = only.client;
  });
  afterAll(async () => {
    await store.close();
    await gateway.stop();
  });

  const partsFor = (wanted: Declarations) => {
    const keys = loadKeys(gateway.configuration.keys.directory, {
      passphrase: gateway.configuration.keys.passphrase,
    });
    const clients = clientChanges(gateway.configuration, {
      store,
      keys,
      trail,
      clock: systemClock,
      secrets: new ClientSecrets(store, systemClock),
      entities,
      wanted: wanted.entities,
    });
    return { entities, clients };
  };
  const plan = (wanted: Declarations, retireMissing = false) =>
    planOf(wanted, partsFor(wanted), { retireMissing });
  const apply = async (wanted: Declarations, retireMissing = false) => {
    const { clients } = partsFor(wanted);
    const changes = new EntityChanges(entities, trail, systemClock);
    return carryOut(await plan(wanted, retireMissing), { entities: changes, clients }, BY);
  };
  const wish = (state?: 'live' | 'suspended', change: Partial<Client> = {}): Declarations => ({
    entities: [town],
    clients: [{ client: { ...school, ...change }, state }],
  });
  const acts = async (wanted: Declarations, retireMissing = false) =>
    (await plan(wanted, retireMissing)).changes.map(({ act, id }) => `${act} ${id}`);
  const actions = async () =>
    (await trail.list(store.db, { limit: 100 }))
      .filter(({ via }) => via === BY.via)
      .map(({ action, target }) => `${action} ${target?.id}`)
      .reverse();

  it('is refused as a whole when anything in it breaks a rule, with the rule', async () => {
    const wrong: Declarations = {
      entities: [{ ...town, contact: { ...town.contact, ipaCode: 'c x999' } }],
      clients: [
        { client: { ...school, redirectUris: ['http://scuola.example.it/'] }, state: 'suspended' },
        {
          client: {
            ...school,
            id: 'other',
            attributes: [{ ...school.attributes[0], legalBasis: undefined }],
          } as unknown as Client,
          state: 'live',
        },
      ],
    };
    const refusal = await plan(wrong).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'plan_invalid', status: 422 });
    const { message } = refusal as Error;
    expect(message).toMatch(/entity esempio: contact\.ipaCode: found c x999; .*\(spid-sp-metadata 2\.3\)/);
    expect(message).toMatch(/client school: redirectUris\[0\]: .*\(RFC 9700 2\.1\)/);
    expect(message).toMatch(
      /client school: state: found suspended; allowed after test: test, waiting, live, /,
    );
    expect(message).toContain('client other: state: found live; it lacks legal-basis');
    expect(await actions()).toEqual([]);
  });

  it('cannot take over what the configuration file keeps', async () => {
    const declared = { client: { ...school, id: 'declared', entity: 'unione' }, state: undefined };
    await expect(plan({ entities: [{ ...town, id: 'unione' }], clients: [declared] })).rejects.toMatchObject({
      code: 'plan_declared',
      message: expect.stringContaining('keeps entity unione, client declared') as string,
    });
  });

  it('becomes true, with an entry in the audit trail for each change, and then changes nothing', async () => {
    expect(await acts(wish('live'))).toEqual([
      'save entity esempio',
      'save client school',
      'set state school',
    ]);
    const secrets = await apply(wish('live'));
    expect(secrets.get('school')).toMatch(/^\S{43}$/);
    expect(await actions()).toEqual(['entity.create esempio', 'client.create school', 'client.live school']);
    expect(await acts(wish('live'))).toEqual([]);
    expect(await acts(wish())).toEqual([]);
    expect((await trail.verify(store.db)).faults).toEqual([]);
  });

  it('changes what differs, and only that', async () => {
    const renamed = wish('live', { name: { it: 'Mensa', en: 'Canteen' } });
    const { changes } = await plan(renamed);
    expect(changes).toMatchObject([
      {
        act: 'save client',
        differences: [
          { path: 'name.it', before: '"Iscrizioni"', after: '"Mensa"' },
          { path: 'name.en', before: '"Enrolment"', after: '"Canteen"' },
        ],
      },
    ]);
    await apply(renamed);
    expect((await actions()).slice(3)).toEqual(['client.update school']);
  });

  it('is another plan, and is refused, once somebody else has changed what it was made for', async () => {
    const wanted = wish('live', { name: { it: 'Asilo', en: 'Nursery' } });
    const made = await plan(wanted);
    await apply(wish('live', { name: { it: 'Scuola', en: 'School' } }));
    expect((await plan(wanted)).digest).not.toBe(made.digest);
    const parts = {
      entities: new EntityChanges(entities, trail, systemClock),
      clients: partsFor(wanted).clients,
    };
    await expect(carryOut(made, parts, BY)).rejects.toMatchObject({ code: 'client_stale' });
    const moved = { ...town, locality: 'Pisa' };
    const late = await plan({ ...wanted, entities: [moved] });
    await parts.entities.save({ ...town, locality: 'Lucca' }, BY);
    await expect(carryOut(late, parts, BY)).rejects.toMatchObject({ code: 'entity_stale' });
  });

  it('leaves alone what it does not have, unless that is to be retired: services first, then bodies', async () => {
    const nothing: Declarations = { entities: [], clients: [] };
    const { changes, leftAlone } = await plan(nothing);
    expect(changes).toEqual([]);
    expect(leftAlone).toEqual([
      { kind: 'entity', id: 'esempio' },
      { kind: 'client', id: 'school' },
    ]);
    expect(await acts(nothing, true)).toEqual(['set state school', 'cease entity esempio']);
    await apply(nothing, true);
    expect((await actions()).slice(-2)).toEqual(['client.retired school', 'entity.cease esempio']);
    expect(await plan(nothing)).toMatchObject({ changes: [], leftAlone: [] });
    expect(entities.get('unione')).toBeDefined();
  });
});
