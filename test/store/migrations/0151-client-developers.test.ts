import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { clientDevelopers } from '../../../src/store/migrations/0151-client-developers.ts';
import { openStore } from '../../../src/store/store.ts';
import { describeStores } from '../../support/stores.ts';

const clock = { now: () => new Date('2026-11-24T12:00:00Z') };

describeStores('services of before they named a developer', (openUrl) => {
  it('go to the role of whoever wrote their first version, who has it once', async () => {
    const store = await openStore(await openUrl(), clock);
    const { db } = store;
    await sql`drop index admin_grants_once`.execute(db);
    await sql`drop index clients_developer_id`.execute(db);
    await db.schema.alterTable('clients').dropColumn('developer_id').execute();
    const grant = (id: string, person: string, role: string, entity: string | null) => ({
      id,
      person_hash: person,
      role,
      entity_id: entity,
      content: Buffer.alloc(1),
      created_at: 0,
    });
    await db
      .insertInto('admin_grants')
      .values([
        grant('a', 'giulia', 'service-developer', 'unione'),
        grant('b', 'anna', 'auditor', null),
        grant('c', 'giulia', 'service-developer', 'unione'),
        grant('d', 'anna', 'auditor', null),
        grant('e', 'giulia', 'service-developer', 'bientina'),
      ])
      .execute();
    const written = [
      ...(['giulia', 'anna', null] as const).map((author) => ({ author, entity: 'unione' })),
      { author: 'giulia', entity: 'elsewhere' },
    ];
    for (const [at, { author, entity }] of written.entries()) {
      const client = { id: `s-${at}`, entity_id: entity, origin: 'console', metadata: '{}' };
      await db
        .insertInto('clients')
        .values({ ...client, created_at: 0, updated_at: 0 })
        .execute();
      const version = { client_id: client.id, state: 'test', metadata: '{}', at: 0 };
      await db
        .insertInto('client_versions')
        .values([
          { ...version, version: 1, author_hash: author },
          { ...version, version: 2, author_hash: 'giulia' },
        ])
        .execute();
    }
    await clientDevelopers().up(db);
    const clients = await db.selectFrom('clients').select('developer_id').orderBy('id').execute();
    expect(clients.map(({ developer_id: developer }) => developer)).toEqual(['a', null, null, null]);
    const grants = await db.selectFrom('admin_grants').select('id').orderBy('id').execute();
    expect(grants.map(({ id }) => id)).toEqual(['a', 'b', 'e']);
    await store.close();
  });
});
