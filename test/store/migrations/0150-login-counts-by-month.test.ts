import { expect, it } from 'vitest';
import { figuresByClient, loginFigures } from '../../../src/figures/login-figures.ts';
import { monthlyReport } from '../../../src/figures/monthly-report.ts';
import { loginCountsByMonth } from '../../../src/store/migrations/0150-login-counts-by-month.ts';
import { openStore } from '../../../src/store/store.ts';
import { describeStores } from '../../support/stores.ts';
import { counters } from './counters.ts';

const clock = { now: () => new Date('2026-11-24T12:00:00Z') };

describeStores('counters of before there were sources and months', (openUrl) => {
  it('are brought to both, and lose the pages of the gateway itself in the figures of all services', async () => {
    const store = await openStore(await openUrl(), clock);
    // As they were written then: own pages among the services and in the sums over them.
    await store.db
      .insertInto('login_counts')
      .values(
        ['2026-11-22', '2026-11-23'].flatMap((day) => [
          counters(day, 'total', '', '', 25),
          counters(day, 'total', 'suap', '', 20),
          counters(day, 'total', 'gateway-admin', '', 5),
          counters(day, 'provider', 'suap', 'poste', 20),
          counters(day, 'provider', '', 'poste', 20),
          counters(day, 'provider', '', 'aruba', 5),
          counters(day, 'provider', 'gateway-admin', 'aruba', 5),
        ]),
      )
      .execute();
    await loginCountsByMonth().up(store.db);

    const all = { entityIds: undefined, clientId: undefined };
    const figures = await loginFigures(store.db, ['2026-11-23'], '2026-11-23', all);
    expect(figures.days).toMatchObject([{ shown: 20, redeemed: 20 }]);
    expect(figures.byProvider).toMatchObject([{ value: 'poste', granted: 20 }]);
    expect(figures.bySource).toMatchObject([{ value: 'spid', shown: 0, chosen: 20, granted: 20 }]);
    expect(await figuresByClient(store.db, '2026-11-23', 'own-pages', undefined)).toMatchObject([
      { value: 'gateway-admin', granted: 5 },
    ]);
    expect(await monthlyReport(store.db, '2026-11', ['unione'])).toEqual([
      ...[
        ['total', '', 40],
        ['service', 'suap', 40],
        ['provider', 'poste', 40],
        ['source', 'spid', 40],
        ['own-page', 'gateway-admin', 10],
      ].map(([by, value, accesses]) => ({ entityId: 'unione', by, value, accesses })),
    ]);
    await store.close();
  });
});
