import { clientNames } from '../../clients/names.ts';
import { monthlyReport, monthsUpTo, reportCsv } from '../../figures/monthly-report.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { breakdownsOf, monthText, reportsBody } from '../pages/reports.ts';
import type { ConsoleRoom, ConsoleRoute } from '../room.ts';

/** Monthly use of one's own bodies, as a page and as a file. */
export function reportRoutes(room: ConsoleRoom): ConsoleRoute[] {
  return [
    {
      method: 'GET',
      path: '/reports',
      operation: 'reports.read',
      answer: async ({ language, scope }, { query }) => {
        await room.counts.flush();
        const months = monthsUpTo(room.clock.now());
        const month = months.find((one) => one === query['month']) ?? months[0] ?? '';
        const breakdowns = breakdownsOf(await monthlyReport(room.store.db, month, scope.entityIds));
        const services = breakdowns.flatMap(({ by, lines }) =>
          by === 'service' || by === 'own-page' ? lines.map(({ value }) => value) : [],
        );
        const names = await clientNames(room.store.db, [...new Set(services)]);
        return {
          title: consoleMessages[language].reports.of(monthText(language, month)),
          body: reportsBody(language, {
            month,
            months,
            breakdowns,
            providerName: room.providerName,
            entityName: (id) => room.entities.get(id)?.organization.displayName[language] ?? id,
            serviceName: (id) => names.get(id)?.[language] ?? id,
          }),
        };
      },
    },
    {
      method: 'GET',
      path: '/reports/csv',
      operation: 'reports.read',
      answer: async ({ scope }, { query }) => {
        await room.counts.flush();
        const months = monthsUpTo(room.clock.now());
        const month = months.find((one) => one === query['month']) ?? months[0] ?? '';
        const csv = reportCsv(month, await monthlyReport(room.store.db, month, scope.entityIds));
        return {
          file: { name: `uso-${month}.csv`, type: 'text/csv; charset=utf-8', bytes: Buffer.from(csv) },
        };
      },
    },
  ];
}
