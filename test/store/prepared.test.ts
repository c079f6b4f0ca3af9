import { expect, it } from 'vitest';
import { prepared } from '../../src/store/prepared.ts';
import { openStore } from '../../src/store/store.ts';
import { describeStores } from '../support/stores.ts';

const clock = { now: () => new Date('2026-11-24T10:00:00Z') };

describeStores('a query that is made once', (openUrl) => {
  it('is run with the values of each time, in a transaction and outside, on every store that is open', async () => {
    let times = 0;
    const find = prepared((db, { kind, now }: { kind: string; now: number }) => {
      times += 1;
      return db
        .selectFrom('used_once')
        .select(['id', 'expires_at'])
        .where('kind', '=', kind)
        .where('kind', '!=', 'never')
        .where('expires_at', '>', now)
        .orderBy('id');
    });
    const remember = prepared((db, { kind, id, until }: { kind: string; id: string; until: number }) =>
      db
        .insertInto('used_once')
        .values({ kind, id, expires_at: until })
        .onConflict((conflict) => conflict.columns(['kind', 'id']).doUpdateSet({ expires_at: until })),
    );
    const [one, other] = [await openStore(await openUrl(), clock), await openStore(await openUrl(), clock)];
    await remember(one.db, { kind: 'jti', id: 'a', until: 1 });
    await remember(one.db, { kind: 'jti', id: 'a', until: 5 });
    await remember(one.db, { kind: 'assertion', id: 'b', until: 7 });
    expect(await find(one.db, { kind: 'jti', now: 0 })).toEqual([{ id: 'a', expires_at: 5 }]);
    expect(await find(one.db, { kind: 'assertion', now: 6 })).toEqual([{ id: 'b', expires_at: 7 }]);
    expect(await find(one.db, { kind: 'assertion', now: 7 })).toEqual([]);
    expect(await find(other.db, { kind: 'jti', now: 0 })).toEqual([]);
    const undone = one.transaction(async (transaction) => {
      await remember(transaction, { kind: 'jti', id: 'c', until: 9 });
      expect(await find(transaction, { kind: 'jti', now: 5 })).toEqual([{ id: 'c', expires_at: 9 }]);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await find(one.db, { kind: 'jti', now: 5 })).toEqual([]);
    expect(times).toBe(2);
    await Promise.all([one.close(), other.close()]);
  });

  it('takes no values that look like something else: what they hold is only ever a value', async () => {
    const store = await openStore(await openUrl(), clock);
    const find = prepared((db, { id }: { id: string }) =>
      db.selectFrom('used_once').select('id').where('id', '=', id),
    );
    const odd = `' or 1 = 1 -- $1 ?`;
    await store.db.insertInto('used_once').values({ kind: 'jti', id: odd, expires_at: 1 }).execute();
    expect(await find(store.db, { id: odd })).toEqual([{ id: odd }]);
    expect(await find(store.db, { id: `' or 1 = 1 --` })).toEqual([]);
    await store.close();
  });
});
