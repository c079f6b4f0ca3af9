import { afterAll, beforeAll, expect, it } from 'vitest';
import { AuditTrail } from '../../src/audit/trail.ts';
import type { Client } from '../../src/clients/client.ts';
import { ClientSecrets } from '../../src/clients/secrets.ts';
import type { EntityDeclaration } from '../../src/entities/entity.ts';
import { EntityRegister } from '../../src/entities/register.ts';
import { clientChanges } from '../../src/gateway/clients.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { buildMetadata } from '../../src/sources/spid/metadata.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { testClient } from '../support/relying-party.ts';
import { describeStores } from '../support/stores.ts';

describeStores('a service that is registered at run time', (openUrl) => {
  let gateway: TestGateway;
  let store: Store;
  beforeAll(async () => {
    gateway = await startTestGateway({ storeUrl: await openUrl(), clients: [] });
    store = await openStore(gateway.configuration.store.url, systemClock);
  });
  afterAll(async () => {
    await store.close();
    await gateway.stop();
  });

  it('may ask for what is in force, by what is declared only while nothing is', async () => {
    const { configuration } = gateway;
    const { directory, passphrase } = configuration.keys;
    const keys = loadKeys(directory, { passphrase });
    const entities = await new EntityRegister(store, systemClock, gateway.url).fresh();
    const changes = clientChanges(configuration, {
      store,
      keys,
      entities,
      clock: systemClock,
      trail: new AuditTrail(keys),
      secrets: new ClientSecrets(store, systemClock),
    });
    const [union] = configuration.entities as readonly EntityDeclaration[];
    const sets = union?.attributeSets.filter(({ index }) => index === 0) ?? [];
    const town = { ...union, id: 'pontedera', entityId: `${gateway.url}/pontedera`, attributeSets: sets };
    const declare = (attributeSets: EntityDeclaration['attributeSets']) =>
      entities.save({ ...town, attributeSets } as EntityDeclaration);
    const enforce = async () => {
      const entity = entities.get('pontedera');
      if (!entity) throw new Error('it was saved');
      const content = buildMetadata(entity, gateway.url, [], '_x');
      const version = await entities.versions.sealed('pontedera', content, () => Buffer.from(content));
      await entities.versions.putInForce('pontedera', version);
      await entities.fresh();
    };
    const service = testClient('scuola', { entity: 'pontedera' });
    const wanting = (...names: Client['attributes'][number]['name'][]) => {
      const attributes = names.map((name) => ({
        name,
        purpose: { it: 'prova', en: 'test' },
        required: false,
      }));
      return () => changes.check({ ...service, sector: 'x', attributes } as unknown as Client);
    };
    const identification = wanting('name', 'fiscalNumber');
    const contacts = wanting('fiscalNumber', 'email');

    await declare(sets);
    expect(identification).not.toThrow();
    expect(contacts).toThrow(
      /ask for less, or declare a further set and bring it into force \(spid-sp-metadata 3\)/,
    );
    await enforce();
    await declare([
      ...sets,
      { index: 1, name: 'Contatti', attributes: ['spidCode', 'fiscalNumber', 'email'] },
    ]);
    expect(identification).not.toThrow();
    expect(contacts).toThrow(
      /set 1 is declared: bring its metadata into force first \(metadata draft pontedera\)/,
    );
    await enforce();
    expect(contacts).not.toThrow();
  });
});
