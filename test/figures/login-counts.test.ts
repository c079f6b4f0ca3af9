import { expect, it } from 'vitest';
import { daysUpTo } from '../../src/figures/day.ts';
import { LoginCounts } from '../../src/figures/login-counts.ts';
import { figuresBy, figuresByDay, figuresByService } from '../../src/figures/login-figures.ts';
import type { LoginEvent } from '../../src/figures/step.ts';
import { openStore } from '../../src/store/store.ts';
import { describeStores } from '../support/stores.ts';

/** Half past midnight in Italy, still the day before in UTC. */
let now = new Date('2026-11-23T23:30:00Z');
const clock = { now: () => now };
const ALL = { entityIds: undefined, clientId: undefined };
const SUAP = { entityId: 'unione', clientId: 'suap', provider: 'https://idp.example.it', level: 2 } as const;

describeStores('counters of logins', (openUrl) => {
  it('add up over processes, by day in Italy, provider, level, error and service, for one body or all', async () => {
    const url = await openUrl();
    const [one, other] = [await openStore(url, clock), await openStore(url, clock)];
    const [here, there] = [new LoginCounts(one, clock), new LoginCounts(other, clock)];
    const count = (counts: LoginCounts, times: number, event: LoginEvent) => {
      for (let at = 0; at < times; at++) counts.add(event);
    };
    count(here, 3, { ...SUAP, step: 'shown', provider: undefined });
    count(here, 2, { ...SUAP, step: 'chosen' });
    count(there, 1, { ...SUAP, step: 'chosen', level: 1 });
    count(there, 1, { ...SUAP, step: 'failed', code: 'spid_nr25' });
    count(there, 4, { ...SUAP, step: 'redeemed', entityId: 'bientina', clientId: 'mensa' });
    // A SQLite file belongs to one process at a time; of PostgreSQL's two one waits for the other.
    if (one.dialect === 'postgres') await Promise.all([here.flush(), there.flush()]);
    await here.flush();
    await there.flush();

    const [day = '', before = ''] = daysUpTo(now, 14);
    expect([day, before]).toEqual(['2026-11-24', '2026-11-23']);
    expect(await figuresByDay(one.db, [day, before], ALL)).toMatchObject([
      { value: day, shown: 3, chosen: 3, failed: 1, redeemed: 4 },
      { value: before, shown: 0, chosen: 0, failed: 0, redeemed: 0 },
    ]);
    expect(await figuresByDay(one.db, [day], { entityIds: ['bientina'], clientId: undefined })).toMatchObject(
      [{ shown: 0, redeemed: 4 }],
    );
    expect(await figuresBy(one.db, day, 'level', ALL)).toMatchObject([
      { value: '2', chosen: 2, redeemed: 4 },
      { value: '1', chosen: 1 },
    ]);
    expect(
      await figuresBy(one.db, day, 'provider', { entityIds: undefined, clientId: 'suap' }),
    ).toMatchObject([{ value: SUAP.provider, chosen: 3, redeemed: 0 }]);
    expect(await figuresBy(one.db, day, 'error', ALL)).toMatchObject([{ value: 'spid_nr25', failed: 1 }]);
    const services = (entityIds?: string[], offset = 0) =>
      figuresByService(one.db, day, entityIds, { limit: 1, offset });
    expect(await services()).toMatchObject([{ value: 'mensa', redeemed: 4 }]);
    expect(await services(undefined, 1)).toMatchObject([{ value: 'suap', chosen: 3 }]);
    expect(await services(['unione'])).toMatchObject([{ value: 'suap' }]);
    expect(await services([])).toEqual([]);
    await Promise.all([one.close(), other.close()]);
  });

  it('keep what the store would not take for the next time, and forget it after a year', async () => {
    const store = await openStore(await openUrl(), clock);
    let fails = true;
    const counts = new LoginCounts(
      {
        ...store,
        transaction: (work) => (fails ? Promise.reject(new Error('away')) : store.transaction(work)),
      },
      clock,
    );
    counts.add({ ...SUAP, step: 'shown' });
    await expect(counts.flush()).rejects.toThrow('away');
    counts.add({ ...SUAP, step: 'shown' });
    fails = false;
    await counts.flush();
    const today = () => figuresByDay(store.db, ['2026-11-24'], ALL);
    expect(await today()).toMatchObject([{ shown: 2 }]);
    now = new Date('2027-12-30T00:00:00Z');
    await store.purge();
    expect(await today()).toMatchObject([{ shown: 0 }]);
    now = new Date('2026-11-23T23:30:00Z');
    await store.close();
  });
});
