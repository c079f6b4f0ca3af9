import { daysUpTo } from '../../figures/day.ts';
import { figuresBy, figuresByDay, figuresByService } from '../../figures/login-figures.ts';
import { clientNames } from '../../clients/names.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { dayText, loginsBody } from '../pages/logins.ts';
import type { ConsoleRoom, ConsoleRoute } from '../room.ts';

const DAYS = 14;
const ON_A_PAGE = 50;
/** Pages are numbered up to here: nobody reads further. */
const MOST_PAGES = 1000;

/** How far logins got, from counters alone; of one's own bodies. */
export function loginRoutes(room: ConsoleRoom): ConsoleRoute[] {
  return [
    {
      ...{ method: 'GET', path: '/logins', operation: 'logins.read' },
      answer: async ({ language, scope }, { query }) => {
        await room.counts.flush();
        const { db } = room.store;
        const days = daysUpTo(room.clock.now(), DAYS);
        const day = days.find((one) => one === query['day']) ?? days[0] ?? '';
        const service =
          typeof query['service'] === 'string' && query['service'] !== '' ? query['service'] : undefined;
        const page = pageIn(query['page']);
        const filter = { entityIds: scope.entityIds, clientId: service };
        const byDay = await figuresByDay(db, days, filter);
        const byService = service
          ? undefined
          : await figuresByService(db, day, scope.entityIds, {
              ...{ limit: ON_A_PAGE + 1, offset: page * ON_A_PAGE },
            });
        const shown = byService?.slice(0, ON_A_PAGE);
        const names = await clientNames(db, service ? [service] : (shown ?? []).map(({ value }) => value));
        const text = consoleMessages[language].logins;
        const funnel = byDay[days.indexOf(day)];
        if (!funnel) throw new Error('a day without figures');
        return {
          title: text.of(dayText(language, day)),
          body: loginsBody(language, {
            ...{ day, days: byDay, funnel, service, byService: shown },
            byProvider: await figuresBy(db, day, 'provider', filter),
            byLevel: await figuresBy(db, day, 'level', filter),
            byError: await figuresBy(db, day, 'error', filter),
            more: (byService?.length ?? 0) > ON_A_PAGE ? page + 1 : undefined,
            serviceName: (id) => names.get(id)?.[language] ?? `${text.gone} (${id})`,
            providerName: room.providerName,
          }),
        };
      },
    },
  ];
}

function pageIn(value: string | string[] | undefined): number {
  const page = Number(value);
  return Number.isSafeInteger(page) && page > 0 && page < MOST_PAGES ? page : 0;
}
