import { expect, it } from 'vitest';
import { registryPins } from '../../../src/store/migrations/0190-registry-pins.ts';
import { openStore } from '../../../src/store/store.ts';
import { describeStores } from '../../support/stores.ts';

const clock = { now: () => new Date('2026-11-24T12:00:00Z') };

describeStores(
  'a store whose registry was looked at before certificates were pinned at run time',
  (openUrl) => {
    it('knows of that look as before, and of no unknown signer', async () => {
      const store = await openStore(await openUrl(), clock);
      const { db } = store;
      await db.schema.dropTable('registry_pins').execute();
      await db.schema.alterTable('registry_checks').dropColumn('unknown_signer').execute();
      const check = { url: 'https://registry.example.it', next_at: 7, confirmed_at: 5, etag: '"v1"' };
      await db.insertInto('registry_checks').values(check).execute();
      await registryPins(store.dialect).up(db);
      expect(await db.selectFrom('registry_checks').selectAll().execute()).toEqual([
        { ...check, last_modified: null, unknown_signer: null },
      ]);
      expect(await db.selectFrom('registry_pins').selectAll().execute()).toEqual([]);
      await store.close();
    });
  },
);
