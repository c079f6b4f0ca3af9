import { expect, it, onTestFinished } from 'vitest';
import type { Client } from '../../src/clients/client.ts';
import { columnsOf, registeredClients } from '../../src/clients/registered.ts';
import { clientSearch } from '../../src/store/migrations/0152-client-search.ts';
import { openStore } from '../../src/store/store.ts';
import { describeStores } from '../support/stores.ts';

const clock = { now: () => new Date('2026-11-24T12:00:00Z') };
const SERVICES = [
  { id: 's-mensa', entity: 'unione', name: { it: 'Mensa È Pronta', en: 'School canteen' } },
  {
    id: 's-suap',
    entity: 'unione',
    name: { it: 'Sportello 100%', en: 'Counter' },
    homePage: 'https://mensa.it/',
  },
] as unknown as readonly Client[];

describeStores('searching services', (openUrl) => {
  it('finds them by id and by name in both languages, in capitals or not, and by nothing else of theirs', async () => {
    const store = await openStore(await openUrl(), clock);
    onTestFinished(() => store.close());
    const { db } = store;
    for (const client of SERVICES)
      await db
        .insertInto('clients')
        .values({ ...columnsOf(client), id: client.id, origin: 'console', created_at: 0, updated_at: 0 })
        .execute();
    const found = async (text: string) =>
      (await registeredClients(db, { text, limit: 10 })).map(({ client }) => client.id);
    const all = async () => [
      await found('s-mensa'),
      await found('MENSA è'),
      await found('canteen'),
      await found('mensa.it'),
      await found('homepage'),
      await found('100%'),
      await found(''),
    ];
    const expected = [['s-mensa'], ['s-mensa'], ['s-mensa'], [], [], ['s-suap'], ['s-mensa', 's-suap']];
    expect(await all()).toEqual(expected);
    // As it was before it was written out.
    await db.schema.alterTable('clients').dropColumn('search').execute();
    await clientSearch().up(db);
    expect(await all()).toEqual(expected);
  });
});
