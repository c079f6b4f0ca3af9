import { expect, it } from 'vitest';
import { registerDocumentsUse } from '../../../src/store/migrations/0185-register-documents-use.ts';
import { openStore } from '../../../src/store/store.ts';
import { describeStores } from '../../support/stores.ts';

const clock = { now: () => new Date('2026-11-24T12:00:00Z') };

describeStores('documents of the register from before it was known when they were used', (openUrl) => {
  it.each([
    ['stay as long as the newest entry may name them', ['2026-09', '2026-11'], '2026-11'],
    ['are of no month where nothing was ever registered', [], ''],
  ])('%s', async (_what, months, expected) => {
    const store = await openStore(await openUrl(), clock);
    const { db } = store;
    await db.schema.alterTable('register_documents').dropColumn('last_month').execute();
    for (const month of months)
      await db
        .insertInto('register_heads')
        .values({ entity_id: month, seq: 1, hash: '', at: 0, month, key_id: '', mac: '' })
        .execute();
    const document = { hash: 'h', bytes: Buffer.from('<xml/>'), first_at: 7 };
    // The column is not there yet.
    await db
      .insertInto('register_documents')
      .values(document as never)
      .execute();
    await registerDocumentsUse().up(db);
    expect(await db.selectFrom('register_documents').select(['first_at', 'last_month']).execute()).toEqual([
      { first_at: 7, last_month: expected },
    ]);
    await store.close();
  });
});
