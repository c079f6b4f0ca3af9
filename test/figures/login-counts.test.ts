import { expect, it } from 'vitest';
import { daysUpTo } from '../../src/figures/day.ts';
import { LoginCounts } from '../../src/figures/login-counts.ts';
import { figuresByClient, loginFigures, type FigureFilter } from '../../src/figures/login-figures.ts';
import type { LoginEvent } from '../../src/figures/step.ts';
import type { SourceKind } from '../../src/identity/identity.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { describeStores } from '../support/stores.ts';

/** Half past midnight in Italy, still the day before in UTC. */
let now = new Date('2026-11-23T23:30:00Z');
const clock = { now: () => now };
const ALL = { entityIds: undefined, clientId: undefined };
const SUAP = {
  entityId: 'unione',
  clientId: 'suap',
  testing: false,
  source: 'spid' as const,
  level: 2 as const,
  provider: 'https://idp.example.it',
};
/** One that is still to come. */
const OTHER_SOURCE = 'cie' as string as SourceKind;
const figuresByDay = async ({ db }: Store, days: readonly string[], filter: FigureFilter) =>
  (await loginFigures(db, days, days[0] ?? '', filter)).days;

describeStores('counters of logins', (openUrl) => {
  it('add up over processes, by day in Italy, source, provider, level, error and service, for one body or all', async () => {
    const url = await openUrl();
    const [one, other] = [await openStore(url, clock), await openStore(url, clock)];
    const [here, there] = [new LoginCounts(one, clock), new LoginCounts(other, clock)];
    const count = (counts: LoginCounts, times: number, event: LoginEvent) => {
      for (let at = 0; at < times; at++) counts.add(event);
    };
    count(here, 3, { ...SUAP, step: 'shown', source: undefined, provider: undefined });
    count(here, 2, { ...SUAP, step: 'chosen' });
    count(there, 1, {
      ...SUAP,
      step: 'chosen',
      source: OTHER_SOURCE,
      provider: 'https://cie.example.it',
      level: 1,
    });
    count(there, 1, { ...SUAP, step: 'failed', code: 'spid_nr25' });
    count(there, 4, { ...SUAP, step: 'redeemed', entityId: 'bientina', clientId: 'mensa' });
    // A SQLite file belongs to one process at a time; of PostgreSQL's two one waits for the other.
    if (one.dialect === 'postgres') await Promise.all([here.flush(), there.flush()]);
    await here.flush();
    await there.flush();

    const [day = '', before = ''] = daysUpTo(now, 14);
    expect([day, before]).toEqual(['2026-11-24', '2026-11-23']);
    expect(await figuresByDay(one, [day, before], ALL)).toMatchObject([
      { value: day, shown: 3, chosen: 3, failed: 1, redeemed: 4 },
      { value: before, shown: 0, chosen: 0, failed: 0, redeemed: 0 },
    ]);
    expect(await figuresByDay(one, [day], { entityIds: ['bientina'], clientId: undefined })).toMatchObject([
      { shown: 0, redeemed: 4 },
    ]);
    const { byLevel, bySource, byError } = await loginFigures(one.db, [day], day, ALL);
    expect(byLevel).toMatchObject([
      { value: '2', chosen: 2, redeemed: 4 },
      { value: '1', chosen: 1 },
    ]);
    expect(bySource).toMatchObject([
      { value: 'spid', shown: 0, chosen: 2, failed: 1, redeemed: 4 },
      { value: 'cie', chosen: 1 },
    ]);
    expect(byError).toMatchObject([{ value: 'spid_nr25', failed: 1 }]);
    const suap = await loginFigures(one.db, [day], day, { entityIds: undefined, clientId: 'suap' });
    expect(suap.byProvider).toMatchObject([
      { value: SUAP.provider, chosen: 2, redeemed: 0 },
      { value: 'https://cie.example.it', chosen: 1 },
    ]);
    const services = (entityIds?: string[], offset = 0) =>
      figuresByClient(one.db, day, 'services', entityIds, { limit: 1, offset });
    expect(await services()).toMatchObject([{ value: 'mensa', redeemed: 4 }]);
    expect(await services(undefined, 1)).toMatchObject([{ value: 'suap', chosen: 3 }]);
    expect(await services(['unione'])).toMatchObject([{ value: 'suap' }]);
    expect(await services([])).toEqual([]);
    await Promise.all([one.close(), other.close()]);
  });

  it("leave the gateway's own pages out of what all services come to, and show them apart", async () => {
    const store = await openStore(await openUrl(), clock);
    const counts = new LoginCounts(store, clock);
    counts.add({ ...SUAP, step: 'redeemed' });
    counts.add({ ...SUAP, step: 'redeemed', clientId: 'gateway-accesses' });
    await counts.flush();
    const all = await loginFigures(store.db, ['2026-11-24'], '2026-11-24', ALL);
    for (const rows of [all.days, all.byProvider, all.bySource, all.byLevel])
      expect(rows).toMatchObject([{ redeemed: 1 }]);
    const clients = async (which: 'services' | 'own-pages') =>
      (await figuresByClient(store.db, '2026-11-24', which, undefined)).map(({ value }) => value);
    expect(await clients('services')).toEqual(['suap']);
    expect(await clients('own-pages')).toEqual(['gateway-accesses']);
    const own = { entityIds: undefined, clientId: 'gateway-accesses' };
    expect(await figuresByDay(store, ['2026-11-24'], own)).toMatchObject([{ redeemed: 1 }]);
    await store.close();
  });

  it('leave logins of the test stage out of what all services come to, and show those of a service with its own', async () => {
    const store = await openStore(await openUrl(), clock);
    const counts = new LoginCounts(store, clock);
    counts.add({ ...SUAP, step: 'redeemed' });
    counts.add({ ...SUAP, step: 'redeemed', testing: true });
    counts.add({ ...SUAP, step: 'redeemed', testing: true, clientId: 'mensa' });
    await counts.flush();
    const day = '2026-11-24';
    const all = await loginFigures(store.db, [day], day, ALL);
    for (const rows of [all.days, all.byProvider, all.bySource, all.byLevel])
      expect(rows).toMatchObject([{ redeemed: 1 }]);
    const clients = (which: 'services' | 'tests' | 'own-pages') =>
      figuresByClient(store.db, day, which, undefined);
    expect(await clients('services')).toMatchObject([{ value: 'suap', redeemed: 1 }]);
    expect(await clients('tests')).toMatchObject([
      { value: 'mensa', redeemed: 1 },
      { value: 'suap', redeemed: 1 },
    ]);
    expect(await clients('own-pages')).toEqual([]);
    const suap = { entityIds: undefined, clientId: 'suap' };
    expect(await figuresByDay(store, [day], suap)).toMatchObject([{ redeemed: 2 }]);
    await store.close();
  });

  it('keep what the store would not take for the next time, and forget days after two months, months after a year', async () => {
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
    const today = () => figuresByDay(store, ['2026-11-24'], ALL);
    expect(await today()).toMatchObject([{ shown: 2 }]);
    const month = () => figuresByDay(store, ['2026-11'], ALL);
    now = new Date('2027-01-26T00:00:00Z');
    await store.purge();
    expect(await today()).toMatchObject([{ shown: 0 }]);
    expect(await month()).toMatchObject([{ shown: 2 }]);
    now = new Date('2027-12-30T00:00:00Z');
    await store.purge();
    expect(await month()).toMatchObject([{ shown: 0 }]);
    now = new Date('2026-11-23T23:30:00Z');
    await store.close();
  });
});
