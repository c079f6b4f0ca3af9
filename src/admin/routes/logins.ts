import { isOwn } from '../../clients/client.ts';
import { clientNames } from '../../clients/names.ts';
import { wasLive } from '../../clients/registered.ts';
import { daysUpTo } from '../../figures/day.ts';
import { withoutSmall } from '../../figures/kept-figures.ts';
import { figuresByClient, loginFigures, type FigureFilter } from '../../figures/login-figures.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { dayText, loginsBody, ownServicesBody } from '../pages/logins.ts';
import { covers } from '../roles.ts';
import type { Answer, ConsoleRoom, ConsoleRoute, Visit } from '../room.ts';

const DAYS = 14;
const ON_A_PAGE = 50;
/** Pages are numbered up to here: nobody reads further. */
const MOST_PAGES = 1000;

/** How far logins got, from counters alone; of one's own bodies or services. */
export function loginRoutes(room: ConsoleRoom): ConsoleRoute[] {
  /** Whose figures are looked at, and whether small ones are kept back. @throws Refused `client_unknown` (404) */
  async function wanted(
    { scope }: Visit,
    service: string | undefined,
  ): Promise<FigureFilter & { readonly keptBack: boolean }> {
    // The gateway's own pages are no secret; their figures are of the body in whose name they ask.
    if (service === undefined || isOwn({ id: service }))
      return { entityIds: scope.entityIds, clientId: service, keptBack: false };
    const { client } = await room.desk.find(scope, service);
    if (covers(scope, client.entity))
      return { entityIds: scope.entityIds, clientId: service, keptBack: false };
    // Before it was live only invented citizens came: numbers of them tell of nobody.
    const keptBack = await wasLive(room.store.db, service);
    return { entityIds: [client.entity], clientId: service, keptBack };
  }

  async function ownServices({ scope, language }: Visit): Promise<Answer> {
    const names = await clientNames(room.store.db, scope.own?.clientIds ?? []);
    const services = [...names].map(([id, name]) => ({ id, name: name[language] }));
    return {
      title: consoleMessages[language].section.logins,
      body: ownServicesBody(
        language,
        services.toSorted((a, b) => a.name.localeCompare(b.name, language)),
      ),
    };
  }

  return [
    {
      method: 'GET',
      path: '/logins',
      operation: 'logins.read',
      answer: async (visit, { query }) => {
        const { language, scope } = visit;
        const service =
          typeof query['service'] === 'string' && query['service'] !== '' ? query['service'] : undefined;
        if (service === undefined && scope.entityIds?.length === 0) return ownServices(visit);
        const { keptBack, ...filter } = await wanted(visit, service);
        const { db } = room.store;
        await room.counts.flush();
        // From a day that goes on one could read, by looking twice, what happened in between.
        const days = daysUpTo(room.clock.now(), DAYS).slice(keptBack ? 1 : 0);
        const day = days.find((one) => one === query['day']) ?? days[0] ?? '';
        const exact = await loginFigures(db, days, day, filter);
        const figures = keptBack ? withoutSmall(exact, day) : exact;
        const funnel = figures.days[days.indexOf(day)];
        if (!funnel) throw new Error('a day without figures');
        const page = pageIn(query['page']);
        const [byService, byTest, byOwnPage] = service
          ? [undefined, [], []]
          : [
              await figuresByClient(db, day, 'services', scope.entityIds, {
                limit: ON_A_PAGE + 1,
                offset: page * ON_A_PAGE,
              }),
              await figuresByClient(db, day, 'tests', scope.entityIds),
              await figuresByClient(db, day, 'own-pages', scope.entityIds),
            ];
        const shown = byService?.slice(0, ON_A_PAGE);
        const named = [...(shown ?? []), ...byTest, ...byOwnPage].map(({ value }) => value);
        const names = await clientNames(db, service ? [service] : named);
        return {
          title: consoleMessages[language].logins.of(dayText(language, day)),
          body: loginsBody(language, {
            ...figures,
            day,
            funnel,
            keptBack,
            service,
            byService: shown,
            byTest,
            byOwnPage,
            more: (byService?.length ?? 0) > ON_A_PAGE ? page + 1 : undefined,
            serviceName: (id) => names.get(id)?.[language],
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
