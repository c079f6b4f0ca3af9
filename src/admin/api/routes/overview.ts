import { daysUpTo } from '../../../figures/day.ts';
import { figuresBy, figuresByDay } from '../../../figures/login-figures.ts';
import { paged } from '../paging.ts';
import { route, type ApiRoom, type ApiRoute } from '../route.ts';
import * as schemas from '../schemas.ts';

const DAYS = 14;

/** What there is to watch: how far logins get, when keys and certificates end, what the gateway was told. */
export function overviewRoutes(room: ApiRoom): ApiRoute[] {
  return [
    route({
      ...{ method: 'GET', path: '/logins', operation: 'logins.read', status: 200 },
      summary:
        'How far logins got in the last two weeks, and today by provider, level and error; from counters',
      response: schemas.loginFigures,
      answer: async ({ scope }) => {
        await room.counts.flush();
        const { db } = room.store;
        const days = daysUpTo(room.clock.now(), DAYS);
        const [today = ''] = days;
        const filter = { entityIds: scope.entityIds, clientId: undefined };
        return {
          body: {
            days: await figuresByDay(db, days, filter),
            byProvider: await figuresBy(db, today, 'provider', filter),
            byLevel: await figuresBy(db, today, 'level', filter),
            byError: await figuresBy(db, today, 'error', filter),
          },
        };
      },
    }),
    route({
      ...{ method: 'GET', path: '/keys', operation: 'keys.read', status: 200 },
      ...{ summary: 'Keys and certificates, what ends first first', response: schemas.keyPage },
      answer: async () => {
        const entries = room.calendar();
        return paged(
          entries,
          entries.length,
          ({ id }) => id,
          ({ kind, id, ends, days, followed }) => ({
            ...{ kind, id, ends, days, followed },
          }),
        );
      },
    }),
    route({
      ...{ method: 'GET', path: '/settings', operation: 'settings.read', status: 200 },
      ...{ summary: 'The settings in force; secrets are never shown', response: schemas.settingPage },
      answer: async () => {
        const { settings } = room;
        return paged(
          settings,
          settings.length,
          ({ key }) => key,
          (setting) => setting,
        );
      },
    }),
  ];
}
