import { monthlyReport, monthsUpTo } from '../../../figures/monthly-report.ts';
import { Refused } from '../../../operations/errors.ts';
import { route, type ApiRoom, type ApiRoute } from '../route.ts';
import * as schemas from '../schemas.ts';

/** Monthly use, as the console shows it: no personal data, small numbers kept back. */
export function reportRoutes(room: ApiRoom): ApiRoute[] {
  return [
    route({
      method: 'GET',
      path: '/reports',
      operation: 'reports.read',
      status: 200,
      summary: 'Months of which there are reports, newest first',
      response: schemas.monthPage,
      answer: async () => ({ body: { items: monthsUpTo(room.clock.now()), next: null } }),
    }),
    route({
      method: 'GET',
      path: '/reports/:month',
      operation: 'reports.read',
      status: 200,
      summary: 'How often citizens entered in a month, by body, service, provider, source and level',
      response: schemas.monthlyReport,
      answer: async ({ scope, params: { month = '' } }) => {
        const months = monthsUpTo(room.clock.now());
        if (!months.includes(month))
          throw new Refused('month_unknown', `a month from ${months.at(-1)} to ${months[0]}`, {
            status: 404,
          });
        await room.counts.flush();
        const lines = await monthlyReport(room.store.db, month, scope.entityIds);
        return {
          body: {
            month,
            lines: lines.map(({ entityId, by, value, accesses }) => ({
              entity: entityId || null,
              by,
              value,
              accesses: accesses ?? null,
            })),
          },
        };
      },
    }),
  ];
}
