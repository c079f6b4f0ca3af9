import { expect, it } from 'vitest';
import { figuresByClient, loginFigures } from '../../../src/figures/login-figures.ts';
import { monthlyReport } from '../../../src/figures/monthly-report.ts';
import { loginCountsOfTests } from '../../../src/store/migrations/0195-login-counts-of-tests.ts';
import { openStore } from '../../../src/store/store.ts';
import { describeStores } from '../../support/stores.ts';
import { counters } from './counters.ts';

const clock = { now: () => new Date('2026-11-24T12:00:00Z') };

describeStores('counters of before the test stage was counted apart', (openUrl) => {
  it('lose services that have never been live in the figures of all services', async () => {
    const store = await openStore(await openUrl(), clock);
    for (const [id, state, wasLive] of [
      ['suap', 'live', true],
      ['back-in-trial', 'test', true],
      ['in-trial', 'waiting', false],
    ] as const) {
      const common = { state, metadata: '{}', version: 1 };
      await store.db
        .insertInto('clients')
        .values({
          ...common,
          id,
          entity_id: 'unione',
          search: id,
          origin: 'console',
          created_at: 0,
          updated_at: 0,
        })
        .execute();
      await store.db
        .insertInto('client_versions')
        .values({ ...common, client_id: id, state: wasLive ? 'live' : 'test', author_hash: null, at: 0 })
        .execute();
    }
    // As they were written then: services in the test stage in the sums over all.
    await store.db
      .insertInto('login_counts')
      .values(
        ['2026-11', '2026-11-23'].flatMap((day) => [
          counters(day, 'total', '', '', 50),
          counters(day, 'total', 'suap', '', 20),
          counters(day, 'total', 'back-in-trial', '', 10),
          counters(day, 'total', 'in-trial', '', 20),
          counters(day, 'provider', '', 'poste', 30),
          counters(day, 'provider', 'suap', 'poste', 20),
          counters(day, 'provider', 'back-in-trial', 'poste', 10),
          counters(day, 'provider', '', 'test-provider', 20),
          counters(day, 'provider', 'in-trial', 'test-provider', 20),
        ]),
      )
      .execute();
    await loginCountsOfTests().up(store.db);

    const all = { entityIds: undefined, clientId: undefined };
    const figures = await loginFigures(store.db, ['2026-11-23'], '2026-11-23', all);
    expect(figures.days).toMatchObject([{ shown: 30, redeemed: 30 }]);
    expect(figures.byProvider).toMatchObject([{ value: 'poste', granted: 30 }]);
    expect(await figuresByClient(store.db, '2026-11-23', 'tests', undefined)).toMatchObject([
      { value: 'in-trial', granted: 20 },
    ]);
    const own = { entityIds: undefined, clientId: 'in-trial' };
    expect((await loginFigures(store.db, ['2026-11-23'], '2026-11-23', own)).byProvider).toMatchObject([
      { value: 'test-provider', granted: 20 },
    ]);
    expect(await monthlyReport(store.db, '2026-11', ['unione'])).toEqual(
      [
        ['total', '', 30],
        ['service', 'back-in-trial', 10],
        ['service', 'suap', 20],
        ['provider', 'poste', 30],
      ].map(([by, value, accesses]) => ({ entityId: 'unione', by, value, accesses })),
    );
    await store.close();
  });
});
